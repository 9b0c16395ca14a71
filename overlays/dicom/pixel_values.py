"""Looks through native pixels of 8 or 16 bits in chunks of constant size: which values occur, which frames are empty."""

from mmap import mmap

import numpy as np

from overlays.dicom.instance import PixelLayout
from overlays.dicom.read_in_place import CHUNK, Released

WORD = np.dtype("<u8")


def values_present(data: mmap | bytes, layout: PixelLayout) -> frozenset[int] | None:
    """The values in native unsigned pixels of 8 or 16 bits; None for any other form."""
    size = _native_bytes(layout)
    if not size:
        return None
    seen = np.zeros(1 << layout.bits_allocated, dtype=bool)
    kind = np.dtype("<u1" if layout.bits_allocated == 8 else "<u2")
    with Released(data, layout.offset) as source:
        for start in range(0, size, CHUNK):
            chunk = source.read(start, min(CHUNK, size - start))
            # Most pixels of a result are background: eight bytes of zero are passed over at once.
            whole = len(chunk) // WORD.itemsize * WORD.itemsize
            words = np.frombuffer(chunk, WORD, count=whole // WORD.itemsize)
            kept = words[words != 0]
            seen[0] |= len(kept) < len(words)
            seen[kept.view(kind)] = True
            seen[np.frombuffer(chunk, kind, offset=whole)] = True
    return frozenset(int(value) for value in np.flatnonzero(seen))


def empty_frames(data: mmap | bytes, layout: PixelLayout) -> np.ndarray | None:
    """Which frames are zero throughout, ``bool`` of shape (frames,), of native pixels of 8 or 16 bits; None for any other form."""
    size = _native_bytes(layout)
    if not size:
        return None
    empty = np.ones(layout.frames, bool)
    of_frame = size // layout.frames
    with Released(data, layout.offset) as source:
        for index in range(layout.frames):
            for start in range(0, of_frame, CHUNK):
                piece = source.read(index * of_frame + start, min(CHUNK, of_frame - start))
                if piece != bytes(len(piece)):
                    empty[index] = False
                    break
    return empty


def _native_bytes(layout: PixelLayout) -> int:
    """Bytes of all frames; 0 where the form is another or the value shorter than that."""
    if layout.encapsulated or layout.floating or layout.length is None or layout.bits_allocated not in (8, 16):
        return 0
    size = layout.bits_allocated // 8
    if layout.pixel_representation or layout.length % size or min(layout.rows, layout.columns, layout.frames) < 1:
        return 0
    wanted = layout.rows * layout.columns * layout.samples_per_pixel * layout.frames * size
    return wanted if 0 < wanted <= layout.length else 0
