"""Groups the frames of a multi-frame object that lie at one place."""

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups
from overlays.dicom.tags import tag_of

MAX_DIMENSIONS = 64
SPATIAL = frozenset(
    map(
        tag_of,
        (
            "ReferencedSegmentNumber",
            "ImagePositionPatient",
            "StackID",
            "InStackPositionNumber",
            "ImageOrientationPatient",
            "RowPositionInTotalImagePixelMatrix",
            "ColumnPositionInTotalImagePixelMatrix",
        ),
    )
)
"""Dimensions that say no more than position and segment do; any other, such as time, tells frames at one position apart."""


def frames_at_one_place(root: DataSet, groups: FunctionalGroups) -> list[list[int]]:
    """Indices, from 0, of the frames at each place that has two or more, the first of each segment.

    Frames without a position are left out.
    """
    others = other_dimensions(root)
    places: dict[tuple, dict[int | None, int]] = {}
    for index, frame in enumerate(groups.per_frame):
        position = groups.position(frame)
        if position:
            values = frame.index_values or ()
            rest = tuple(values[at] for at in others if at < len(values))
            segments = places.setdefault((position, groups.orientation(frame), rest), {})
            segments.setdefault(groups.segment(frame), index)
    return [list(frames.values()) for frames in places.values() if len(frames) > 1]


def other_dimensions(root: DataSet) -> list[int]:
    """Which dimensions, counted from 0, tell frames at one position apart."""
    return [at for at, pointer in enumerate(_pointers(root)) if pointer not in SPATIAL]


def _pointers(root: DataSet) -> list[int]:
    found = []
    for item in root.each("DimensionIndexSequence"):
        raw = item.raw("DimensionIndexPointer")
        found.append(int.from_bytes(raw[:2], "little") << 16 | int.from_bytes(raw[2:4], "little"))
        if len(found) == MAX_DIMENSIONS:
            break
    return found
