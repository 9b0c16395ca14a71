"""Breaks what the rules say of annotations."""

from collections.abc import Callable

import numpy as np
from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without


def _group(change: Callable[[Dataset], None], index: int = 0) -> Callable[[Dataset], None]:
    return lambda annotations: change(annotations.AnnotationGroupSequence[index])


def _set(keyword: str, value: object, index: int = 0) -> Callable[[Dataset], None]:
    return _group(lambda group: setattr(group, keyword, value), index)


def _without(keyword: str, index: int = 0) -> Callable[[Dataset], None]:
    def change(group: Dataset) -> None:
        del group[keyword]

    return _group(change, index)


def _array(keyword: str, kind: str, change: Callable[[np.ndarray], np.ndarray | None], index: int = 0) -> Callable:
    def make(group: Dataset) -> None:
        values = np.frombuffer(group[keyword].value, kind).copy()
        changed = change(values)
        setattr(group, keyword, (values if changed is None else changed).tobytes())

    return _group(make, index)


def _indices(change: Callable[[np.ndarray], np.ndarray | None]) -> Callable[[Dataset], None]:
    return _array("LongPrimitivePointIndexList", "<u4", change)


def _coordinates(change: Callable[[np.ndarray], np.ndarray | None], index: int = 0) -> Callable[[Dataset], None]:
    return _array("PointCoordinatesData", "<f4", change, index)


def _at(place: int, value: float) -> Callable[[np.ndarray], None]:
    def change(values: np.ndarray) -> None:
        values[place] = value

    return change


def _same_uid(annotations: Dataset) -> None:
    first, second = annotations.AnnotationGroupSequence
    second.AnnotationGroupUID = first.AnnotationGroupUID


def _no_version(group: Dataset) -> None:
    del group.AnnotationGroupAlgorithmIdentificationSequence[0].AlgorithmVersion


def _both(group: Dataset) -> None:
    group.DoublePointCoordinatesData = bytes(16)


def _no_meaning(group: Dataset) -> None:
    del group.AnnotationPropertyTypeCodeSequence[0].CodeMeaning


def _measurement(change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return _group(lambda group: change(group.MeasurementsSequence[0]))


def _no_unit(measurement: Dataset) -> None:
    del measurement.MeasurementUnitsCodeSequence


def _no_values(measurement: Dataset) -> None:
    measurement.MeasurementValuesSequence = []


def _four_values(measurement: Dataset) -> None:
    measurement.MeasurementValuesSequence[0].FloatingPointValues = bytes(16)


def _all_values(value: float) -> Callable[[Dataset], None]:
    def change(measurement: Dataset) -> None:
        measurement.MeasurementValuesSequence[0].FloatingPointValues = np.full(5, value, "<f4").tobytes()

    return change


def _listed_for(*annotations: int) -> Callable[[Dataset], None]:
    def change(measurement: Dataset) -> None:
        item = measurement.MeasurementValuesSequence[0]
        item.FloatingPointValues = bytes(8)
        item.AnnotationIndexList = np.array(annotations, "<u4").tobytes()

    return change


def _foreign_image(annotations: Dataset) -> None:
    annotations.ReferencedImageSequence[0].ReferencedSOPInstanceUID = FOREIGN


_ONE, _SPACE = "annotations", "annotations in space"
MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="no group", rules=("ANN-001",), base=_ONE, change=set_to("AnnotationGroupSequence", [])),
    Mutation(name="a group's number twice", rules=("ANN-001",), base=_ONE, change=_set("AnnotationGroupNumber", 1, 1)),
    Mutation(name="a group without label", rules=("ANN-002",), base=_ONE, change=_set("AnnotationGroupLabel", "")),
    Mutation(name="two groups of one UID", rules=("ANN-002",), base=_ONE, change=_same_uid),
    Mutation(
        name="a group made by a robot",
        rules=("ANN-003",),
        base=_ONE,
        change=_set("AnnotationGroupGenerationType", "ROBOT"),
    ),
    Mutation(
        name="a group of no algorithm",
        rules=("ANN-004",),
        base=_ONE,
        change=_without("AnnotationGroupAlgorithmIdentificationSequence"),
    ),
    Mutation(name="a group of no version", rules=("ANN-004",), base=_ONE, change=_group(_no_version)),
    Mutation(name="a group of clouds", rules=("ANN-005",), base=_ONE, change=_set("GraphicType", "CLOUD")),
    Mutation(
        name="coordinates of four dimensions",
        rules=("ANN-006",),
        base=_ONE,
        change=set_to("AnnotationCoordinateType", "4D"),
    ),
    Mutation(
        name="coordinates of no origin", rules=("ANN-006",), base=_ONE, change=without("PixelOriginInterpretation")
    ),
    Mutation(name="coordinates of no space", rules=("ANN-006",), base=_SPACE, change=without("FrameOfReferenceUID")),
    Mutation(name="single and double coordinates", rules=("ANN-007",), base=_ONE, change=_group(_both)),
    Mutation(name="no coordinates", rules=("ANN-007",), base=_ONE, change=_without("PointCoordinatesData")),
    Mutation(name="half a point", rules=("ANN-007",), base=_ONE, change=_coordinates(lambda values: values[:-1])),
    Mutation(
        name="points without their common plane",
        rules=("ANN-009",),
        base=_SPACE,
        change=_without("CommonZCoordinateValue"),
    ),
    Mutation(
        name="an ellipse too few",
        rules=("ANN-008",),
        base=_ONE,
        change=_coordinates(lambda values: values[:-8], 1),
    ),
    Mutation(name="no annotation", rules=("ANN-008",), base=_ONE, change=_set("NumberOfAnnotations", 0, 1)),
    Mutation(name="an index too few", rules=("ANN-008",), base=_ONE, change=_indices(lambda indices: indices[:-1])),
    Mutation(name="no point indices", rules=("ANN-008",), base=_ONE, change=_without("LongPrimitivePointIndexList")),
    Mutation(name="point indices from 0", rules=("ANN-009",), base=_ONE, change=_indices(lambda indices: indices - 1)),
    Mutation(
        name="point indices that count points",
        rules=("ANN-009",),
        base=_ONE,
        change=_indices(lambda indices: (indices - 1) // 2 + 1),
    ),
    Mutation(
        name="a point index beyond the points", rules=("ANN-009",), base=_ONE, change=_indices(_at(-1, 4_000_000_001))
    ),
    Mutation(
        name="point indices that descend",
        rules=("ANN-009",),
        base=_ONE,
        change=_indices(lambda indices: np.concatenate((indices[:1], indices[:0:-1]))),
    ),
    Mutation(name="a polygon of two points", rules=("ANN-009",), base=_ONE, change=_indices(_at(1, 5))),
    Mutation(name="a coordinate without end", rules=("ANN-010",), base=_ONE, change=_coordinates(_at(7, np.inf))),
    Mutation(
        name="a group of no category",
        rules=("ANN-011",),
        base=_ONE,
        change=_without("AnnotationPropertyCategoryCodeSequence"),
    ),
    Mutation(name="a type without meaning", rules=("ANN-011",), base=_ONE, change=_group(_no_meaning)),
    Mutation(name="an area of no unit", rules=("ANN-012",), base=_ONE, change=_measurement(_no_unit)),
    Mutation(name="an area of no value", rules=("ANN-012",), base=_ONE, change=_measurement(_no_values)),
    Mutation(name="four values for five", rules=("ANN-012",), base=_ONE, change=_measurement(_four_values)),
    Mutation(name="a value of annotation 9", rules=("ANN-012",), base=_ONE, change=_measurement(_listed_for(1, 9))),
    Mutation(name="two values for three", rules=("ANN-012",), base=_ONE, change=_measurement(_listed_for(1, 2, 3))),
    Mutation(
        name="two values of one annotation", rules=("ANN-012",), base=_ONE, change=_measurement(_listed_for(2, 2))
    ),
    Mutation(name="coordinates on no image", rules=("ANN-013",), base=_ONE, change=without("ReferencedImageSequence")),
    Mutation(name="coordinates on a foreign image", rules=("ANN-014",), base=_ONE, change=_foreign_image),
    Mutation(
        name="coordinates above the image",
        rules=("ANN-015",),
        base=_ONE,
        change=_coordinates(lambda values: values - 1000),
    ),
    Mutation(name="rectangles askew", rules=("ANN-016",), base=_ONE, change=_set("GraphicType", "RECTANGLE", 1)),
    Mutation(
        name="ellipses of no size",
        rules=("ANN-016",),
        base=_ONE,
        change=_coordinates(lambda values: np.full_like(values, 5), 1),
    ),
    Mutation(name="an area that is no number", rules=("ANN-017",), base=_ONE, change=_measurement(_all_values(np.nan))),
    Mutation(name="an area below 0", rules=("ANN-017",), base=_ONE, change=_measurement(_all_values(-7))),
    Mutation(name="a plane above an image", rules=("ANN-018",), base=_ONE, change=_set("CommonZCoordinateValue", 5.0)),
    Mutation(
        name="a group of unknown optical paths",
        rules=("ANN-019",),
        base=_ONE,
        change=_without("AnnotationAppliesToAllOpticalPaths"),
    ),
    Mutation(
        name="a group of optical paths of no name",
        rules=("ANN-019",),
        base=_ONE,
        change=_set("AnnotationAppliesToAllOpticalPaths", "NO"),
    ),
    Mutation(name="annotations of no creator", rules=("ANN-020",), base=_ONE, change=without("ContentCreatorName")),
    Mutation(
        name="annotations of no serial number", rules=("PRV-001",), base=_ONE, change=without("DeviceSerialNumber")
    ),
    Mutation(
        name="annotations of nothing",
        rules=("REF-001",),
        base=_SPACE,
        change=without("ReferencedSeriesSequence", "ReferencedImageSequence"),
    ),
)
