"""Mutations of structured reports: what the rules SR, and REF for reports, must tell."""

from collections.abc import Callable, Iterator
from copy import deepcopy

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without


def _items(data_set: Dataset) -> Iterator[Dataset]:
    for item in data_set.get("ContentSequence", []):
        yield item
        yield from _items(item)


def _first(value_type: str, change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    def apply(data_set: Dataset) -> None:
        change(next(item for item in _items(data_set) if item.ValueType == value_type))

    return apply


def _no_evidence(data_set: Dataset) -> None:
    """Nothing is listed, and nothing is referred to either."""
    for keyword in ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence"):
        if keyword in data_set:
            del data_set[keyword]
    for item in (data_set, *_items(data_set)):
        kept = [child for child in item.get("ContentSequence", []) if child.ValueType not in ("IMAGE", "COMPOSITE")]
        item.ContentSequence = kept
        if not kept:
            del item.ContentSequence


def _same_tracking(data_set: Dataset) -> None:
    for item in _items(data_set):
        if item.ValueType == "UIDREF" and item.ConceptNameCodeSequence[0].CodeValue == "112040":
            item.UID = FOREIGN


def _no_unit(item: Dataset) -> None:
    del item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence


def _stranger(item: Dataset) -> None:
    item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = FOREIGN


def _cut(count: int) -> Callable[[Dataset], None]:
    def change(item: Dataset) -> None:
        item.GraphicData = list(item.GraphicData)[:-count]

    return change


def _open(item: Dataset) -> None:
    item.GraphicData = [*list(item.GraphicData)[:-1], 77.0]


def _in_space(item: Dataset) -> None:
    item.ValueType, item.ReferencedFrameOfReferenceUID = "SCOORD3D", FOREIGN
    item.GraphicData = list(item.GraphicData)[:6]


def _title(data_set: Dataset) -> None:
    data_set.ContentTemplateSequence[0].TemplateIdentifier = "9999"


def _named(code: str, change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    """A change of the first item of this name."""

    def apply(data_set: Dataset) -> None:
        named = (item for item in _items(data_set) if "ConceptNameCodeSequence" in item)
        change(next(item for item in named if item.ConceptNameCodeSequence[0].CodeValue == code))

    return apply


def _without_child(code: str, of: str = "") -> Callable[[Dataset], None]:
    """The root, or the first item named ``of``, loses its children of this name."""

    def take(item: Dataset) -> None:
        item.ContentSequence = [
            child for child in item.ContentSequence if child.ConceptNameCodeSequence[0].CodeValue != code
        ]

    return _named(of, take) if of else take


def _text(value: str) -> Callable[[Dataset], None]:
    return _named("112039", lambda item: setattr(item, "TextValue", value))


def _context_of_a_number(data_set: Dataset) -> None:
    """A number that has an image for its observation context."""
    image = deepcopy(next(item for item in _items(data_set) if item.ValueType == "IMAGE"))
    image.RelationshipType = "HAS OBS CONTEXT"
    image.ContentSequence = []
    del image.ContentSequence
    next(item for item in _items(data_set) if item.ValueType == "NUM").ContentSequence = [image]


def _reference_to(*steps: int) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        item = Dataset()
        item.RelationshipType = "INFERRED FROM"
        item.ReferencedContentItemIdentifier = list(steps)
        next(item for item in _items(data_set) if item.ValueType == "NUM").ContentSequence = [item]

    return change


def _is_property(item: Dataset) -> None:
    item.RelationshipType = "HAS PROPERTIES"


def _no_selection(item: Dataset) -> None:
    del item.ContentSequence


def _two_points(item: Dataset) -> None:
    item.GraphicType, item.GraphicData = "POINT", list(item.GraphicData)[:6]


def _unit_of_no_system(item: Dataset) -> None:
    item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodingSchemeDesignator = "99ACME"


def _no_segment_number(item: Dataset) -> None:
    del item.ReferencedSOPSequence[0].ReferencedSegmentNumber


def _no_meaning(item: Dataset) -> None:
    del item.ConceptCodeSequence[0].CodeMeaning


def _no_name_value(item: Dataset) -> None:
    del item.ConceptNameCodeSequence[0].CodeValue


def _no_name(item: Dataset) -> None:
    del item.ConceptNameCodeSequence


def _empty_container(item: Dataset) -> None:
    del item.ContentSequence


def _verified(**changes: str) -> Callable[[Dataset], None]:
    """Verified by somebody, with these values instead."""

    def change(data_set: Dataset) -> None:
        observer = Dataset()
        observer.VerifyingObserverName = "Roe^Richard"
        observer.VerifyingOrganization = "Hospital"
        observer.VerificationDateTime = "20260104120000"
        observer.VerifyingObserverIdentificationCodeSequence = []
        data_set.VerifyingObserverSequence = [observer]
        data_set.VerificationFlag = "VERIFIED"
        for keyword, value in changes.items():
            setattr(observer if keyword in observer else data_set, keyword, value)

    return change


MUTATIONS: tuple[Mutation, ...] = tuple(
    Mutation(name=name, rules=rules, base=base, change=change)
    for name, rules, base, change in (
        ("a root that is no container", ("SR-001",), "report", set_to("ValueType", "TEXT")),
        ("a report without title", ("SR-001", "SR-004"), "report", without("ConceptNameCodeSequence")),
        ("a report without content", ("SR-001",), "report", without("ContentSequence")),
        ("value type BANANA", ("SR-002",), "report", _first("CODE", lambda item: setattr(item, "ValueType", "BANANA"))),
        (
            "coordinates in space in a Comprehensive report",
            ("SR-002",),
            "comprehensive",
            _first("SCOORD", _in_space),
        ),
        (
            "relationship LOVES",
            ("SR-003",),
            "report",
            _first("NUM", lambda item: setattr(item, "RelationshipType", "LOVES")),
        ),
        ("another template", ("SR-004",), "report", _title),
        ("a number without unit", ("SR-005",), "report", _first("NUM", _no_unit)),
        (
            "a number without measured value",
            ("SR-005",),
            "report",
            _first("NUM", lambda item: item.pop("MeasuredValueSequence")),
        ),
        ("a reference that is no evidence", ("SR-006",), "report", _first("IMAGE", _stranger)),
        ("no completion flag", ("SR-007",), "report", without("CompletionFlag")),
        ("verified by nobody", ("SR-008",), "report", set_to("VerificationFlag", "VERIFIED")),
        ("coordinates that are no triples", ("SR-009",), "report", _first("SCOORD3D", _cut(1))),
        ("coordinates that are no pairs", ("SR-009",), "comprehensive", _first("SCOORD", _cut(1))),
        ("a polygon that is not closed", ("SR-010",), "report", _first("SCOORD3D", _cut(3))),
        ("an outline that is not closed", ("SR-010",), "comprehensive", _first("SCOORD", _open)),
        ("two groups with one tracking UID", ("SR-011",), "report", _same_tracking),
        ("a context that numbers cannot have", ("SR-012",), "report", _context_of_a_number),
        ("a property of a container", ("SR-012",), "report", _named("125007", _is_property)),
        ("a reference to no item", ("SR-013",), "report", _reference_to(1, 99)),
        ("a reference in an Enhanced report", ("SR-013",), "enhanced", _reference_to(1, 1)),
        ("an item without name", ("SR-014",), "report", _first("NUM", _no_name)),
        ("a name without value", ("SR-014",), "report", _first("NUM", _no_name_value)),
        ("a code item without meaning", ("SR-015",), "report", _first("CODE", _no_meaning)),
        ("a text item without text", ("SR-016",), "report", _text("")),
        ("graphic type SQUIGGLE", ("SR-017",), "report", _first("SCOORD3D", lambda i: setattr(i, "GraphicType", "X"))),
        ("a point of two points", ("SR-018",), "report", _first("SCOORD3D", _two_points)),
        ("coordinates in no image", ("SR-019",), "comprehensive", _first("SCOORD", _no_selection)),
        (
            "coordinates in no space",
            ("SR-020",),
            "report",
            _first("SCOORD3D", lambda item: item.pop("ReferencedFrameOfReferenceUID")),
        ),
        ("a unit of its own", ("SR-021",), "report", _first("NUM", _unit_of_no_system)),
        ("a reference to no number of a segment", ("SR-022",), "report", _named("121191", _no_segment_number)),
        ("a report without language", ("SR-023",), "report", _without_child("121049")),
        ("a report without observer", ("SR-024",), "report", _without_child("121012")),
        ("a report of no procedure", ("SR-025",), "report", _without_child("121058")),
        ("a report without image library", ("SR-026",), "report", _without_child("111028")),
        ("a report without measurements", ("SR-027",), "report", _without_child("126010")),
        ("an empty container of measurements", ("SR-027", "SR-034"), "report", _named("126010", _empty_container)),
        ("a group that cannot be followed", ("SR-028",), "report", _without_child("112039", of="125007")),
        ("a group about no region", ("SR-029",), "report of a region", _without_child("111030", of="125007")),
        ("a group that measures nothing", ("SR-030",), "report of a region", _without_child("42798000", of="125007")),
        ("verified by nobody's organization", ("SR-031",), "report", _verified(VerifyingOrganization="")),
        ("an observer of what is not verified", ("SR-032",), "report", _verified(VerificationFlag="UNVERIFIED")),
        ("verified in part", ("SR-033",), "report", _verified(CompletionFlag="PARTIAL")),
        ("the patient's identifier in a text", ("PRI-004",), "report", _text("Lesion of pat-1, left")),
        ("the patient's name in a text", ("PRI-004",), "report", _text("Jane Doe: lesion")),
        ("a report without any reference", ("REF-001", "SR-029"), "report", _no_evidence),
    )
)
