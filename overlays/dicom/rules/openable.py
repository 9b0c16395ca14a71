"""Rules about what must be there for readers built on highdicom to open an object at all."""

from collections.abc import Iterator
from itertools import islice

from overlays.dicom.read_report import MEASUREMENT_GROUP
from overlays.dicom.rules.frames import MAX_DIMENSIONS, pointer_of
from overlays.dicom.rules.measurement_report import IMAGING_MEASUREMENTS
from overlays.dicom.rules.rule import FRAMED, REPORTS, SEGMENTATIONS, Breach, Rule, error
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path, tag_of

SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
IDENTIFICATION = "SegmentationAlgorithmIdentificationSequence"
ORIGIN = "TotalPixelMatrixOriginSequence"
OFFSETS = ("XOffsetInSlideCoordinateSystem", "YOffsetInSlideCoordinateSystem")
POSITIONS = frozenset(map(tag_of, ("PlanePositionSequence", "PlanePositionSlideSequence")))


def _algorithms(subject: Subject) -> Iterator[Breach]:
    for segment in subject.data_set.each("SegmentSequence"):
        for item in segment.each(IDENTIFICATION):
            for keyword in ("AlgorithmFamilyCodeSequence", "AlgorithmName", "AlgorithmVersion"):
                if item.is_empty(keyword):
                    yield (
                        item.place(keyword),
                        "An algorithm identification that is given has family, name and version (type 1).",
                    )


def _measures(subject: Subject) -> Iterator[Breach]:
    """Slice Thickness is demanded of volumes (type 1C); highdicom demands it of every segmentation."""
    for sequence in (SHARED, PER_FRAME):
        for groups in subject.data_set.each(sequence):
            for item in groups.each("PixelMeasuresSequence"):
                if "SliceThickness" not in item:
                    yield (
                        item.place("SliceThickness"),
                        "Pixel Measures lack the slice thickness; readers do not open them without.",
                    )


def _origin(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if "TotalPixelMatrixColumns" not in root:
        return
    origin = root.first(ORIGIN)
    if origin is None:
        yield path(ORIGIN), "Nothing says where on the slide the total pixel matrix begins."
        return
    for keyword in OFFSETS:
        if not origin.numbers(keyword):
            yield origin.place(keyword), "The place on the slide where the total pixel matrix begins has two offsets."


def _position(subject: Subject) -> Iterator[Breach]:
    """Where there is a frame of reference, or one frame has a position, other rules tell those without."""
    root, groups = subject.data_set, subject.groups
    if subject.tiled_full or not root.is_empty("FrameOfReferenceUID") or not groups.per_frame:
        return
    if groups.shared.has_position or any(frame.has_position for frame in groups.per_frame):
        return
    for item in islice(root.each("DimensionIndexSequence"), MAX_DIMENSIONS):
        if pointer_of(item.raw("FunctionalGroupPointer")) in POSITIONS:
            yield item.place("FunctionalGroupPointer"), "Frames are told apart by their position, but none has one."


def _containers(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if (
            item.value_type == "CONTAINER"
            and not item.children
            and item.name
            and (item.name.value, item.name.scheme) in (IMAGING_MEASUREMENTS, MEASUREMENT_GROUP)
        ):
            yield item.data_set.place("ContentSequence"), "A container of measurements has content."


RULES: tuple[Rule, ...] = (
    error(
        "SEG-028",
        "Algorithm identifications that are given are complete.",
        "PS3.3 10.16",
        _algorithms,
        applies=SEGMENTATIONS,
    ),
    error(
        "GEO-011",
        "Pixel Measures have a slice thickness.",
        "PS3.3 C.7.6.16.2.1; registry policy",
        _measures,
        applies=SEGMENTATIONS,
    ),
    error(
        "GEO-012",
        "A total pixel matrix has its origin on the slide.",
        "PS3.3 C.8.12.14, C.8.20.2",
        _origin,
        applies=SEGMENTATIONS,
    ),
    error("FRM-019", "Frames that are told apart by position have one.", "PS3.3 C.7.6.17", _position, applies=FRAMED),
    error(
        "SR-034", "Containers of measurements are not empty.", "PS3.16 TID 1500, TID 1501", _containers, applies=REPORTS
    ),
)
