"""Rules about key object selections (PS3.3 A.35.4, C.17.6; PS3.16 TID 2010)."""

from collections.abc import Iterator

from overlays.dicom.read_references import content_references
from overlays.dicom.rules.rule import KEY_OBJECTS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

VALUE_TYPES = frozenset(("CODE", "COMPOSITE", "CONTAINER", "IMAGE", "PNAME", "TEXT", "UIDREF", "WAVEFORM"))
RELATIONSHIPS = frozenset(("CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD"))
TEMPLATE = "2010"
FLAGS = ("CompletionFlag", "VerificationFlag")
REJECTIONS = {
    "113001": "Rejected for Quality Reasons",
    "113037": "Rejected for Patient Safety Reasons",
    "113038": "Incorrect Modality Worklist Entry",
    "113039": "Data Retention Policy Expired",
}
"""Titles by which IHE IOCM tells an archive to hide or delete what is selected (CID 7031)."""


def _numbers(*spans: tuple[int, int]) -> frozenset[str]:
    return frozenset(str(number) for first, last in spans for number in range(first, last + 1))


TITLES = _numbers(
    (113000, 113010),
    (113013, 113013),
    (113018, 113018),
    (113020, 113022),
    (113030, 113039),
    (128180, 128223),
    (128710, 128714),
    (130370, 130373),
    (130753, 130753),
)
"""Code values of CID 7010, all of the scheme DCM."""


def _root(subject: Subject) -> Iterator[Breach]:
    root = subject.content[0]
    if root.value_type != "CONTAINER":
        yield path("ValueType"), f"The root of a selection is a CONTAINER; found {root.value_type[:16]!r}."
    if root.name is None or not root.name.value or not root.name.scheme:
        yield path("ConceptNameCodeSequence"), "A selection has a coded title: a value and its scheme."


def _title(subject: Subject) -> Iterator[Breach]:
    name = subject.content[0].name
    if name is not None and name.value and (name.value not in TITLES or name.scheme != "DCM"):
        yield (
            path("ConceptNameCodeSequence"),
            f"The title {name.value[:16]} {name.scheme[:16]} is none of CID 7010.",
        )


def _rejection(subject: Subject) -> Iterator[Breach]:
    name = subject.content[0].name
    if name is not None and name.scheme == "DCM" and name.value in REJECTIONS:
        yield (
            path("ConceptNameCodeSequence"),
            f"The title {name.value} ({REJECTIONS[name.value]}) tells an archive to withdraw what is selected; the registry keeps "
            "the note and does not act on it.",
        )


def _selected(subject: Subject) -> Iterator[Breach]:
    if not any(reference.text("ReferencedSOPInstanceUID") for _, reference in content_references(subject.content)):
        yield path("ContentSequence"), "The selection selects nothing: its content refers to no object."


def _evidence(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for _, reference in content_references(subject.content):
        uid = reference.text("ReferencedSOPInstanceUID")
        if uid not in listed:
            yield (
                reference.place("ReferencedSOPInstanceUID"),
                f"The instance {uid[:64]!r} is selected, but not listed as evidence.",
            )


def _unselected(subject: Subject) -> Iterator[Breach]:
    selected = {reference.text("ReferencedSOPInstanceUID") for _, reference in content_references(subject.content)}
    if not selected:
        return
    for entry in subject.listed:
        if entry.sop_instance_uid not in selected:
            yield (
                subject.data_set.scan.place(entry.row),
                f"The instance {entry.sop_instance_uid[:64]!r} is listed as evidence, but not selected.",
            )


def _template(subject: Subject) -> Iterator[Breach]:
    template = subject.data_set.first("ContentTemplateSequence")
    stated = template.text("TemplateIdentifier") if template else ""
    if stated != TEMPLATE:
        yield (
            path("ContentTemplateSequence"),
            f"A selection follows TID {TEMPLATE}; the template stated is {stated[:16]!r}.",
        )


def _value_types(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if item.value_type not in VALUE_TYPES:
            yield (
                item.data_set.place("ValueType"),
                f"The value type {item.value_type[:16]!r} is not allowed in a selection.",
            )


def _relationships(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if item.relationship not in RELATIONSHIPS:
            yield (
                item.data_set.place("RelationshipType"),
                f"The relationship {item.relationship[:16]!r} is not allowed in a selection.",
            )


def _across_studies(subject: Subject) -> Iterator[Breach]:
    studies = {entry.study_instance_uid for entry in subject.listed}
    if len(studies) > 1 and not subject.data_set.count("IdenticalDocumentsSequence"):
        yield (
            path("IdenticalDocumentsSequence"),
            f"The selection spans {len(studies)} studies, but names no identical document in the others.",
        )


def _classes(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid: entry.sop_class_uid for entry in subject.listed}
    for _, reference in content_references(subject.content):
        uid, found = reference.text("ReferencedSOPInstanceUID"), reference.text("ReferencedSOPClassUID")
        if listed.get(uid, found) != found:
            yield (
                reference.place("ReferencedSOPClassUID"),
                f"The instance {uid[:64]!r} is selected as of another class than it is listed.",
            )


def _flags(subject: Subject) -> Iterator[Breach]:
    for keyword in FLAGS:
        if keyword in subject.data_set:
            yield (
                path(keyword),
                f"Selections are neither verified nor complete; found {subject.data_set.text(keyword)[:16]!r}, which may be believed.",
            )


def _nested(subject: Subject) -> Iterator[Breach]:
    for item in subject.content[1:]:
        if item.value_type == "CONTAINER":
            yield (
                item.data_set.place("ValueType"),
                "What is selected stands right below the root; viewers look into no container.",
            )


def _once(subject: Subject) -> Iterator[Breach]:
    seen: set[tuple[str, bytes]] = set()
    for item, reference in content_references(subject.content):
        key = (reference.text("ReferencedSOPInstanceUID"), reference.raw("ReferencedFrameNumber"))
        if key in seen:
            yield item.data_set.place(), f"The instance {key[0][:64]!r} is selected twice."
        seen.add(key)


RULES: tuple[Rule, ...] = rules(
    (error, "KO-001", "The root is a container with a coded title.", "PS3.3 C.17.3; PS3.16 TID 2010", _root),
    (warning, "KO-002", "The title is one of those for selections.", "PS3.16 CID 7010", _title),
    (
        warning,
        "KO-003",
        "The title is no rejection: the registry does not act on one.",
        "IHE RAD TF-2 4.66; PS3.16 CID 7031",
        _rejection,
    ),
    (error, "KO-004", "The selection selects something.", "PS3.16 TID 2010", _selected),
    (error, "KO-005", "Everything that is selected is listed as evidence.", "PS3.3 C.17.6.2", _evidence),
    (warning, "KO-006", "Everything that is listed as evidence is selected.", "PS3.3 C.17.6.2", _unselected),
    (warning, "KO-007", "The stated template is TID 2010.", "PS3.3 A.35.4; PS3.16 TID 2010", _template),
    (error, "KO-008", "Value types are allowed in a selection.", "PS3.3 A.35.4.3.1.1", _value_types),
    (error, "KO-009", "Relationships are allowed in a selection.", "PS3.3 A.35.4.3.1.2", _relationships),
    (
        warning,
        "KO-010",
        "A selection across studies names its identical documents.",
        "PS3.3 C.17.6.2.1",
        _across_studies,
    ),
    (warning, "KO-011", "What is selected is listed by its class.", "PS3.3 C.17.6.2", _classes),
    (warning, "KO-012", "A selection claims no verification.", "PS3.3 A.35.4.2, C.17.6", _flags),
    (error, "KO-013", "No container stands in a selection.", "PS3.3 A.35.4.3.1.2", _nested),
    (warning, "KO-014", "Nothing is selected twice.", "PS3.16 TID 2010", _once),
    applies=KEY_OBJECTS,
)
