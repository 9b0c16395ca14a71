"""Rules about structured reports (PS3.3 C.17, C.18)."""

from collections.abc import Iterator

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.read_references import content_references
from overlays.dicom.read_report import MEASUREMENT_GROUP, TRACKING_UNIQUE_IDENTIFIER
from overlays.dicom.rules.rule import REPORTS, Breach, Rule, error, rules, warning
from overlays.dicom.sop_classes import BASIC_TEXT_SR, COMPREHENSIVE_3D_SR, COMPREHENSIVE_SR, ENHANCED_SR
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

_ENHANCED = frozenset(
    (
        "TEXT",
        "CODE",
        "NUM",
        "DATETIME",
        "DATE",
        "TIME",
        "UIDREF",
        "PNAME",
        "SCOORD",
        "TCOORD",
        "COMPOSITE",
        "IMAGE",
        "WAVEFORM",
        "CONTAINER",
    )
)
VALUE_TYPES = {
    BASIC_TEXT_SR: _ENHANCED - {"NUM", "SCOORD", "TCOORD"},
    ENHANCED_SR: _ENHANCED,
    COMPREHENSIVE_SR: _ENHANCED,
    COMPREHENSIVE_3D_SR: _ENHANCED | {"SCOORD3D"},
}
RELATIONSHIPS = frozenset(
    (
        "CONTAINS",
        "HAS OBS CONTEXT",
        "HAS CONCEPT MOD",
        "HAS PROPERTIES",
        "HAS ACQ CONTEXT",
        "INFERRED FROM",
        "SELECTED FROM",
    )
)
MEASUREMENT_REPORT_ROOTS = frozenset((("126000", "DCM"), ("126001", "DCM"), ("126002", "DCM"), ("126003", "DCM")))
"""Document titles of TID 1500 (CID 7021)."""
CLOSING_TOLERANCE = 1e-6


def _root(subject: Subject) -> Iterator[Breach]:
    root = subject.content[0]
    if root.value_type != "CONTAINER":
        yield path("ValueType"), f"The root of a report is a CONTAINER; found {root.value_type[:16]!r}."
    if root.name is None or not root.name.value:
        yield path("ConceptNameCodeSequence"), "The root of a report has a coded title."
    if not root.children:
        yield path("ContentSequence"), "The report has no content."


def _value_types(subject: Subject) -> Iterator[Breach]:
    allowed = VALUE_TYPES.get(subject.data_set.text("SOPClassUID"), frozenset())
    for item in subject.content[1:]:
        if item.value_type not in allowed and not _by_reference(item):
            yield (
                item.data_set.place("ValueType"),
                f"The value type {item.value_type[:16]!r} is not allowed in this class of report.",
            )


def _by_reference(item: ContentItem) -> bool:
    """Whether the item only points at another one (PS3.3 C.17.3.2.5)."""
    return "ReferencedContentItemIdentifier" in item.data_set


def _relationships(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if item.relationship not in RELATIONSHIPS:
            yield (
                item.data_set.place("RelationshipType"),
                f"{item.relationship[:16]!r} is no relationship of content items.",
            )


def _template(subject: Subject) -> Iterator[Breach]:
    template = subject.data_set.first("ContentTemplateSequence")
    stated = template.text("TemplateIdentifier") if template else ""
    name = subject.content[0].name
    is_measurement_report = name is not None and (name.value, name.scheme) in MEASUREMENT_REPORT_ROOTS
    if (stated == "1500") != is_measurement_report:
        sentence = (
            "The report says that it follows TID 1500, but its title is none of that template."
            if stated == "1500"
            else f"The title is one of TID 1500, but the template stated is {stated[:16]!r}."
        )
        yield path("ContentTemplateSequence"), sentence


def _numbers(subject: Subject) -> Iterator[Breach]:
    for item in subject.content:
        if item.value_type != "NUM" or _by_reference(item):
            continue
        if "MeasuredValueSequence" not in item.data_set:
            yield item.data_set.place("MeasuredValueSequence"), "A NUM item has this sequence, though it may be empty."
        measured = item.data_set.first("MeasuredValueSequence")
        if measured is None:
            continue
        if not measured.numbers("NumericValue"):
            yield measured.place("NumericValue"), "A measured value is a number."
        unit = measured.code("MeasurementUnitsCodeSequence")
        if unit is None or not unit.value:
            yield measured.place("MeasurementUnitsCodeSequence"), "A measured value has a unit."


def _evidence(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for _, reference in content_references(subject.content):
        uid = reference.text("ReferencedSOPInstanceUID")
        if uid not in listed:
            yield (
                reference.place("ReferencedSOPInstanceUID"),
                f"The instance {uid[:64]!r} is referred to, but not listed as evidence.",
            )


def _flags(subject: Subject) -> Iterator[Breach]:
    for keyword, allowed in (
        ("CompletionFlag", ("PARTIAL", "COMPLETE")),
        ("VerificationFlag", ("UNVERIFIED", "VERIFIED")),
    ):
        found = subject.data_set.text(keyword)
        if found not in allowed:
            yield path(keyword), f"The value must be {' or '.join(allowed)}; found {found[:16]!r}."


def _verified(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("VerificationFlag") == "VERIFIED" and not subject.data_set.count(
        "VerifyingObserverSequence"
    ):
        yield path("VerifyingObserverSequence"), "A verified report names who verified it."


def _graphics(subject: Subject) -> Iterator[tuple[ContentItem, tuple[float, ...], int]]:
    for item in subject.content:
        size = {"SCOORD": 2, "SCOORD3D": 3}.get(item.value_type)
        if size is not None and not _by_reference(item):
            yield item, item.data_set.numbers("GraphicData") or (), size


def _coordinates(subject: Subject) -> Iterator[Breach]:
    for item, values, size in _graphics(subject):
        if not values or len(values) % size or any(value - value != 0 for value in values):
            yield (
                item.data_set.place("GraphicData"),
                f"{item.value_type} has a finite multiple of {size} coordinates; found {len(values)}.",
            )


def _closed(subject: Subject) -> Iterator[Breach]:
    for item, values, size in _graphics(subject):
        kind = item.data_set.text("GraphicType")
        closed_kind = kind == "POLYGON" or (kind == "POLYLINE" and size == 2)
        if closed_kind and len(values) >= 2 * size and not len(values) % size:
            gap = max(abs(a - b) for a, b in zip(values[:size], values[-size:], strict=True))
            if gap > CLOSING_TOLERANCE:
                yield item.data_set.place("GraphicData"), f"The {kind} does not return to its first point."


def _tracking_unique(subject: Subject) -> Iterator[Breach]:
    seen: set[str] = set()
    for item in subject.content:
        if item.name is None or (item.name.value, item.name.scheme) != MEASUREMENT_GROUP:
            continue
        for tracking in item.named(TRACKING_UNIQUE_IDENTIFIER):
            uid = tracking.value_text()
            if uid and uid in seen:
                yield tracking.data_set.place("UID"), "Two measurement groups have the same tracking UID."
            seen.add(uid)


RULES: tuple[Rule, ...] = rules(
    (error, "SR-001", "The root is a container with a coded title and content.", "PS3.3 C.17.3", _root),
    (error, "SR-002", "Value types are allowed in the class of report.", "PS3.3 C.17.3, A.35", _value_types),
    (error, "SR-003", "Relationships of content items are defined ones.", "PS3.3 C.17.3.2.4", _relationships),
    (warning, "SR-004", "The stated template fits the title.", "PS3.16 TID 1500", _template),
    (error, "SR-005", "Numbers have a value with its unit, or none at all.", "PS3.3 C.18.1", _numbers),
    (
        error,
        "SR-006",
        "Every instance that the content refers to is listed as evidence.",
        "PS3.3 C.17.2",
        _evidence,
    ),
    (error, "SR-007", "Completion Flag and Verification Flag are stated.", "PS3.3 C.17.2", _flags),
    (error, "SR-008", "A verified report names its verifying observer.", "PS3.3 C.17.2", _verified),
    (
        error,
        "SR-009",
        "Spatial coordinates come in pairs, or in threes in space.",
        "PS3.3 C.18.6, C.18.9",
        _coordinates,
    ),
    (warning, "SR-010", "Polygons and outlines return to their first point.", "PS3.3 C.18.6, C.18.9", _closed),
    (
        warning,
        "SR-011",
        "Measurement groups have tracking UIDs of their own.",
        "PS3.16 TID 1410, TID 1411",
        _tracking_unique,
    ),
    applies=REPORTS,
)
