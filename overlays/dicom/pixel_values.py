"""Lists the values that occur in native pixel data, in chunks of constant size."""

from mmap import mmap

import numpy as np

from overlays.dicom.instance import PixelLayout

CHUNK = 1 << 20


def values_present(data: mmap | bytes, layout: PixelLayout) -> frozenset[int] | None:
    """The values in native unsigned pixels of 8 or 16 bits; None for any other form."""
    if layout.encapsulated or layout.length is None or layout.bits_allocated not in (8, 16):
        return None
    size = layout.bits_allocated // 8
    if layout.pixel_representation or layout.length % size:
        return None
    wanted = layout.rows * layout.columns * layout.samples_per_pixel * layout.frames * size
    if wanted > layout.length or wanted < 0:
        return None
    seen = np.zeros(1 << layout.bits_allocated, dtype=bool)
    kind = np.dtype("<u1" if size == 1 else "<u2")
    for start in range(layout.offset, layout.offset + wanted, CHUNK):
        chunk = data[start : min(start + CHUNK, layout.offset + wanted)]
        seen[np.frombuffer(chunk, dtype=kind)] = True
    return frozenset(int(value) for value in np.flatnonzero(seen))
