"""Rules about the pixels that frames of a segmentation set, as far as they can be seen without decoding."""

from collections.abc import Iterator

import numpy as np

from overlays.dicom.rules.rule import SEGMENTATIONS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path


def _denied_overlap(subject: Subject) -> Iterator[Breach]:
    """Silent where the pixels are compressed or fractional, or frames are placed by their order alone."""
    if subject.data_set.text("SegmentsOverlap") == "NO" and subject.overlaps:
        yield (
            path("SegmentsOverlap"),
            f"The object says that segments do not overlap; in {len(subject.overlaps)} place(s) they do.",
        )


def _overlap_unsaid(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type != "LABELMAP" and subject.data_set.is_empty("SegmentsOverlap"):
        yield path("SegmentsOverlap"), "The object does not say whether its segments overlap."


def _empty(subject: Subject) -> np.ndarray | None:
    """Which frames set no pixel, of binary and fractional segmentations whose frames are as many and as they say."""
    wanted = {"BINARY": 1, "FRACTIONAL": 8}.get(subject.segmentation_type)
    if subject.layout is None or subject.layout.bits_allocated != wanted or subject.empty_frames is None:
        return None
    return subject.empty_frames if len(subject.empty_frames) == len(subject.groups.per_frame) else None


def _wholly_empty(subject: Subject) -> set[int]:
    """Segments that have frames, none of which sets a pixel."""
    empty, groups = _empty(subject), subject.groups
    if empty is None:
        return set()
    used: set[int] = set()
    seen: set[int] = set()
    for frame, is_empty in zip(groups.per_frame, empty.tolist(), strict=True):
        number = groups.segment(frame)
        if number is not None:
            seen.add(number)
            if not is_empty:
                used.add(number)
    return seen - used


def _empty_segments(subject: Subject) -> Iterator[Breach]:
    """Silent where the pixels are compressed. Of a label map another rule tells segments without pixels."""
    for number in sorted(_wholly_empty(subject)):
        yield (
            path("PixelData"),
            f"No frame of segment {number} sets a pixel; older OHIF does not end loading such a segment.",
        )


def _empty_frames(subject: Subject) -> Iterator[Breach]:
    """Silent where the pixels are compressed, and of label maps, whose frames may well show background alone."""
    empty, groups = _empty(subject), subject.groups
    if empty is None:
        return
    told = _wholly_empty(subject)
    numbers = [
        number
        for number, (frame, is_empty) in enumerate(zip(groups.per_frame, empty.tolist(), strict=True), 1)
        if is_empty and groups.segment(frame) not in told
    ]
    if numbers:
        yield path("PixelData"), f"{len(numbers)} of {len(empty)} frames set no pixel; the first is frame {numbers[0]}."


RULES: tuple[Rule, ...] = rules(
    (error, "SEG-024", "Segments that overlap are not said not to.", "PS3.3 C.8.20.2.3", _denied_overlap),
    (warning, "SEG-025", "Segments Overlap is stated.", "PS3.3 C.8.20.2", _overlap_unsaid),
    (warning, "SEG-026", "Frames are not empty.", "PS3.3 C.8.20.2", _empty_frames),
    (warning, "SEG-027", "Every segment that has frames sets pixels.", "PS3.3 C.8.20.2", _empty_segments),
    applies=SEGMENTATIONS,
)
