"""Combines masks that come as one file a segment, as TotalSegmentator writes them, into one mask."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.mask_values import told_segments
from overlays.dicom.encode.masks.mask import Mask, geometry_told, same_geometry
from overlays.dicom.encode.masks.names import stem
from overlays.dicom.encode.masks.read import read_mask
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segment_description import SegmentationType, SegmentationWish, SegmentWish
from overlays.dicom.encode.totalsegmentator import STRUCTURES

Named = tuple[SegmentWish, Path]
"""A segment and its file."""


def is_by_class(files: Sequence[Path], wish: SegmentationWish) -> bool:
    """Whether each file is the mask of one segment: several that are not all PNG images, or a segment names its file."""
    several = len(files) > 1 and not all(path.name.lower().endswith(".png") for path in files)
    named = any(segment.file for segment in wish.segments) and wish.form is not SegmentationType.FRACTIONAL
    return several or named


def combined(files: Sequence[Path], wish: SegmentationWish, limits: EncodingLimits) -> Mask:
    """One mask of labels; of one channel a segment, named in ``segments``, where segments of a BINARY segmentation overlap.

    One file is held at a time beside the labels, or beside the channels, which count as voxels. A file belongs to the segment whose
    ``file``, else whose label, is its name without endings. Raises EncodingRefused: what reading a file raises, with its segment;
    MASK_VALUES where files and segments do not go together; GEOMETRY where two do not lie on one grid; TOO_LARGE.
    """
    if wish.form is SegmentationType.FRACTIONAL:
        raise _refused("The mask of a FRACTIONAL segmentation comes in one file, with a channel a segment.")
    named = _named(files, wish)
    labels, overlap = _labels(named, limits)
    if overlap is None:
        return labels
    if wish.form is SegmentationType.LABELMAP:
        raise _refused(f"The masks of {overlap} overlap; a LABELMAP holds one segment a voxel.")
    voxels = labels.array.size * len(named)
    if voxels > limits.max_voxels:
        raise EncodingRefused(
            Reason.TOO_LARGE,
            f"The masks of {overlap} overlap, so that each of the {len(named)} needs a channel: {voxels} voxels; "
            f"{limits.max_voxels} are taken.",
        )
    return _channels(named, labels, limits)


def _named(files: Sequence[Path], wish: SegmentationWish) -> list[Named]:
    """The segments in their order, each with its file."""
    segments: dict[str, SegmentWish] = {}
    for segment in wish.segments:
        other = segments.setdefault(stem(segment.file or segment.label), segment)
        if other is not segment:
            raise _refused(
                f"The segments {told_segments([other])} and {told_segments([segment])} would have mask files of one name; file must "
                "name that of each."
            )
    found: dict[int, Path] = {}
    for place, path in enumerate(files, start=1):
        name = stem(path.name)
        segment = segments.get(name)
        if segment is None:  # a name that is no class may be the patient's
            told = f"{place} ({name})" if name in STRUCTURES else str(place)
            raise _refused(
                f"Mask file {told} is named after none of the {len(segments)} segments, by file or by label."
            )
        if segment.number in found:
            raise _refused(f"Two mask files are named after the segment {told_segments([segment])}.")
        found[segment.number] = path
    if without := [segment for segment in wish.segments if segment.number not in found]:
        raise _refused(f"There is no mask file for the segment(s) {told_segments(without)}.")
    return [(segment, found[segment.number]) for segment in wish.segments]


def _labels(named: Sequence[Named], limits: EncodingLimits) -> tuple[Mask, str | None]:
    """The numbers of the segments, and the names of two that overlap; then the labels are not complete."""
    mask = _read(named[0], limits)
    largest = named[-1][0].number
    labels = replace(mask, array=np.zeros_like(mask.array, np.uint8 if largest <= 255 else np.uint16, subok=False))
    _enter(mask, labels.array, named[0][0].number)
    for each in named[1:]:
        segment, mask = each[0], None  # let go before the next is read
        mask = _read(each, limits)
        _check_geometry(named[0][0], labels, segment, mask)
        other = _enter(mask, labels.array, segment.number)
        if other:
            before = next(known for known, _ in named if known.number == other)
            return labels, f"{before.label} and {segment.label}"
    return labels, None


def _enter(mask: Mask, labels: np.ndarray, number: int) -> int:
    """Put a segment among the labels; the number of one that is there already, else 0."""
    axis = int(np.argmax(np.abs(labels.strides)))  # the slowest, so that planes lie together in memory
    for plane, into in zip(np.moveaxis(mask.array, axis, 0), np.moveaxis(labels, axis, 0), strict=True):
        if not plane.any():
            continue
        part = plane != 0
        there = into[part]
        if there.any():
            return int(there.max())
        into[part] = number
    return 0


def _channels(named: Sequence[Named], labels: Mask, limits: EncodingLimits) -> Mask:
    """Every file once more, one channel each."""
    array = np.zeros((*labels.array.shape, len(named)), np.bool_)
    for place, each in enumerate(named):
        mask = None  # let go before the next is read
        mask = _read(each, limits)
        _check_geometry(named[0][0], labels, each[0], mask)
        array[..., place] = mask.array
    return replace(labels, array=array, segments=tuple(segment.number for segment, _ in named))


def _check_geometry(first: SegmentWish, labels: Mask, segment: SegmentWish, mask: Mask) -> None:
    if not same_geometry(labels, mask):
        raise EncodingRefused(
            Reason.GEOMETRY,
            f"The masks of {first.label} and {segment.label} have different geometries. "
            f"{first.label}: {geometry_told(labels.array.shape, labels.affine)}. "
            f"{segment.label}: {geometry_told(mask.array.shape, mask.affine)}.",
        )


def _read(named: Named, limits: EncodingLimits) -> Mask:
    """A mask of zeros and ones on three axes. Raises EncodingRefused with the segment in its sentence."""
    segment, path = named
    try:
        mask = read_mask([path], limits)
    except EncodingRefused as refused:
        raise EncodingRefused(refused.reason, f"The mask of {segment.label}: {refused.sentence}") from None
    if mask.array.ndim != 3:
        raise _refused(f"The mask of {segment.label} has channels; with one file a segment it has none.")
    axis = int(np.argmax(np.abs(mask.array.strides)))
    for plane in np.moveaxis(mask.array, axis, 0):
        if plane.dtype.kind != "f" and plane.min() >= 0 and plane.max() <= 1:
            continue  # most of what comes, told in a third of the time
        wrong = plane[(plane != 0) & (plane != 1)]
        if wrong.size:
            raise _refused(
                f"The mask of {segment.label} holds {wrong[0]:.6g}: with one file a segment, voxels are 0 or 1."
            )
    return mask


def _refused(sentence: str) -> EncodingRefused:
    return EncodingRefused(Reason.MASK_VALUES, sentence)
