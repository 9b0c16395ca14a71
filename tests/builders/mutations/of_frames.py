"""Mutations of frames, geometry and references: what the rules FRM, GEO and REF must tell."""

from collections.abc import Callable
from copy import deepcopy

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without


def _frame(index: int, change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda data_set: change(data_set.PerFrameFunctionalGroupsSequence[index])


def _shared(change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda data_set: change(data_set.SharedFunctionalGroupsSequence[0])


def _indices(index: int, values: list[int]) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        data_set.PerFrameFunctionalGroupsSequence[index].FrameContentSequence[0].DimensionIndexValues = values

    return change


def _copy_indices(data_set: Dataset) -> None:
    """Two frames of one segment with the same indices, at positions of their own."""
    frames = data_set.PerFrameFunctionalGroupsSequence
    frames[1].FrameContentSequence[0].DimensionIndexValues = list(
        frames[0].FrameContentSequence[0].DimensionIndexValues
    )


def _other_segment_index(data_set: Dataset) -> None:
    content = data_set.PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0]
    content.DimensionIndexValues = [2, 99]


def _undeclared(data_set: Dataset) -> None:
    data_set.DimensionIndexSequence[0].DimensionOrganizationUID = FOREIGN


def _wrong_group(data_set: Dataset) -> None:
    data_set.DimensionIndexSequence[1].FunctionalGroupPointer = Tag("FrameContentSequence")


def _no_segment(data_set: Dataset) -> None:
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.SegmentIdentificationSequence


def _segment_in_label_map(data_set: Dataset) -> None:
    item = Dataset()
    item.ReferencedSegmentNumber = 1
    data_set.SharedFunctionalGroupsSequence[0].SegmentIdentificationSequence = [item]


def _segment_99(frame: Dataset) -> None:
    frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 99


def _shared_segment_99(shared: Dataset) -> None:
    shared.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 99


def _undescribed_pixel(data_set: Dataset) -> None:
    data_set.PixelData = b"\x09" + data_set.PixelData[1:]


def _third_segment(data_set: Dataset) -> None:
    item = deepcopy(data_set.SegmentSequence[0])
    item.SegmentNumber = 3
    data_set.SegmentSequence.append(item)


def _same_place(data_set: Dataset) -> None:
    frames = data_set.PerFrameFunctionalGroupsSequence
    frames[1].PlanePositionSequence = deepcopy(frames[0].PlanePositionSequence)


def _one_frame_less(data_set: Dataset) -> None:
    del data_set.PerFrameFunctionalGroupsSequence[-1]


def _delete(*keywords: str) -> Callable[[Dataset], None]:
    def change(item: Dataset) -> None:
        for keyword in keywords:
            del item[keyword]

    return change


def _spacing(values: list[float]) -> Callable[[Dataset], None]:
    def change(shared: Dataset) -> None:
        shared.PixelMeasuresSequence[0].PixelSpacing = values

    return change


def _no_thickness(shared: Dataset) -> None:
    for keyword in ("SliceThickness", "SpacingBetweenSlices"):
        if keyword in shared.PixelMeasuresSequence[0]:
            del shared.PixelMeasuresSequence[0][keyword]


def _position(values: list[str]) -> Callable[[Dataset], None]:
    def change(frame: Dataset) -> None:
        frame.PlanePositionSequence[0].ImagePositionPatient = values

    return change


def _orientation(values: list[float]) -> Callable[[Dataset], None]:
    def change(shared: Dataset) -> None:
        shared.PlaneOrientationSequence[0].ImageOrientationPatient = values

    return change


def _without_references(data_set: Dataset) -> None:
    del data_set.ReferencedSeriesSequence
    del data_set.SourceImageSequence
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence


def _without_derivation(data_set: Dataset) -> None:
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence


def _stranger(frame: Dataset) -> None:
    frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID = FOREIGN


def _second_series(data_set: Dataset) -> None:
    series = deepcopy(data_set.ReferencedSeriesSequence[0])
    series.SeriesInstanceUID = FOREIGN
    data_set.ReferencedSeriesSequence.append(series)


def _twice(data_set: Dataset) -> None:
    instances = data_set.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    instances.append(deepcopy(instances[0]))


def _no_class(data_set: Dataset) -> None:
    del data_set.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPClassUID


def _uncoded(frame: Dataset) -> None:
    del frame.DerivationImageSequence[0].DerivationCodeSequence


def _no_place(data_set: Dataset) -> None:
    """Neither frame of reference nor geometry nor derivation: only the list of series is left."""
    del data_set.FrameOfReferenceUID
    for word in ("PixelMeasuresSequence", "PlaneOrientationSequence"):
        del data_set.SharedFunctionalGroupsSequence[0][word]
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
        del frame.PlanePositionSequence


def _places(*, step: tuple[float, ...] = (0, 2.5, 5, 7.5), slanting: float = 0) -> Callable[[Dataset], None]:
    """Frames at these heights in millimetres, each slice so much to the right of the one below it."""

    def change(data_set: Dataset) -> None:
        heights = sorted(
            {
                float(f.PlanePositionSequence[0].ImagePositionPatient[2])
                for f in data_set.PerFrameFunctionalGroupsSequence
            }
        )
        for frame in data_set.PerFrameFunctionalGroupsSequence:
            place = frame.PlanePositionSequence[0]
            index = heights.index(float(place.ImagePositionPatient[2]))
            place.ImagePositionPatient = [-32 + slanting * index, -32, step[index]]

    return change


def _no_slice_thickness(data_set: Dataset) -> None:
    """The spacing between slices is left, which says as much of a volume."""
    del data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness


def _matrix_of_no_place(data_set: Dataset) -> None:
    data_set.TotalPixelMatrixColumns, data_set.TotalPixelMatrixRows = data_set.Columns, data_set.Rows


def _matrix_of_half_a_place(data_set: Dataset) -> None:
    _matrix_of_no_place(data_set)
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = 20.0
    data_set.TotalPixelMatrixOriginSequence = [origin]


def _places_of_nowhere(data_set: Dataset) -> None:
    """The dimensions point to positions that no frame has."""
    del data_set.FrameOfReferenceUID, data_set.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        del frame.PlanePositionSequence


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="pixel measures of no thickness", rules=("GEO-011",), change=_no_slice_thickness),
    Mutation(name="a total pixel matrix of no place", rules=("GEO-012",), change=_matrix_of_no_place),
    Mutation(name="a total pixel matrix of half a place", rules=("GEO-012",), change=_matrix_of_half_a_place),
    Mutation(name="frames told apart by places of nowhere", rules=("FRM-019",), base="map", change=_places_of_nowhere),
    Mutation(name="no number of frames", rules=("FRM-001",), change=without("NumberOfFrames")),
    Mutation(name="minus three frames", rules=("FRM-001",), change=set_to("NumberOfFrames", -3)),
    Mutation(name="too few frames", rules=("FRM-002",), change=set_to("NumberOfFrames", 3)),
    Mutation(name="too many frames", rules=("FRM-002",), change=set_to("NumberOfFrames", 900)),
    Mutation(name="a per-frame item missing", rules=("FRM-002",), change=_one_frame_less),
    Mutation(
        name="no shared functional groups",
        rules=("FRM-003", "GEO-001", "GEO-006"),
        change=without("SharedFunctionalGroupsSequence"),
    ),
    Mutation(name="no dimension organization", rules=("FRM-004",), change=set_to("DimensionOrganizationSequence", [])),
    Mutation(name="no dimension index", rules=("FRM-005",), change=without("DimensionIndexSequence")),
    Mutation(name="an undeclared dimension organization", rules=("FRM-006",), change=_undeclared),
    Mutation(name="three values for two dimensions", rules=("FRM-007",), change=_indices(0, [1, 1, 1])),
    Mutation(name="a dimension index value of 0", rules=("FRM-008",), change=_indices(0, [1, 0])),
    Mutation(name="dimension index values twice", rules=("FRM-009",), change=_copy_indices),
    Mutation(name="an index of another segment", rules=("FRM-010",), change=_other_segment_index),
    Mutation(name="a pointer into the wrong group", rules=("FRM-011",), change=_wrong_group),
    Mutation(
        name="a frame without frame content", rules=("FRM-012",), change=_frame(0, _delete("FrameContentSequence"))
    ),
    Mutation(name="frames without a segment", rules=("FRM-013",), change=_no_segment),
    Mutation(
        name="a label map's frames with a segment", rules=("FRM-014",), base="labelmap", change=_segment_in_label_map
    ),
    Mutation(name="a frame of segment 99", rules=("FRM-015",), change=_frame(0, _segment_99)),
    Mutation(
        name="all frames of segment 99", rules=("FRM-015", "FRM-017"), base="single", change=_shared(_shared_segment_99)
    ),
    Mutation(name="a pixel that no segment describes", rules=("FRM-016",), base="labelmap", change=_undescribed_pixel),
    Mutation(name="a segment without frames", rules=("FRM-017",), change=_third_segment),
    Mutation(name="two frames at one place", rules=("FRM-018",), change=_same_place),
    Mutation(name="no pixel measures", rules=("GEO-001",), change=_shared(_delete("PixelMeasuresSequence"))),
    Mutation(name="no spacing at all", rules=("GEO-002",), change=_shared(_spacing([0.0, 0.75]))),
    Mutation(name="a negative spacing", rules=("GEO-002",), change=_shared(_spacing([0.75, -0.75]))),
    Mutation(name="no thickness", rules=("GEO-003", "GEO-011"), change=_shared(_no_thickness)),
    Mutation(name="a frame without position", rules=("GEO-004",), change=_frame(0, _delete("PlanePositionSequence"))),
    Mutation(
        name="a position that is not a number",
        rules=("GEO-005", "NUM-002"),
        change=_frame(0, _position(["0", "0", "nan"])),
    ),
    Mutation(name="a position of two values", rules=("GEO-005",), change=_frame(0, _position(["0", "0"]))),
    Mutation(name="no orientation", rules=("GEO-006",), change=_shared(_delete("PlaneOrientationSequence"))),
    Mutation(name="an orientation of two values", rules=("GEO-007",), change=_shared(_orientation([1, 0]))),
    Mutation(name="an orientation of length 2", rules=("GEO-007",), change=_shared(_orientation([2, 0, 0, 0, 1, 0]))),
    Mutation(
        name="an orientation that is skewed", rules=("GEO-007",), change=_shared(_orientation([1, 0, 0, 0.6, 0.8, 0]))
    ),
    Mutation(name="no frame of reference", rules=("GEO-008",), change=without("FrameOfReferenceUID")),
    Mutation(name="frames that lie nowhere", rules=("GEO-008", "FRM-019", "REF-002"), change=_no_place),
    Mutation(name="slices in a slanting stack", rules=("GEO-009",), change=_places(slanting=1.5)),
    Mutation(name="slices unevenly apart", rules=("GEO-010",), change=_places(step=(0, 2.5, 4.0, 9.5))),
    Mutation(
        name="slices of a map unevenly apart", rules=("GEO-010",), base="map", change=_places(step=(0, 2.5, 4.0, 9.5))
    ),
    Mutation(name="a volume beyond the limit", rules=("LIM-010",), change=_places(step=(0, 2.5, 5, 2.5e6))),
    Mutation(name="no source at all", rules=("REF-001",), change=_without_references),
    Mutation(name="no derivation", rules=("REF-002",), change=_without_derivation),
    Mutation(name="a source of no listed series", rules=("REF-003",), change=_frame(0, _stranger)),
    Mutation(name="no list of series", rules=("REF-004",), change=without("ReferencedSeriesSequence")),
    Mutation(name="an instance in two series", rules=("REF-005",), change=_second_series),
    Mutation(name="an instance listed twice", rules=("REF-006",), change=_twice),
    Mutation(name="a derivation without code", rules=("REF-007",), change=_frame(0, _uncoded)),
    Mutation(name="a reference without class", rules=("REF-008",), change=_no_class),
)
