"""Reads palette color lookup tables, plain and segmented (PS3.3 C.7.6.3.1.5, C.7.9)."""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from overlays.dicom.dataset import DataSet

COLOURS = ("Red", "Green", "Blue")
MOST_ENTRIES = 1 << 16
DISCRETE, LINEAR = 0, 1
"""Opcodes of segmented data (PS3.3 C.7.9.2)."""


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours from the stored value ``first`` on: ``uint8`` of shape (entries, 3). Values outside take the nearest end."""

    first: int
    colours: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """RGB of stored values: ``uint8`` of shape (rows, columns, 3)."""
        return self.colours[np.clip(values.astype(np.int64) - self.first, 0, len(self.colours) - 1)]

    def over(self, grey: np.ndarray) -> np.ndarray:
        """RGB of 8-bit grey: the palette stretched over all its shades."""
        return self.colours[(grey.astype(np.int64) * (len(self.colours) - 1) + 127) // 255]


def read_palette(holder: DataSet) -> Palette | None:
    """The palette that a data set holds; None without one, or where it is broken."""
    parts, first = [], 0
    for colour in COLOURS:
        described = holder.numbers(f"{colour}PaletteColorLookupTableDescriptor")
        if not described or len(described) != 3:
            return None
        entries, first, bits = int(described[0]) % MOST_ENTRIES or MOST_ENTRIES, int(described[1]), int(described[2])
        values = _entries(holder, colour, entries, bits)
        if values is None or bits not in (8, 16):
            return None
        parts.append(values if bits == 8 else values >> 8)
    return Palette(first, np.stack(parts, axis=1).astype(np.uint8))


def _entries(holder: DataSet, colour: str, entries: int, bits: int) -> np.ndarray | None:
    plain, segmented = f"{colour}PaletteColorLookupTableData", f"Segmented{colour}PaletteColorLookupTableData"
    data = holder.raw(plain)[: 2 * MOST_ENTRIES]
    if data:
        # 8-bit entries stand one a byte, or by an old habit one a word.
        kind = "<u1" if bits == 8 and len(data) < 2 * entries else "<u2"
        values = np.frombuffer(data[: len(data) - len(data) % np.dtype(kind).itemsize], kind)[:entries]
        return values.astype(np.int64) if len(values) == entries else None
    data = holder.raw(segmented)[: 2 * MOST_ENTRIES]
    return _expanded(data, entries, "<u1" if bits == 8 else "<u2") if data else None


def _expanded(data: bytes, entries: int, kind: str) -> np.ndarray | None:
    words = np.frombuffer(data[: len(data) - len(data) % np.dtype(kind).itemsize], kind).astype(np.int64).tolist()
    found: list[int] = []
    at = 0
    while at + 2 <= len(words) and len(found) < entries:
        code, length = words[at], words[at + 1]
        if code == DISCRETE:
            found += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif code == LINEAR and found and length and at + 2 < len(words):
            found += np.linspace(found[-1], words[at + 2], length + 1)[1:].round().astype(int).tolist()
            at += 3
        else:  # indirect segments are allowed in 16 bits and written by nobody
            return None
    values = list(islice(found, entries))
    return np.array(values, np.int64) if len(values) == entries else None
