"""Checks that the values of a mask and the described segments go together, and puts them into the form that is encoded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segment_description import LARGEST_NUMBER, SegmentationType, SegmentationWish, SegmentWish
from overlays.dicom.encode.work import Remark

MOST_TOLD = 10

Counted = tuple[np.ndarray, dict[int, int], int]
"""Pixels, the number of voxels by value in the mask, and the number of planes of all segments."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """What highdicom is given: labels (plane, row, column), or one channel a segment as a fourth axis.

    ``segments`` are the described segments, each with its Segment Number in the object, ascending. ``parts`` counts the planes in which a
    segment has voxels, over all segments.
    """

    array: np.ndarray
    segments: tuple[tuple[int, SegmentWish], ...]
    parts: int
    remarks: tuple[Remark, ...]


def prepared(
    array: np.ndarray, wish: SegmentationWish, limits: EncodingLimits, channels: Sequence[int] = ()
) -> Prepared:
    """The mask in the form that is encoded; the given array is never changed.

    ``channels`` are the numbers of the segments that the channels hold: 1, 2, 3 and so on, unless said.
    Segments of BINARY and FRACTIONAL are numbered 1 to n in the order of their values (PS3.3 C.8.20.2.3); those of a LABELMAP keep
    them. Raises EncodingRefused: MASK_VALUES, EMPTY, TOO_LARGE.
    """
    if wish.form is SegmentationType.FRACTIONAL:
        pixels, counts, parts = _fractions(array, wish, limits)
    elif array.ndim == 4:
        pixels, counts, parts = _channels(array, wish, channels or range(1, array.shape[3] + 1))
    else:
        pixels, counts, parts = _labels(array, wish)
    empty = [segment for segment in wish.segments if not counts.get(segment.number)]
    if len(empty) == len(wish.segments):
        raise EncodingRefused(Reason.EMPTY, "The mask is empty: no voxel belongs to any of the described segments.")
    remarks = [
        Remark(
            "empty-segment", f"The segment {told_segments([segment])} has no voxel; it is described, and has no frame."
        )
        for segment in empty
    ]
    numbers = _numbers(wish)
    if moved := [f"{old} → {new}" for old, new in numbers.items() if old != new]:
        remarks.append(
            Remark(
                "renumbered", f"Segments of the type {wish.form} are numbered from 1: {', '.join(moved[:MOST_TOLD])}."
            )
        )
    return Prepared(
        array=pixels,
        segments=tuple((numbers[segment.number], segment) for segment in wish.segments),
        parts=parts,
        remarks=tuple(remarks),
    )


def _numbers(wish: SegmentationWish) -> dict[int, int]:
    """Segment Number in the object by value in the mask."""
    kept = wish.form is SegmentationType.LABELMAP
    return {segment.number: segment.number if kept else place for place, segment in enumerate(wish.segments, start=1)}


def _smallest(largest: int) -> type[np.unsignedinteger]:
    return np.uint8 if largest <= 255 else np.uint16


def _labels(array: np.ndarray, wish: SegmentationWish) -> Counted:
    numbers = _numbers(wish)
    translate = np.zeros(LARGEST_NUMBER + 1, _smallest(max(numbers.values())))
    for old, new in numbers.items():
        translate[old] = new
    found, parts = np.zeros(LARGEST_NUMBER + 1, np.int64), 0
    out = np.empty(array.shape, translate.dtype)
    for number, plane in enumerate(array):
        values = _whole(plane)
        counts = np.bincount(values.ravel())
        found[: len(counts)] += counts
        parts += int(np.count_nonzero(counts[1:]))
        out[number] = translate[values]
    strangers = [int(value) for value in np.flatnonzero(found) if value and int(value) not in numbers]
    if strangers:
        some = ", ".join(f"{value} ({found[value]} voxels)" for value in strangers[:MOST_TOLD])
        raise _refused(f"The mask holds {len(strangers)} value(s) that no segment describes: {some}.")
    return out, {value: int(found[value]) for value in numbers}, parts


def _whole(plane: np.ndarray) -> np.ndarray:
    """A plane of labels as an array that can index: whole numbers from 0 to 65,535."""
    if plane.dtype.kind == "b":
        return plane.astype(np.uint8)
    if plane.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            wrong = plane[~(plane == np.rint(plane))]
        if wrong.size:
            raise _refused(
                f"The mask holds {wrong[0]:.6g}, which is no whole number: labels are whole, and probabilities need the type "
                f"FRACTIONAL."
            )
    if plane.size and not (plane.min() >= 0 and plane.max() <= LARGEST_NUMBER):
        value = plane.min() if plane.min() < 0 else plane.max()
        raise _refused(f"The mask holds the value {value:.6g}; segments are numbered from 1 to {LARGEST_NUMBER}.")
    return plane.astype(_smallest(int(plane.max()) if plane.size else 0), copy=False)


def _channels(array: np.ndarray, wish: SegmentationWish, channels: Sequence[int]) -> Counted:
    """One channel a segment, zeros and ones; as labels where no two overlap."""
    _check_channels(array, wish, channels)
    numbers, counts = _numbers(wish), dict.fromkeys(channels, 0)
    labels = np.zeros(array.shape[:3], _smallest(max(numbers.values())))
    overlap: tuple[int, int] | None = None
    parts = 0
    for number, plane in enumerate(array):
        for place, channel in enumerate(channels):
            part = _binary(plane[..., place])
            count = int(part.sum())
            if not count:
                continue
            counts[channel] += count
            parts += 1
            if channel not in numbers:
                raise _refused(f"Channel {channel} of the mask has voxels, but no segment has this number.")
            if overlap is None and labels[number][part].any():
                overlap = (int(labels[number][part].max()), numbers[channel])
            labels[number][part] = numbers[channel]
    if overlap is None:
        return labels, counts, parts
    if wish.form is SegmentationType.LABELMAP:
        raise _refused(f"The segments {overlap[0]} and {overlap[1]} overlap; a LABELMAP holds one segment a voxel.")
    stacked = np.empty((*array.shape[:3], len(numbers)), np.uint8)
    for place, number in enumerate(numbers):
        for index in range(len(array)):
            stacked[index, ..., place] = array[index, ..., channels.index(number)] != 0
    return stacked, counts, parts


def _binary(plane: np.ndarray) -> np.ndarray:
    part = plane != 0
    if part.any() and not (plane[part] == 1).all():
        value = plane[part][plane[part] != 1][0]
        raise _refused(f"A channel of the mask holds {value:.6g}: with one channel a segment, voxels are 0 or 1.")
    return part


def _check_channels(array: np.ndarray, wish: SegmentationWish, channels: Sequence[int]) -> None:
    beyond = [segment for segment in wish.segments if segment.number not in channels]
    if beyond:
        raise _refused(
            f"The mask has {array.shape[3]} channel(s), so there is none for the segment(s) {told_segments(beyond)}."
        )


def _fractions(array: np.ndarray, wish: SegmentationWish, limits: EncodingLimits) -> Counted:
    """Floats from 0 to 1, each the nearest step of Maximum Fractional Value."""
    if array.ndim == 3:
        if len(wish.segments) != 1:
            raise _refused(
                f"A FRACTIONAL mask of {len(wish.segments)} segments has a channel for each; this one has none."
            )
        array, channels = array[..., None], [1]
        names = [wish.segments[0].number]
    else:
        _check_channels(array, wish, range(1, array.shape[3] + 1))
        channels = names = [segment.number for segment in wish.segments]
    voxels = int(np.prod(array.shape[:3])) * len(channels)
    if voxels > limits.max_fractional_voxels:
        raise EncodingRefused(
            Reason.TOO_LARGE,
            f"The mask has {voxels} fractions; {limits.max_fractional_voxels} are taken in one object.",
        )
    counts, steps = dict.fromkeys(names, 0), np.float32(wish.maximum_fractional_value)
    out, parts = np.empty((*array.shape[:3], len(channels)), np.float32), 0
    for index, plane in enumerate(array):
        low, high = float(plane.min()), float(plane.max())
        if not (low >= 0 and high <= 1):
            value = low if not low >= 0 else high
            raise _refused(f"The mask holds the value {value:.6g}; fractions lie between 0 and 1.")
        if array.shape[3] > len(channels):
            others = [channel for channel in range(1, array.shape[3] + 1) if channel not in channels]
            if any(plane[..., channel - 1].any() for channel in others):
                raise _refused(
                    f"Of the channels {others[:MOST_TOLD]} of the mask, which no segment describes, one has voxels."
                )
        for place, (channel, name) in enumerate(zip(channels, names, strict=True)):
            stepped = np.rint(plane[..., channel - 1].astype(np.float32) * steps)
            count = int(np.count_nonzero(stepped))
            counts[name] += count
            parts += bool(count)
            out[index, ..., place] = stepped / steps
    return out, counts, parts


def told_segments(segments: Sequence[SegmentWish]) -> str:
    """Segments in a sentence."""
    return ", ".join(f"{segment.number} ({segment.label})" for segment in segments[:MOST_TOLD])


def _refused(sentence: str) -> EncodingRefused:
    return EncodingRefused(Reason.MASK_VALUES, sentence)
