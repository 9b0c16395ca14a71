"""Rules about which content items may stand below which (PS3.3 A.35.1.3.1 and the like sections)."""

from collections.abc import Iterator
from dataclasses import dataclass

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.rules.rule import REPORTS, Breach, Rule, error, rules
from overlays.dicom.sop_classes import BASIC_TEXT_SR, COMPREHENSIVE_3D_SR, COMPREHENSIVE_SR, ENHANCED_SR
from overlays.dicom.subject import Subject

Allowed = dict[tuple[str, str], frozenset[str]]
"""Value type of the parent and relationship, to the value types that may stand there."""

_TEXTS = frozenset(("TEXT", "CODE", "DATETIME", "DATE", "TIME", "UIDREF", "PNAME"))
_OBJECTS = frozenset(("COMPOSITE", "IMAGE", "WAVEFORM"))
_COORDINATES = frozenset(("SCOORD", "TCOORD"))
_CONTEXT_OF = ("CONTAINER", "IMAGE", "WAVEFORM", "COMPOSITE")
_SAYING = ("TEXT", "CODE", "NUM")
EVERY_TYPE = (
    *_SAYING,
    "DATETIME",
    "DATE",
    "TIME",
    "UIDREF",
    "PNAME",
    *_OBJECTS,
    *_COORDINATES,
    "SCOORD3D",
    "CONTAINER",
)
REACHING = frozenset((COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR))
"""Classes whose items may refer to other items of the tree."""


@dataclass(frozen=True, kw_only=True)
class _Class:
    """What tells the tables of the classes apart."""

    observed: frozenset[str]
    """Value types that may be observed, beside text, objects and containers."""
    saying: tuple[str, ...]
    """Value types that have properties and are inferred from others."""
    inner_containers: bool = False
    """Whether properties, inferences and acquisition contexts may be whole containers, and items have an observation context."""


def _table(kind: _Class) -> Allowed:
    below = _TEXTS | _OBJECTS | kind.observed | ({"CONTAINER"} if kind.inner_containers else frozenset())
    plain = _TEXTS | (kind.observed & {"NUM"})
    acquired = plain | ({"CONTAINER"} if kind.inner_containers else frozenset())
    table: Allowed = {
        ("CONTAINER", "CONTAINS"): _TEXTS | _OBJECTS | kind.observed | {"CONTAINER"},
        ("CONTAINER", "HAS OBS CONTEXT"): plain | {"COMPOSITE"},
        ("PNAME", "HAS PROPERTIES"): _TEXTS,
        ("SCOORD", "SELECTED FROM"): frozenset(("IMAGE",)),
        ("TCOORD", "SELECTED FROM"): frozenset(("SCOORD", "SCOORD3D", "IMAGE", "WAVEFORM")) & below,
    }
    for parent in (*_CONTEXT_OF, "NUM"):
        table[parent, "HAS ACQ CONTEXT"] = acquired
    for parent in EVERY_TYPE:
        table[parent, "HAS CONCEPT MOD"] = frozenset(("TEXT", "CODE"))
    for parent in kind.saying:
        table[parent, "HAS PROPERTIES"] = table[parent, "INFERRED FROM"] = below
        if kind.inner_containers:
            table[parent, "HAS OBS CONTEXT"] = plain | {"COMPOSITE"}
    return table


TABLES: dict[str, Allowed] = {
    BASIC_TEXT_SR: _table(_Class(observed=frozenset(), saying=("TEXT",))),
    ENHANCED_SR: _table(_Class(observed=_COORDINATES | {"NUM"}, saying=_SAYING)),
    COMPREHENSIVE_SR: _table(_Class(observed=_COORDINATES | {"NUM"}, saying=_SAYING, inner_containers=True)),
    COMPREHENSIVE_3D_SR: _table(
        _Class(observed=_COORDINATES | {"NUM", "SCOORD3D"}, saying=_SAYING, inner_containers=True)
    ),
}
"""By SOP class: Tables A.35.1-2, A.35.2-2, A.35.3-2 and A.35.13-2."""
RELATIONSHIPS = frozenset(relationship for table in TABLES.values() for _, relationship in table)
MAX_STEPS = 64
"""Of an identifier of a content item: no tree is deeper."""


def is_by_reference(item: ContentItem) -> bool:
    """Whether the item only points at another one (PS3.3 C.17.3.2.5)."""
    return "ReferencedContentItemIdentifier" in item.data_set


def _fits(subject: Subject) -> Iterator[Breach]:
    """Of items whose value type and relationship the class of report knows at all; others are told by other rules."""
    table = TABLES.get(subject.data_set.text("SOPClassUID"), {})
    known = frozenset(value_type for types in table.values() for value_type in types)
    for item in subject.content[1:]:
        parent = item.parent
        if parent is None or is_by_reference(item) or item.relationship not in RELATIONSHIPS:
            continue
        above = "CONTAINER" if parent.parent is None else parent.value_type
        if item.value_type not in known or above not in known:
            continue
        if item.value_type not in table.get((above, item.relationship), frozenset()):
            yield (
                item.data_set.place("RelationshipType"),
                f"A {item.value_type} may not stand below a {above} by {item.relationship} in this class of report.",
            )


def _targets(subject: Subject) -> Iterator[Breach]:
    may_reach = subject.data_set.text("SOPClassUID") in REACHING
    for item in subject.content[1:]:
        if not is_by_reference(item):
            continue
        where = item.data_set.place("ReferencedContentItemIdentifier")
        if not may_reach:
            yield where, "Items of this class of report may not refer to other items."
            continue
        steps = item.data_set.numbers("ReferencedContentItemIdentifier") or ()
        if not _exists(subject.content[0], steps):
            said = ".".join(f"{step:g}" for step in steps[:8]) or "nothing"
            yield where, f"The item refers to {said}, which is no item of the tree."


def _exists(root: ContentItem, steps: tuple[float, ...]) -> bool:
    """Identifiers begin with 1 for the root (PS3.3 C.17.3.2.5)."""
    if not steps or steps[0] != 1 or len(steps) > MAX_STEPS:
        return False
    at = root
    for step in steps[1:]:
        if not 1 <= step <= len(at.children) or step != int(step):
            return False
        at = at.children[int(step) - 1]
    return True


RULES: tuple[Rule, ...] = rules(
    (
        error,
        "SR-012",
        "Content items stand below others as the class of report allows.",
        "PS3.3 A.35.1.3, A.35.2.3, A.35.3.3, A.35.13.3",
        _fits,
    ),
    (
        error,
        "SR-013",
        "Content items refer to others that exist, and only in Comprehensive reports.",
        "PS3.3 C.17.3.2.5, A.35",
        _targets,
    ),
    applies=REPORTS,
)
