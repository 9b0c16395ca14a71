"""Reads the groups of a bulk annotations object (PS3.3 C.37.1.2)."""

from overlays.dicom.colours import srgb_of_cielab
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import AnnotationGroup
from overlays.dicom.read_algorithms import IDENTIFICATIONS

MAX_MEASUREMENTS = 1000


def read_annotation_groups(root: DataSet) -> tuple[AnnotationGroup, ...]:
    """The groups in the order written; one without a number is left out (a rule tells it). No coordinate is read."""
    groups = []
    for item in root.each("AnnotationGroupSequence"):
        number = item.integer("AnnotationGroupNumber")
        if number is not None:
            groups.append(_group(number, item))
    return tuple(groups)


def _group(number: int, item: DataSet) -> AnnotationGroup:
    algorithm = item.first(IDENTIFICATIONS["AnnotationGroupSequence"])
    return AnnotationGroup(
        number=number,
        label=item.text("AnnotationGroupLabel"),
        uid=item.text("AnnotationGroupUID"),
        category=item.code("AnnotationPropertyCategoryCodeSequence"),
        property_type=item.code("AnnotationPropertyTypeCodeSequence"),
        graphic_type=item.text("GraphicType"),
        annotations=item.integer("NumberOfAnnotations") or 0,
        generation_type=item.text("AnnotationGroupGenerationType"),
        algorithm_name=algorithm.text("AlgorithmName") if algorithm else "",
        measurements=_measurements(item),
        rgb=_rgb(item),
    )


def _measurements(item: DataSet) -> tuple[str, ...]:
    """What is measured, in words: the names alone."""
    names = []
    for measurement in item.each("MeasurementsSequence"):
        name = measurement.code("ConceptNameCodeSequence")
        if name is not None and len(names) < MAX_MEASUREMENTS:
            names.append(name.meaning or name.value)
    return tuple(names)


def _rgb(item: DataSet) -> tuple[int, int, int] | None:
    values = item.numbers("RecommendedDisplayCIELabValue")
    if not values or len(values) != 3 or not all(0 <= value <= 65535 for value in values):
        return None
    return srgb_of_cielab((int(values[0]), int(values[1]), int(values[2])))
