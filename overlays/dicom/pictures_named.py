"""Says to which images, and to which of their frames, a part of a presentation state applies (PS3.3 Table 10-3)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import frame_numbers

MOST_IMAGES = 5000
MOST_NAMED = 200_000
"""Frames of images that all parts of one kind name together."""
ALL = 0
"""Stands for every frame of an image: frames count from 1."""
Value = TypeVar("Value")
Named = tuple[str, int]
"""SOP Instance UID and frame."""


def frames_of(reference: DataSet) -> tuple[int, ...]:
    """The frames that a reference names; ALL where it names none, and nothing where they cannot be read."""
    written = reference.raw("ReferencedFrameNumber")
    if not written.strip(b" \x00"):
        return (ALL,)
    return tuple(number for number in frame_numbers(written, MOST_IMAGES) if number > 0)


def named_by(item: DataSet) -> Iterator[Named]:
    """What Referenced Image Sequence of an item names."""
    for reference in islice(item.each("ReferencedImageSequence"), MOST_IMAGES):
        uid = reference.text("ReferencedSOPInstanceUID")
        yield from ((uid, frame) for frame in frames_of(reference))


class ByImage(Generic[Value]):
    """What applies to each frame: the first that names it, else the first for its image, else the first that names no image."""

    def __init__(self, items: Iterable[tuple[DataSet, Value]]) -> None:
        self._found: dict[Named, Value] = {}
        left = MOST_NAMED
        for item, value in items:
            places = list(islice(named_by(item), left)) if item.count("ReferencedImageSequence") else [("", ALL)]
            left -= len(places)
            for place in places:
                self._found.setdefault(place, value)

    def of(self, sop_instance_uid: str, frame: int) -> Value | None:
        """What applies to one frame; None where nothing does."""
        for place in ((sop_instance_uid, frame), (sop_instance_uid, ALL), ("", ALL)):
            if place in self._found:
                return self._found[place]
        return None
