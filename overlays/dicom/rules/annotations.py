"""Rules about bulk annotations (PS3.3 C.37)."""

from collections.abc import Iterator

import numpy as np

from overlays.dicom.dataset import DataSet, code_of
from overlays.dicom.graphics_of_group import (
    FIXED_POINTS,
    GRAPHIC_TYPES,
    LEAST_POINTS,
    Graphics,
    count_indices,
    fault_of_indices,
    graphics_of,
)
from overlays.dicom.rules.rule import ANNOTATIONS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

GROUPS = "AnnotationGroupSequence"
IDENTIFICATION = "AnnotationGroupAlgorithmIdentificationSequence"
INDICES = "LongPrimitivePointIndexList"
GENERATION_TYPES = ("AUTOMATIC", "SEMIAUTOMATIC", "MANUAL")
ORIGINS = ("FRAME", "VOLUME")
CODES = ("AnnotationPropertyCategoryCodeSequence", "AnnotationPropertyTypeCodeSequence")


def _groups(subject: Subject) -> Iterator[DataSet]:
    return subject.data_set.each(GROUPS)


def _numbered(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count(GROUPS):
        yield path(GROUPS), "The object has no group of annotations."
    for place, item in enumerate(_groups(subject), 1):
        number = item.integer("AnnotationGroupNumber")
        if number != place:
            yield (
                item.place("AnnotationGroupNumber"),
                f"Groups are numbered 1 to n in order; found {number} as the {place}.",
            )


def _named(subject: Subject) -> Iterator[Breach]:
    seen: set[str] = set()
    for item in _groups(subject):
        if item.is_empty("AnnotationGroupLabel"):
            yield item.place("AnnotationGroupLabel"), "A group needs a label."
        uid = item.text("AnnotationGroupUID")
        if not uid or uid in seen:
            yield item.place("AnnotationGroupUID"), "A group needs a UID of its own."
        seen.add(uid)


def _generated(subject: Subject) -> Iterator[Breach]:
    for item in _groups(subject):
        found = item.text("AnnotationGroupGenerationType")
        if found not in GENERATION_TYPES:
            yield (
                item.place("AnnotationGroupGenerationType"),
                f"The value must be {', '.join(GENERATION_TYPES)}; found {found[:16]!r}.",
            )


def _identified(subject: Subject) -> Iterator[Breach]:
    for item in _groups(subject):
        if item.text("AnnotationGroupGenerationType") not in ("AUTOMATIC", "SEMIAUTOMATIC"):
            continue
        identification = item.first(IDENTIFICATION)
        if identification is None:
            yield item.place(IDENTIFICATION), "A group that is not MANUAL identifies its algorithm."
            continue
        for keyword in ("AlgorithmName", "AlgorithmVersion", "AlgorithmFamilyCodeSequence"):
            if identification.is_empty(keyword):
                yield identification.place(keyword), "An algorithm identification needs name, version and family."


def _types(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        if graphics.graphic_type not in GRAPHIC_TYPES:
            yield (
                graphics.item.place("GraphicType"),
                f"The value must be {', '.join(GRAPHIC_TYPES)}; found {graphics.graphic_type[:16]!r}.",
            )


def _coordinate_type(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    found = root.text("AnnotationCoordinateType")
    if found not in ("2D", "3D"):
        yield path("AnnotationCoordinateType"), f"The value must be 2D or 3D; found {found[:16]!r}."
    elif found == "3D" and root.is_empty("FrameOfReferenceUID"):
        yield path("FrameOfReferenceUID"), "Coordinates in space belong to a frame of reference."
    elif found == "2D" and root.text("PixelOriginInterpretation") not in ORIGINS:
        yield path("PixelOriginInterpretation"), "Coordinates on an image count from its FRAME or from its VOLUME."


def _coordinates(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        if len(graphics.elements) != 1:
            where = graphics.item.place("PointCoordinatesData")
            yield where, f"Coordinates stand in one element, single or double; found {len(graphics.elements)}."
        elif graphics.coordinates() is None:
            where = graphics.item.place(graphics.elements[0])
            yield where, f"The bytes hold no whole number of points of {graphics.dimensions} coordinates."


def _counts(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        wanted, found = graphics.annotations, graphics.coordinates()
        if wanted is None or wanted < 1:
            yield graphics.item.place("NumberOfAnnotations"), f"A group has at least one annotation; found {wanted}."
        elif graphics.graphic_type in FIXED_POINTS:
            coordinates = wanted * FIXED_POINTS[graphics.graphic_type] * graphics.dimensions
            if found is not None and found != coordinates:
                yield (
                    graphics.item.place(graphics.elements[0]),
                    f"{wanted} annotations of type {graphics.graphic_type} have {coordinates} coordinates; found {found}.",
                )
        elif graphics.graphic_type in LEAST_POINTS:
            entries = count_indices(graphics.item, INDICES)
            if entries != wanted:
                yield graphics.item.place(INDICES), f"{wanted} annotations have an index each; found {entries or 0}."


def _indices(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        found = graphics.coordinates()
        if graphics.graphic_type not in LEAST_POINTS or found is None or not count_indices(graphics.item, INDICES):
            continue
        sentence = _fault_of(graphics, found)
        if sentence:
            yield graphics.item.place(INDICES), sentence


def _fault_of(graphics: Graphics, coordinates: int) -> str:
    """Indices count coordinates, not points, and the first is 1 (PS3.3 C.37.1.2)."""
    least = LEAST_POINTS[graphics.graphic_type] * graphics.dimensions
    fault = fault_of_indices(graphics.item, INDICES, most=coordinates - least + 1, step=least, unit=graphics.dimensions)
    if not fault:
        return ""
    return (
        f"Each {graphics.graphic_type} begins where the one before it ends, {least} coordinates behind its beginning or more, "
        f"within the {coordinates} that there are; {fault}."
    )


def _finite(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        if graphics.elements and not graphics.finite():
            yield graphics.item.place(graphics.elements[0]), "A coordinate is no finite number."


def _codes(subject: Subject) -> Iterator[Breach]:
    for item in _groups(subject):
        for keyword in CODES:
            found = item.items(keyword)
            if len(found) != 1:
                yield item.place(keyword), f"A group needs exactly one code here; found {len(found)}."
            for code in found:
                yield from _incomplete(code)


def _incomplete(item: DataSet) -> Iterator[Breach]:
    code = code_of(item)
    if not (code.value and code.meaning and (code.scheme or not item.is_empty("URNCodeValue"))):
        yield item.place("CodeValue"), "A code needs value, scheme and meaning."


def _measured(subject: Subject) -> Iterator[Breach]:
    for group in _groups(subject):
        annotations = group.integer("NumberOfAnnotations") or 0
        for item in group.each("MeasurementsSequence"):
            for keyword in ("ConceptNameCodeSequence", "MeasurementUnitsCodeSequence"):
                code = item.first(keyword)
                if code is None:
                    yield item.place(keyword), "A measurement has a coded name and a coded unit."
                else:
                    yield from _incomplete(code)
            values = item.items("MeasurementValuesSequence")
            if len(values) != 1:
                yield (
                    item.place("MeasurementValuesSequence"),
                    f"A measurement has one item of values; found {len(values)}.",
                )
            for one in values[:1]:
                yield from _values_fit(one, annotations)


def _values_fit(item: DataSet, annotations: int) -> Iterator[Breach]:
    row = item.row_of("FloatingPointValues")
    found = 0 if row is None else item.scan.lengths[row] // np.dtype("<f4").itemsize
    if "AnnotationIndexList" not in item:
        if found != annotations:
            yield item.place("FloatingPointValues"), f"{annotations} annotations are measured; found {found} values."
        return
    entries = count_indices(item, "AnnotationIndexList")
    if entries != found:
        yield item.place("AnnotationIndexList"), f"{found} values have an index each; found {entries or 0}."
    fault = fault_of_indices(item, "AnnotationIndexList", most=annotations)
    if fault:
        yield item.place("AnnotationIndexList"), f"Indices ascend within the {annotations} annotations; {fault}."


def _image_named(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if root.text("AnnotationCoordinateType") == "2D" and not root.count("ReferencedImageSequence"):
        yield path("ReferencedImageSequence"), "Nothing says to which image the coordinates belong."


def _image_listed(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for item in subject.data_set.each("ReferencedImageSequence"):
        uid = item.text("ReferencedSOPInstanceUID")
        if uid not in listed:
            yield (
                item.place("ReferencedSOPInstanceUID"),
                f"The image {uid[:64]!r} is in no series that the object refers to.",
            )


RULES: tuple[Rule, ...] = rules(
    (error, "ANN-001", "There are groups, numbered 1 to n in order.", "PS3.3 C.37.1.2", _numbered),
    (error, "ANN-002", "Groups have a label, and a UID of their own.", "PS3.3 C.37.1.2", _named),
    (
        error,
        "ANN-003",
        "Generation Type is AUTOMATIC, SEMIAUTOMATIC or MANUAL.",
        "PS3.3 C.37.1.2",
        _generated,
    ),
    (
        error,
        "ANN-004",
        "A group that is not MANUAL identifies its algorithm by name, version and family.",
        "PS3.3 C.37.1.2, 10.16",
        _identified,
    ),
    (error, "ANN-005", "Graphic types are defined ones.", "PS3.3 C.37.1.2", _types),
    (
        error,
        "ANN-006",
        "Coordinates are 2D or 3D, with their origin or frame of reference.",
        "PS3.3 C.37.1.2",
        _coordinate_type,
    ),
    (error, "ANN-007", "Coordinates stand in one element, as whole points.", "PS3.3 C.37.1.2", _coordinates),
    (error, "ANN-008", "Number of Annotations fits coordinates and point indices.", "PS3.3 C.37.1.2", _counts),
    (
        error,
        "ANN-009",
        "Point indices begin with 1, ascend by whole graphics and stay within the coordinates.",
        "PS3.3 C.37.1.2",
        _indices,
    ),
    (error, "ANN-010", "Coordinates are finite numbers.", "PS3.3 C.37.1.2", _finite),
    (error, "ANN-011", "Groups have one property category and one property type.", "PS3.3 C.37.1.2, 8.8", _codes),
    (
        error,
        "ANN-012",
        "Measurements have a name, a unit, and a value for each annotation that they are of.",
        "PS3.3 C.37.1.2",
        _measured,
    ),
    (error, "ANN-013", "Coordinates on an image name that image.", "PS3.3 C.37.1.2", _image_named),
    (
        warning,
        "ANN-014",
        "The image is in a series that is referred to.",
        "PS3.3 C.37.1.2, C.12.2",
        _image_listed,
    ),
    applies=ANNOTATIONS,
)
