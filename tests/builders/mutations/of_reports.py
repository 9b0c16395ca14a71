"""Mutations of structured reports: what the rules SR, and REF for reports, must tell."""

from collections.abc import Callable, Iterator

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
    item.ValueType = "SCOORD3D"
    item.GraphicData = list(item.GraphicData)[:6]


def _title(data_set: Dataset) -> None:
    data_set.ContentTemplateSequence[0].TemplateIdentifier = "9999"


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
        ("a report without any reference", ("REF-001",), "report", _no_evidence),
    )
)
