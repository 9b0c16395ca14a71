"""Reads where each frame of a multi-frame object lies, what it shows and of which images."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet, numbers_of
from overlays.dicom.scan import Scan
from overlays.dicom.stored import open_stored
from overlays.dicom.tags import tag_of

Position = tuple[float, float, float]
Orientation = tuple[float, ...]

SEGMENT_IDENTIFICATION = tag_of("SegmentIdentificationSequence")
SEGMENT_NUMBER = tag_of("ReferencedSegmentNumber")
PLANE_POSITION = tag_of("PlanePositionSequence")
IMAGE_POSITION = tag_of("ImagePositionPatient")
PLANE_ORIENTATION = tag_of("PlaneOrientationSequence")
IMAGE_ORIENTATION = tag_of("ImageOrientationPatient")
PIXEL_MEASURES = tag_of("PixelMeasuresSequence")
THICKNESSES = (tag_of("SliceThickness"), tag_of("SpacingBetweenSlices"))
DERIVATION_IMAGE = tag_of("DerivationImageSequence")
SOURCE_IMAGE = tag_of("SourceImageSequence")
SOP_INSTANCE = tag_of("ReferencedSOPInstanceUID")


@dataclass(frozen=True)
class FramePlace:
    """One frame, counted from 1: its segments, the source instances it names, Image Position (Patient), Image Orientation (Patient).

    ``thickness`` is the smaller one of Slice Thickness and Spacing Between Slices. All in millimetres, None where not told.
    """

    number: int
    segment_numbers: tuple[int, ...]
    source_sop_instance_uids: tuple[str, ...]
    position: Position | None
    orientation: Orientation | None = None
    thickness: float | None = None


def frame_places(path: Path, *, bounds: Bounds | None = None, scratch: Path | None = None) -> tuple[FramePlace, ...]:
    """The place of every frame of a stored segmentation, in the order of the frames.

    Raises Unreadable as ``open_stored`` does.
    """
    with open_stored(path, bounds=bounds, scratch=scratch) as stored:
        return places_of(stored.root)


def places_of(root: DataSet) -> tuple[FramePlace, ...]:
    """The places, from the per-frame functional groups, and from the shared ones for what those leave out (PS3.3 C.7.6.16)."""
    reader = _Reader(root.scan)
    shared_row = root.row_of("SharedFunctionalGroupsSequence")
    shared = _Groups()
    for item in root.scan.children(shared_row) if shared_row is not None else ():
        shared = reader.groups(item)
    frames_row = root.row_of("PerFrameFunctionalGroupsSequence")
    all_segments = _described(root)
    places = []
    for number, item in enumerate(root.scan.children(frames_row) if frames_row is not None else (), start=1):
        own = reader.groups(item)
        segment = own.segment if own.segment is not None else shared.segment
        places.append(
            FramePlace(
                number=number,
                segment_numbers=(segment,) if segment is not None else all_segments,
                source_sop_instance_uids=own.sources or shared.sources,
                position=own.position or shared.position,
                orientation=own.orientation or shared.orientation,
                thickness=own.thickness or shared.thickness,
            )
        )
    return tuple(places)


@dataclass
class _Groups:
    """What functional groups say of a frame's place."""

    segment: int | None = None
    position: Position | None = None
    orientation: Orientation | None = None
    thickness: float | None = None
    sources: tuple[str, ...] = field(default=())


class _Reader:
    """Reads the groups that place a frame; equal bytes are decoded once."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self._uids: dict[bytes, str] = {}
        self._numbers: dict[tuple[bytes, int], tuple[float, ...]] = {}

    def groups(self, item: int) -> _Groups:
        tags, ends = self.scan.tags, self.scan.ends
        found = _Groups()
        row, end = item + 1, ends[item]
        while row < end:
            tag = tags[row]
            if tag == SEGMENT_IDENTIFICATION:
                for leaf in self._leaves(row, SEGMENT_NUMBER):
                    found.segment = int.from_bytes(self.scan.value(leaf), "little")
            elif tag == PLANE_POSITION:
                for leaf in self._leaves(row, IMAGE_POSITION):
                    found.position = self._of(leaf, 3)
            elif tag == PLANE_ORIENTATION:
                for leaf in self._leaves(row, IMAGE_ORIENTATION):
                    found.orientation = self._of(leaf, 6)
            elif tag == PIXEL_MEASURES:
                told = [self._of(leaf, 1) for wanted in THICKNESSES for leaf in self._leaves(row, wanted)]
                found.thickness = thinnest(each[0] for each in told if each)
            elif tag == DERIVATION_IMAGE:
                uids = (
                    self._uid(leaf)
                    for inner in self._leaves(row, SOURCE_IMAGE)
                    for leaf in self._leaves(inner, SOP_INSTANCE)
                )
                found.sources = tuple(dict.fromkeys((*found.sources, *uids)))
            row = ends[row]
        return found

    def _leaves(self, sequence: int, wanted: int) -> list[int]:
        """Rows of one attribute in the items of a sequence."""
        tags, ends = self.scan.tags, self.scan.ends
        found = []
        item, last = sequence + 1, ends[sequence]
        while item < last:
            row, end = item + 1, ends[item]
            while row < end:
                if tags[row] == wanted:
                    found.append(row)
                row = ends[row]
            item = end
        return found

    def _uid(self, row: int) -> str:
        value = self.scan.value(row)
        if value not in self._uids:
            self._uids[value] = value.rstrip(b"\x00 ").decode("ascii", "replace")
        return self._uids[value]

    def _of(self, row: int, many: int) -> tuple[float, ...] | None:
        key = self.scan.value(row), self.scan.vrs[row]
        if key not in self._numbers:
            self._numbers[key] = tuple(map(float, numbers_of(*key) or ()))
        numbers = self._numbers[key]
        return numbers if len(numbers) == many else None


def thinnest(told: Iterable[float]) -> float | None:
    """The smallest of the thicknesses and spacings that are any, in millimetres."""
    return min((abs(each) for each in told if isfinite(each) and each != 0), default=None)


def _described(root: DataSet) -> tuple[int, ...]:
    """Numbers of the segments described, without the background of a label map (PS3.3 C.8.20.2.4)."""
    padding = root.integer("PixelPaddingValue")
    numbers = (item.integer("SegmentNumber") for item in root.each("SegmentSequence"))
    return tuple(number for number in numbers if number is not None and number != padding)
