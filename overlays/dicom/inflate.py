"""Inflates a deflated data set into a file, never into memory, under a bound (PS3.5 A.5)."""

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

from overlays.dicom.faults import FaultKind, Unreadable

CHUNK = 1 << 16


@contextmanager
def inflated(data: mmap, start: int, *, limit: int, scratch: Path | None) -> Iterator[mmap]:
    """The inflated data set as a mapped file, which is gone afterwards.

    ``scratch`` is the folder for it (None: the system's). Raises Unreadable when the stream is broken, when more than one pad
    byte of zero follows it, and when it inflates to more than ``limit`` bytes.
    """
    with tempfile.TemporaryFile(dir=scratch) as sink:
        if not _inflate(data, start, sink, limit):
            raise Unreadable(FaultKind.DEFLATE, "", "The deflated data set is empty.")
        sink.flush()
        with mmap(sink.fileno(), 0, access=ACCESS_READ) as mapped:
            yield mapped


def _inflate(data: mmap, start: int, sink: IO[bytes], limit: int) -> int:
    engine, written, position = zlib.decompressobj(-zlib.MAX_WBITS), 0, start
    while not engine.eof:
        chunk = engine.unconsumed_tail
        if not chunk:
            chunk = data[position : position + CHUNK]
            position += len(chunk)
        try:
            out = engine.decompress(chunk, CHUNK * 16)
        except zlib.error as error:
            raise Unreadable(FaultKind.DEFLATE, "", f"The deflated stream is broken: {error}.") from None
        if not chunk and not out:
            raise Unreadable(FaultKind.DEFLATE, "", "The deflated stream breaks off before its end.")
        written += len(out)
        if written > limit:
            raise Unreadable(FaultKind.INFLATED_SIZE, "", f"The data set inflates to more than {limit} bytes.")
        sink.write(out)
    behind = len(engine.unused_data) + len(data) - position
    if behind > 1 or engine.unused_data.strip(b"\x00") or data[position:].strip(b"\x00"):
        raise Unreadable(
            FaultKind.TRAILING, "", f"{behind} bytes follow the deflated data set; one pad byte of zero is allowed."
        )
    return written
