"""Breaks what the rules say of parametric maps."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.builders.mutations.mutation import Mutation, set_to, without


def _mapping(change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda map_: change(map_.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0])


def _without(keyword: str) -> Callable[[Dataset], None]:
    def change(item: Dataset) -> None:
        del item[keyword]

    return _mapping(change)


def _set(keyword: str, value: object) -> Callable[[Dataset], None]:
    return _mapping(lambda item: setattr(item, keyword, value))


def _no_mapping(map_: Dataset) -> None:
    del map_.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence


def _mapping_of_some_frames(map_: Dataset) -> None:
    shared = map_.SharedFunctionalGroupsSequence[0]
    for frame in map_.PerFrameFunctionalGroupsSequence[1:]:
        frame.RealWorldValueMappingSequence = deepcopy(shared.RealWorldValueMappingSequence)
    del shared.RealWorldValueMappingSequence


def _unit_without_scheme(item: Dataset) -> None:
    del item.MeasurementUnitsCodeSequence[0].CodingSchemeDesignator


def _pixels(change: Callable[[np.ndarray], None]) -> Callable[[Dataset], None]:
    def make(map_: Dataset) -> None:
        values = np.frombuffer(map_.FloatPixelData, "<f4").copy()
        change(values)
        map_.FloatPixelData = values.tobytes()

    return make


def _not_a_number(values: np.ndarray) -> None:
    values[:3] = (np.nan, np.inf, -np.inf)


def _beyond(values: np.ndarray) -> None:
    values[0] = 7


def _infinite_of_two(map_: Dataset) -> None:
    values = np.frombuffer(map_.DoubleFloatPixelData, "<f8").copy()
    values[5] = np.inf
    map_.DoubleFloatPixelData = values.tobytes()


def _twice(map_: Dataset) -> None:
    map_.add_new("PixelData", "OW", bytes(map_.Rows * map_.Columns * map_.NumberOfFrames * 4))


def _wrong_pointer(map_: Dataset) -> None:
    """As dcmqi 1.5.7 writes it."""
    map_.DimensionIndexSequence[0].FunctionalGroupPointer = Tag("RealWorldValueMappingSequence")


def _in_run_lengths(map_: Dataset) -> None:
    map_.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.5"


def _without_measures(map_: Dataset) -> None:
    del map_.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence


def _all_padding(map_: Dataset) -> None:
    map_.FloatPixelPaddingValue, map_.FloatPixelPaddingRangeLimit = -1e9, 1e9


def _at_one_place(map_: Dataset) -> None:
    first, second, *_ = map_.PerFrameFunctionalGroupsSequence
    second.PlanePositionSequence = deepcopy(first.PlanePositionSequence)


def _mapped_twice(map_: Dataset) -> None:
    for groups in (*map_.SharedFunctionalGroupsSequence, *map_.PerFrameFunctionalGroupsSequence):
        if "RealWorldValueMappingSequence" in groups:
            groups.RealWorldValueMappingSequence.append(deepcopy(groups.RealWorldValueMappingSequence[0]))


def _without_frame_type(map_: Dataset) -> None:
    for groups in (*map_.SharedFunctionalGroupsSequence, *map_.PerFrameFunctionalGroupsSequence):
        if "ParametricMapFrameTypeSequence" in groups:
            del groups.ParametricMapFrameTypeSequence


def _window_of_no_width(map_: Dataset) -> None:
    window = Dataset()
    window.WindowCenter, window.WindowWidth = 0.5, 0
    for groups in (*map_.SharedFunctionalGroupsSequence, *map_.PerFrameFunctionalGroupsSequence):
        if "FrameVOILUTSequence" in groups:
            del groups.FrameVOILUTSequence
    map_.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence = [window]


def _overlay_plane(map_: Dataset) -> None:
    map_.add_new(0x60003000, "OW", bytes(2))


def _first_frame_without(keyword: str) -> Callable[[Dataset], None]:
    def change(map_: Dataset) -> None:
        del map_.PerFrameFunctionalGroupsSequence[0][keyword]

    return change


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="a map in two elements", rules=("PM-001",), base="map", change=_twice),
    Mutation(
        name="floats of 64 bits in the element of 32",
        rules=("PM-002", "IMG-004"),
        base="map",
        change=set_to("BitsAllocated", 64),
    ),
    Mutation(name="a map with a high bit of 7", rules=("PM-002",), base="whole map", change=set_to("HighBit", 7)),
    Mutation(name="a map of two samples", rules=("PM-003", "IMG-004"), base="map", change=set_to("SamplesPerPixel", 2)),
    Mutation(
        name="a map upside down",
        rules=("PM-003",),
        base="map",
        change=set_to("PhotometricInterpretation", "MONOCHROME1"),
    ),
    Mutation(name="a map without a mapping", rules=("PM-004",), base="map", change=_no_mapping),
    Mutation(
        name="a map of which one frame is not mapped", rules=("PM-004",), base="map", change=_mapping_of_some_frames
    ),
    Mutation(name="a mapping without label", rules=("PM-005",), base="map", change=_without("LUTLabel")),
    Mutation(
        name="a mapping without unit", rules=("PM-005",), base="map", change=_without("MeasurementUnitsCodeSequence")
    ),
    Mutation(name="a unit of no scheme", rules=("PM-005",), base="map", change=_mapping(_unit_without_scheme)),
    Mutation(name="a mapping without slope", rules=("PM-006",), base="map", change=_without("RealWorldValueSlope")),
    Mutation(
        name="an infinite intercept",
        rules=("PM-006",),
        base="map",
        change=_set("RealWorldValueIntercept", float("inf")),
    ),
    Mutation(
        name="a mapping from nowhere",
        rules=("PM-006",),
        base="map",
        change=_without("DoubleFloatRealWorldValueFirstValueMapped"),
    ),
    Mutation(
        name="a mapping of no quantity", rules=("PM-007",), base="map", change=_without("QuantityDefinitionSequence")
    ),
    Mutation(name="pixels that are no numbers", rules=("PM-008",), base="map", change=_pixels(_not_a_number)),
    Mutation(name="an infinite pixel of 64 bits", rules=("PM-008",), base="double map", change=_infinite_of_two),
    Mutation(name="a pixel that is not mapped", rules=("PM-009",), base="map", change=_pixels(_beyond)),
    Mutation(name="a map of no qualification", rules=("PM-010",), base="map", change=without("ContentQualification")),
    Mutation(
        name="a map for experiments", rules=("PM-010",), base="map", change=set_to("ContentQualification", "EXPERIMENT")
    ),
    Mutation(name="floats said to be in run lengths", rules=("PM-011",), base="map", change=_in_run_lengths),
    Mutation(name="a map's pointer into the wrong group", rules=("FRM-011",), base="map", change=_wrong_pointer),
    Mutation(
        name="a map without frame content",
        rules=("FRM-012",),
        base="map",
        change=_first_frame_without("FrameContentSequence"),
    ),
    Mutation(
        name="a map's frame without a place",
        rules=("GEO-004",),
        base="map",
        change=_first_frame_without("PlanePositionSequence"),
    ),
    Mutation(
        name="a map's frame without a source",
        rules=("REF-002",),
        base="map",
        change=_first_frame_without("DerivationImageSequence"),
    ),
    Mutation(name="a map without pixel measures", rules=("GEO-001",), base="map", change=_without_measures),
    Mutation(name="a map of no serial number", rules=("PRV-001",), base="map", change=without("DeviceSerialNumber")),
    Mutation(name="a map of one value", rules=("PM-012",), base="map", change=_set("RealWorldValueSlope", 0.0)),
    Mutation(name="a map of padding alone", rules=("PM-013",), base="map", change=_all_padding),
    Mutation(name="two frames of a map at one place", rules=("PM-014",), base="map", change=_at_one_place),
    Mutation(name="two mappings of one range", rules=("PM-015",), base="map", change=_mapped_twice),
    Mutation(name="a mapping without explanation", rules=("PM-016",), base="map", change=_without("LUTExplanation")),
    Mutation(name="frames of no type", rules=("PM-017",), base="map", change=_without_frame_type),
    Mutation(name="a map of no creator", rules=("PM-018",), base="map", change=without("ContentCreatorName")),
    Mutation(name="a map of no context", rules=("PM-018",), base="map", change=without("AcquisitionContextSequence")),
    Mutation(name="floats of which 16 bits are stored", rules=("PM-019",), base="map", change=set_to("BitsStored", 16)),
    Mutation(name="a frame's window of no width", rules=("PM-020",), base="map", change=_window_of_no_width),
    Mutation(name="an overlay plane in a map", rules=("PRI-003",), base="map", change=_overlay_plane),
    Mutation(name="a map too short", rules=("IMG-004",), base="map", change=set_to("FloatPixelData", bytes(400))),
)
