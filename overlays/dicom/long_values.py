"""Reads values that may be as long as the file, a piece of constant size at a time: decimal strings and arrays of binary numbers."""

from collections.abc import Iterator

import numpy as np

from overlays.dicom.element_table import Scan

PIECE = 1 << 16
"""Bytes of text looked at together."""
BINARY_PIECE = 1 << 20
"""The same of binary numbers."""
PADDING = b" \x00"


def count_decimals(scan: Scan, row: int) -> int:
    """How many values a decimal string has, by its backslashes alone; none when it is empty."""
    start, end = scan.offsets[row], scan.offsets[row] + scan.lengths[row]
    found = sum(scan.data[at : min(at + BINARY_PIECE, end)].count(b"\\") for at in range(start, end, BINARY_PIECE))
    return found + 1 if found or scan.data[start : min(start + PIECE, end)].strip(PADDING) else 0


def decimal_pieces(scan: Scan, row: int) -> Iterator[bytes]:
    """A decimal string in pieces of about 64 KiB, cut at backslashes. A run of 64 KiB without one is no number, and given as it is."""
    at, end = scan.offsets[row], scan.offsets[row] + scan.lengths[row]
    while at < end:
        piece = scan.data[at : min(at + PIECE, end)]
        cut = piece.rfind(b"\\") if at + len(piece) < end else -1
        if cut < 0:
            yield piece
            at += len(piece)
        else:
            yield piece[:cut]
            at += cut + 1


def decimals(scan: Scan, row: int) -> np.ndarray | None:
    """The numbers of a decimal string as float64; None when one of them is none. The caller bounds how many there are."""
    parts = scan.value(row).strip(PADDING).split(b"\\")
    try:
        return np.fromiter(map(float, parts), np.float64, len(parts))
    except ValueError:
        return None


def binary_pieces(scan: Scan, row: int, kind: str) -> Iterator[np.ndarray]:
    """The numbers of a binary value, about a megabyte at a time; ``kind`` as numpy writes it. Bytes that fill no number are left out."""
    dtype = np.dtype(kind)
    start = scan.offsets[row]
    end = start + scan.lengths[row] // dtype.itemsize * dtype.itemsize
    for at in range(start, end, BINARY_PIECE):
        yield np.frombuffer(scan.data[at : min(at + BINARY_PIECE, end)], dtype)
