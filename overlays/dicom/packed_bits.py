"""Counts the pixels of native 1-bit frames, and finds frames that overlap, on the packed bits and in constant memory."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from mmap import mmap

import numpy as np

from overlays.dicom.instance import PixelLayout
from overlays.dicom.read_in_place import CHUNK, Released

MOST_PAIRS = 20_000
"""Of frames compared one with another, in one object: enough to name who overlaps, few enough to stay linear."""


def holds_packed_bits(layout: PixelLayout) -> bool:
    """Whether pixels are native, of 1 bit, and as many as the layout claims (PS3.5 8.1.1)."""
    if layout.encapsulated or layout.floating or layout.bits_allocated != 1 or layout.samples_per_pixel != 1:
        return False
    bits = layout.frames * layout.rows * layout.columns
    return min(layout.frames, layout.rows, layout.columns) > 0 and (bits + 7) // 8 <= (layout.length or 0)


def pixel_counts(data: mmap | bytes, layout: PixelLayout) -> np.ndarray | None:
    """How many pixels each frame sets, ``int64`` of shape (frames,); None where they cannot be had without decoding."""
    if not holds_packed_bits(layout):
        return None
    counts = np.zeros(layout.frames, np.int64)
    bits = layout.rows * layout.columns
    with Released(data, layout.offset) as source:
        if bits % 8:
            for index in range(layout.frames):
                counts[index] = _count(_frame(source, layout, index))
            return counts
        size = bits // 8
        at_once = max(1, CHUNK // size)
        kind = np.dtype("<u8" if size % 8 == 0 else "u1")
        for first in range(0, layout.frames, at_once):
            last = min(first + at_once, layout.frames)
            block = np.frombuffer(source.read(first * size, (last - first) * size), kind).reshape(last - first, -1)
            counts[first:last] = np.bitwise_count(block).sum(axis=1, dtype=np.int64)
    return counts


def overlaps(
    data: mmap | bytes, layout: PixelLayout, counts: np.ndarray, places: Sequence[Sequence[int]]
) -> Iterator[tuple[tuple[int, int], ...]]:
    """For every place where frames overlap, the pairs of them that do.

    ``places`` has the indices, from 0, of the frames that lie at one place; ``counts`` is what ``pixel_counts`` gave. Every place
    that overlaps is told; behind ``MOST_PAIRS`` comparisons without its pairs. Frames overlap when together they set fewer pixels
    than each of them alone does in sum, so that where none do each frame is read once.
    """
    left = MOST_PAIRS
    with Released(data, layout.offset) as source:
        for place in places:
            frames = [index for index in place if counts[index]]
            if len(frames) < 2:
                continue
            union = np.array(_frame(source, layout, frames[0]))
            for index in frames[1:]:
                np.bitwise_or(union, _frame(source, layout, index), out=union)
            if _count(union) == int(counts[frames].sum()):
                continue
            found = []
            for one, other in combinations(frames, 2):
                left -= 1
                if left < 0:
                    break
                if np.bitwise_and(_frame(source, layout, one), _frame(source, layout, other)).any():
                    found.append((one, other))
            yield tuple(found)


def _count(frame: np.ndarray) -> int:
    return int(np.bitwise_count(frame).sum(dtype=np.int64))


def _frame(source: Released, layout: PixelLayout, index: int) -> np.ndarray:
    """One frame as bytes that begin with its first pixel; bits behind its last pixel are 0."""
    bits = layout.rows * layout.columns
    start, shift = divmod(index * bits, 8)
    packed = np.frombuffer(source.read(start, (shift + bits + 7) // 8), np.uint8)
    if shift:
        moved = packed >> shift
        moved[:-1] |= packed[1:] << (8 - shift)
        packed = moved[: (bits + 7) // 8]
    if bits % 8:
        packed = np.array(packed)
        packed[-1] &= (1 << bits % 8) - 1
    return packed
