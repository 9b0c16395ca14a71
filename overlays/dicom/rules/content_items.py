"""Rules about what single content items of a report hold (PS3.3 C.18)."""

from collections.abc import Iterator

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.dataset import DataSet, code_of
from overlays.dicom.rules.relationships import is_by_reference
from overlays.dicom.rules.rule import REPORTS, Breach, Rule, error, rules, warning
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION
from overlays.dicom.subject import Subject

POINTS = {
    "SCOORD": {"POINT": (1, 1), "MULTIPOINT": (1, None), "POLYLINE": (2, None), "CIRCLE": (2, 2), "ELLIPSE": (4, 4)},
    "SCOORD3D": {
        "POINT": (1, 1),
        "MULTIPOINT": (1, None),
        "POLYLINE": (2, None),
        "POLYGON": (3, None),
        "ELLIPSE": (4, 4),
        "ELLIPSOID": (6, 6),
    },
}
"""Graphic types, and the least and most points of each (C.18.6.1.2, C.18.9.1.2)."""
VALUES = {
    "TEXT": "TextValue",
    "PNAME": "PersonName",
    "UIDREF": "UID",
    "DATETIME": "DateTime",
    "DATE": "Date",
    "TIME": "Time",
}
REFERENCED_SEGMENT = (("121191", "DCM"), ("121214", "DCM"))
UNNAMED = ("IMAGE", "WAVEFORM", "COMPOSITE", "SCOORD", "SCOORD3D", "TCOORD", "CONTAINER")
"""Value types that may stand without a concept name (C.17.3.2.1)."""


def _own(subject: Subject, *value_types: str) -> Iterator[ContentItem]:
    """Items of these types that do not just point at another."""
    return (item for item in subject.content[1:] if item.value_type in value_types and not is_by_reference(item))


def _incomplete(item: DataSet) -> str:
    code = code_of(item)
    missing = [
        word
        for word, value in (
            ("value", code.value),
            ("scheme", code.scheme or item.text("URNCodeValue")),
            ("meaning", code.meaning),
        )
        if not value
    ]
    return " and ".join(missing)


def _named(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if is_by_reference(item):
            continue
        first = item.data_set.first("ConceptNameCodeSequence")
        if first is None:
            if item.value_type not in UNNAMED:
                yield item.data_set.place("ConceptNameCodeSequence"), f"A {item.value_type[:16]} item has a coded name."
        elif missing := _incomplete(first):
            yield first.place("CodeValue"), f"The code that names the item lacks its {missing}."


def _coded(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, "CODE"):
        first = item.data_set.first("ConceptCodeSequence")
        if first is None:
            yield item.data_set.place("ConceptCodeSequence"), "A CODE item holds a code."
        elif missing := _incomplete(first):
            yield first.place("CodeValue"), f"The code lacks its {missing}."


def _valued(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, *VALUES):
        if item.data_set.is_empty(VALUES[item.value_type]):
            yield item.data_set.place(VALUES[item.value_type]), f"A {item.value_type} item has a value."


def _graphic_type(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, *POINTS):
        found = item.data_set.text("GraphicType")
        if found not in POINTS[item.value_type]:
            yield (
                item.data_set.place("GraphicType"),
                f"{item.value_type} has one of the types {', '.join(POINTS[item.value_type])}; found {found[:16]!r}.",
            )


def _points(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, *POINTS):
        kind = item.data_set.text("GraphicType")
        size = 2 if item.value_type == "SCOORD" else 3
        values = item.data_set.numbers("GraphicData") or ()
        least, most = POINTS[item.value_type].get(kind, (0, None))
        points = len(values) // size
        if values and not len(values) % size and (points < least or (most is not None and points > most)):
            wanted = f"{least}" if least == most else f"at least {least}"
            yield item.data_set.place("GraphicData"), f"A {kind} has {wanted} points; found {points}."


def _in_image(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, "SCOORD"):
        selected = [child for child in item.children if child.relationship == "SELECTED FROM"]
        if not selected:
            yield item.data_set.place("ContentSequence"), "Coordinates in an image name the image that they lie in."


def _in_space(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, "SCOORD3D"):
        if item.data_set.is_empty("ReferencedFrameOfReferenceUID"):
            yield (
                item.data_set.place("ReferencedFrameOfReferenceUID"),
                "Coordinates in space name their frame of reference.",
            )


def _units(subject: Subject) -> Iterator[Breach]:
    for item in _own(subject, "NUM"):
        measured = item.data_set.first("MeasuredValueSequence")
        unit = measured.code("MeasurementUnitsCodeSequence") if measured else None
        if measured is not None and unit is not None and unit.scheme not in ("UCUM", ""):
            yield (
                measured.place("MeasurementUnitsCodeSequence"),
                f"Units of DICOM are those of UCUM; found one of {unit.scheme[:16]!r}.",
            )


def _segment(subject: Subject) -> Iterator[Breach]:
    """What stands under Referenced Segment or Referenced Segmentation Frame."""
    for item in _own(subject, "IMAGE"):
        if item.name is None or (item.name.value, item.name.scheme) not in REFERENCED_SEGMENT:
            continue
        for reference in item.data_set.each("ReferencedSOPSequence"):
            found = reference.text("ReferencedSOPClassUID")
            if found not in (SEGMENTATION, LABEL_MAP_SEGMENTATION):
                yield (
                    reference.place("ReferencedSOPClassUID"),
                    f"A segment lies in a segmentation; found class {found[:64]!r}.",
                )
            # Where frames are named, the number must be absent (PS3.3 10.3): the frames say which segment it is.
            elif "ReferencedFrameNumber" not in reference and reference.integer("ReferencedSegmentNumber") is None:
                yield reference.place("ReferencedSegmentNumber"), "A reference to a segment gives its number."


RULES: tuple[Rule, ...] = rules(
    (error, "SR-014", "Content items are named by complete codes.", "PS3.3 C.17.3.2.1, 8.8", _named),
    (error, "SR-015", "CODE items hold a complete code.", "PS3.3 C.18.2, 8.8", _coded),
    (warning, "SR-016", "Text, names, UIDs, dates and times have a value.", "PS3.3 C.17.3.2", _valued),
    (error, "SR-017", "Graphic types are defined ones.", "PS3.3 C.18.6, C.18.9", _graphic_type),
    (error, "SR-018", "Graphics have as many points as their type.", "PS3.3 C.18.6.1.2, C.18.9.1.2", _points),
    (warning, "SR-019", "Coordinates in an image name the image.", "PS3.3 C.18.6", _in_image),
    (error, "SR-020", "Coordinates in space name their frame of reference.", "PS3.3 C.18.9", _in_space),
    (warning, "SR-021", "Units are those of UCUM.", "PS3.3 C.18.1; PS3.16 7.2.2", _units),
    (error, "SR-022", "References to segments give class and number.", "PS3.16 TID 1410, TID 1411", _segment),
    applies=REPORTS,
)
