"""Breaks what the rules say of viewers."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
from pydicom.dataset import Dataset

from tests.builders.files import from_bytes
from tests.builders.mutations import raw
from tests.builders.mutations.mutation import Mutation, base_bytes, segment_without
from tests.builders.mutations.of_lineage import listed_elsewhere


def _as_syntax(uid: str) -> Callable[[bytes], bytes]:
    """The object under another transfer syntax, which its native pixels contradict."""
    return lambda content: raw.with_meta_uid(content, 0x00020010, uid)


def _as_base(name: str) -> Callable[[Dataset], None]:
    """The object becomes another of the valid ones, of which the rule tells."""
    return lambda data_set: data_set.update(from_bytes(base_bytes(name)))


def _label_map_from(first: int, second: int) -> Callable[[Dataset], None]:
    """A label map of two segments with these numbers, and no background."""

    def change(data_set: Dataset) -> None:
        kept = [item for item in data_set.SegmentSequence if item.SegmentNumber]
        for item, number in zip(kept, (first, second), strict=True):
            item.SegmentNumber = number
        data_set.SegmentSequence = kept
        table = np.zeros(256, np.uint8)
        table[[1, 2]] = (first, second)
        data_set.PixelData = table[np.frombuffer(data_set.PixelData, np.uint8)].tobytes()

    return change


def _large_number(data_set: Dataset) -> None:
    """The second segment of a label map of 16 bits is number 40,000."""
    _label_map_from(1, 2)(data_set)
    data_set.SegmentSequence[1].SegmentNumber = 40_000
    labels = np.frombuffer(data_set.PixelData, np.uint8).astype("<u2")
    data_set.PixelData = np.where(labels == 2, 40_000, labels).astype("<u2").tobytes()
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 16, 16, 15


def _many_frames(data_set: Dataset) -> None:
    """The two segments at 201 places."""
    slices = len(data_set.PerFrameFunctionalGroupsSequence) // 2
    of_frame = data_set.Rows * data_set.Columns // 8
    patterns = (
        (data_set.PerFrameFunctionalGroupsSequence[0], data_set.PixelData[:of_frame]),
        (data_set.PerFrameFunctionalGroupsSequence[slices], data_set.PixelData[slices * of_frame :][:of_frame]),
    )
    groups, pixels = [], []
    for index in range(201):
        for number, (group, frame) in enumerate(patterns, 1):
            item = deepcopy(group)
            item.FrameContentSequence[0].DimensionIndexValues = [number, index + 1]
            item.PlanePositionSequence[0].ImagePositionPatient = [-32, -32, 2.5 * index]
            groups.append(item)
            pixels.append(frame)
    data_set.PerFrameFunctionalGroupsSequence = groups
    data_set.NumberOfFrames = len(groups)
    data_set.PixelData = b"".join(pixels)


def _source_images_alone(data_set: Dataset) -> None:
    del data_set.ReferencedSeriesSequence
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence


def _nowhere(data_set: Dataset) -> None:
    del data_set.FrameOfReferenceUID
    del data_set.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.PlanePositionSequence


def _no_spacing_between(data_set: Dataset) -> None:
    del data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices


def _palette(data_set: Dataset) -> None:
    data_set.PhotometricInterpretation = "PALETTE COLOR"
    data_set.ICCProfile = bytes(128)
    for number in (1, 2, 3):
        data_set.add_new(0x00281100 + number, "US", [3, 0, 8])
        data_set.add_new(0x00281200 + number, "OW", bytes(4))


def overlap(data_set: Dataset) -> None:
    """Both segments set the pixels of the first."""
    half = len(data_set.PixelData) // 2
    data_set.PixelData = data_set.PixelData[:half] * 2


def _told_overlap(data_set: Dataset) -> None:
    overlap(data_set)
    data_set.SegmentsOverlap = "YES"


def _tiled(data_set: Dataset) -> None:
    data_set.DimensionOrganizationType = "TILED_FULL"


def _region_of_segmentation(data_set: Dataset) -> None:
    """The region of the group gives way to a segment."""
    segments = from_bytes(base_bytes("report")).ContentSequence[-1].ContentSequence[0].ContentSequence
    own = data_set.ContentSequence[-1].ContentSequence[0].ContentSequence
    (place,) = [index for index, item in enumerate(own) if item.ValueType == "SCOORD3D"]
    own[place] = next(item for item in segments if item.ConceptNameCodeSequence[0].CodeValue == "121191")


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        name="a background among the segments of a label map",
        rules=("VIE-001",),
        base="plain label map",
        change=_as_base("labelmap"),
    ),
    Mutation(
        name="pixels of one bit said to be in run lengths",
        rules=("VIE-002", "FIL-009"),
        raw=_as_syntax("1.2.840.10008.1.2.5"),
    ),
    Mutation(name="JPEG-LS", rules=("VIE-003", "FIL-009"), raw=_as_syntax("1.2.840.10008.1.2.4.80")),
    Mutation(name="JPEG 2000", rules=("VIE-003", "FIL-009"), raw=_as_syntax("1.2.840.10008.1.2.4.90")),
    Mutation(name="a fractional segmentation", rules=("VIE-004",), change=_as_base("fractional")),
    Mutation(name="402 frames", rules=("VIE-005",), change=_many_frames),
    Mutation(name="frames deflated one by one", rules=("VIE-006", "FIL-009"), raw=_as_syntax("1.2.840.10008.1.2.8.1")),
    Mutation(name="source images without their series", rules=("VIE-007",), change=_source_images_alone),
    Mutation(name="sources of another study alone", rules=("VIE-008",), change=listed_elsewhere),
    Mutation(name="a segment without description", rules=("VIE-009",), change=segment_without(0, "SegmentDescription")),
    Mutation(
        name="segments of a label map from 3", rules=("VIE-010",), base="plain label map", change=_label_map_from(3, 7)
    ),
    Mutation(name="no spacing between slices", rules=("VIE-011",), change=_no_spacing_between),
    Mutation(name="fractional tiles in full", rules=("VIE-012",), base="fractional", change=_tiled),
    Mutation(name="a segmentation without a place in space", rules=("VIE-013", "FRM-019"), change=_nowhere),
    Mutation(name="a palette of its own", rules=("VIE-014",), base="plain label map", change=_palette),
    Mutation(name="segments that overlap, and say so", rules=("VIE-015",), change=_told_overlap),
    Mutation(
        name="a measurement on a segment", rules=("VIE-016",), base="report of a region", change=_region_of_segmentation
    ),
    Mutation(
        name="a label map with a segment 40,000",
        rules=("VIE-010", "VIE-017"),
        base="plain label map",
        change=_large_number,
    ),
)
