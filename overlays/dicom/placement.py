"""Says which frames of a segmentation lie on which source image."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet, numbers_of
from overlays.dicom.instance import Grid
from overlays.dicom.scan import Scan
from overlays.dicom.stored import open_stored
from overlays.dicom.tags import tag_of

Position = tuple[float, float, float]

SEGMENT_IDENTIFICATION = tag_of("SegmentIdentificationSequence")
SEGMENT_NUMBER = tag_of("ReferencedSegmentNumber")
PLANE_POSITION = tag_of("PlanePositionSequence")
IMAGE_POSITION = tag_of("ImagePositionPatient")
DERIVATION_IMAGE = tag_of("DerivationImageSequence")
SOURCE_IMAGE = tag_of("SourceImageSequence")
SOP_INSTANCE = tag_of("ReferencedSOPInstanceUID")

LONE_SLICE_TOLERANCE = 0.5
"""Millimetres within which a frame lies on the only slice there is."""


@dataclass(frozen=True)
class FramePlace:
    """One frame, counted from 1: the segments in it, the source instances it names, and its Image Position (Patient) in millimetres."""

    number: int
    segment_numbers: tuple[int, ...]
    source_sop_instance_uids: tuple[str, ...]
    position: Position | None


@dataclass(frozen=True)
class SourcePlane:
    """A source image as far as its place is known."""

    sop_instance_uid: str
    grid: Grid | None


@dataclass(frozen=True)
class Slice:
    """A source image with the frames that lie on it; ``distance`` along the normal of the first image, in millimetres."""

    sop_instance_uid: str
    distance: float | None
    frames: tuple[FramePlace, ...]


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
    shared = reader.empty
    for item in root.scan.children(shared_row) if shared_row is not None else ():
        shared = reader.groups(item)
    frames_row = root.row_of("PerFrameFunctionalGroupsSequence")
    all_segments = _described(root)
    places = []
    for number, item in enumerate(root.scan.children(frames_row) if frames_row is not None else (), start=1):
        segment, position, sources = reader.groups(item)
        segment = segment if segment is not None else shared[0]
        segments = (segment,) if segment is not None else all_segments
        places.append(FramePlace(number, segments, sources or shared[2], position or shared[1]))
    return tuple(places)


def slices(
    sources: Sequence[SourcePlane], places: Sequence[FramePlace], *, tolerance: float | None = None
) -> tuple[Slice, ...]:
    """The source images ordered along their normal, each with its frames; images without a place come last, in the order given.

    A frame lies on the images that it names. A frame that names none of them lies on the nearest image within ``tolerance``
    millimetres along the normal, by default half the smallest distance of two images.
    """
    normal = next((_normal(source.grid) for source in sources if _is_placed(source.grid)), None)
    distances = {
        source.sop_instance_uid: _distance(normal, source.grid.position) if _is_placed(source.grid) else None
        for source in sources
    }
    placed = sorted((distance, uid) for uid, distance in distances.items() if distance is not None)
    reach = _half_spacing([distance for distance, _ in placed]) if tolerance is None else tolerance
    found: dict[str, list[FramePlace]] = defaultdict(list)
    for place in places:
        named = [uid for uid in place.source_sop_instance_uids if uid in distances]
        if not named and place.position is not None and placed:
            at = _distance(normal, place.position)
            nearest, uid = min(placed, key=lambda slice_: abs(slice_[0] - at))
            named = [uid] if abs(nearest - at) <= reach else []
        for uid in named:
            found[uid].append(place)
    order = [uid for _, uid in placed] + [uid for uid, distance in distances.items() if distance is None]
    return tuple(Slice(uid, distances[uid], tuple(found[uid])) for uid in order)


class _Reader:
    """Reads the groups that place a frame; equal bytes are decoded once."""

    empty: tuple[int | None, Position | None, tuple[str, ...]] = (None, None, ())

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self._uids: dict[bytes, str] = {}
        self._positions: dict[bytes, Position | None] = {}

    def groups(self, item: int) -> tuple[int | None, Position | None, tuple[str, ...]]:
        tags, ends = self.scan.tags, self.scan.ends
        segment, position, sources = self.empty
        row, end = item + 1, ends[item]
        while row < end:
            tag = tags[row]
            if tag == SEGMENT_IDENTIFICATION:
                for leaf in self._leaves(row, SEGMENT_NUMBER):
                    segment = int.from_bytes(self.scan.value(leaf), "little")
            elif tag == PLANE_POSITION:
                for leaf in self._leaves(row, IMAGE_POSITION):
                    position = self._position(leaf)
            elif tag == DERIVATION_IMAGE:
                uids = (
                    self._uid(leaf)
                    for inner in self._leaves(row, SOURCE_IMAGE)
                    for leaf in self._leaves(inner, SOP_INSTANCE)
                )
                sources = tuple(dict.fromkeys((*sources, *uids)))
            row = ends[row]
        return segment, position, sources

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

    def _position(self, row: int) -> Position | None:
        value = self.scan.value(row)
        if value not in self._positions:
            numbers = numbers_of(value, self.scan.vrs[row])
            self._positions[value] = tuple(map(float, numbers)) if numbers and len(numbers) == 3 else None
        return self._positions[value]


def _described(root: DataSet) -> tuple[int, ...]:
    """Numbers of the segments described, without the background of a label map (PS3.3 C.8.20.2.4)."""
    padding = root.integer("PixelPaddingValue")
    numbers = (item.integer("SegmentNumber") for item in root.each("SegmentSequence"))
    return tuple(number for number in numbers if number is not None and number != padding)


def _is_placed(grid: Grid | None) -> bool:
    return grid is not None and grid.position is not None and grid.orientation is not None


def _normal(grid: Grid) -> np.ndarray:
    return np.cross(grid.orientation[:3], grid.orientation[3:])


def _distance(normal: np.ndarray, position: Position) -> float:
    return round(float(normal @ np.asarray(position)), 6)


def _half_spacing(distances: Sequence[float]) -> float:
    gaps = [after - before for before, after in pairwise(distances) if after > before]
    return min(gaps) / 2 if gaps else LONE_SLICE_TOLERANCE
