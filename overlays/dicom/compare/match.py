"""Decides which segment of one segmentation is which segment of another."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from overlays.dicom.compare.figures import MatchedBy
from overlays.dicom.dataset import DataSet

BACKGROUND = ("125040", "DCM")
"""The property type of what is no segment but the ground of a label map (PS3.16 CID 7151)."""

Concept = tuple[str, str]
Match = tuple["Described", "Described", MatchedBy]


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a segment says it is (PS3.3 C.8.20.4): codes are pairs of value and scheme.

    ``where`` are the modifiers of the type, the anatomic regions and their modifiers: a left and a right kidney share their type.
    """

    number: int
    label: str
    tracking_uid: str
    kind: Concept | None
    where: frozenset[Concept]


def described(root: DataSet) -> tuple[Described, ...]:
    """The segments of an object in the order written, without the background of a label map."""
    padding = root.integer("PixelPaddingValue") if root.text("SegmentationType") == "LABELMAP" else None
    found: dict[int, Described] = {}
    for item in root.each("SegmentSequence"):
        number = item.integer("SegmentNumber")
        kind = _concept(item, "SegmentedPropertyTypeCodeSequence")
        if number is None or number == padding or kind == BACKGROUND:
            continue
        where = [
            *_concepts(item.first("SegmentedPropertyTypeCodeSequence"), "SegmentedPropertyTypeModifierCodeSequence"),
            *_concepts(item, "AnatomicRegionSequence"),
            *_concepts(item.first("AnatomicRegionSequence"), "AnatomicRegionModifierSequence"),
        ]
        found.setdefault(
            number,
            Described(
                number=number,
                label=item.text("SegmentLabel"),
                tracking_uid=item.text("TrackingUID"),
                kind=kind,
                where=frozenset(where),
            ),
        )
    return tuple(found.values())


def match(before: Sequence[Described], after: Sequence[Described]) -> tuple[Match, ...]:
    """Pairs in the order of ``before``; a segment is in one pair at most, and what is in none has no counterpart.

    Tried in this order, over all segments each time: the same Tracking UID; the same property type and label; the same of those
    and the number, where several share type and label; the same property type and place, where each object has it once. A key
    that an object has twice pairs nothing, and two segments that name different places are never paired by their label.
    """
    steps: tuple[tuple[MatchedBy, Callable[[Described], Hashable | None]], ...] = (
        (MatchedBy.TRACKING_UID, lambda each: each.tracking_uid or None),
        (MatchedBy.TYPE_AND_LABEL, lambda each: each.kind and (each.kind, each.label)),
        (MatchedBy.TYPE_LABEL_AND_NUMBER, lambda each: each.kind and (each.kind, each.label, each.number)),
        (MatchedBy.TYPE, lambda each: each.kind and (each.kind, each.where)),
    )
    found: dict[int, Match] = {}
    taken: set[int] = set()
    for reason, key in steps:
        mine, others = _unique(before, key), _unique(after, key)
        for name in mine.keys() & others.keys():
            one, other = mine[name], others[name]
            if (
                one.number in found
                or other.number in taken
                or (reason is not MatchedBy.TRACKING_UID and _apart(one, other))
            ):
                continue
            found[one.number] = (one, other, reason)
            taken.add(other.number)
    return tuple(found[each.number] for each in before if each.number in found)


def _unique(segments: Sequence[Described], key: Callable[[Described], Hashable | None]) -> dict[Hashable, Described]:
    """Segments by their key, as far as it is one segment's alone."""
    keys = [key(each) for each in segments]
    count = Counter(keys)
    return {name: each for name, each in zip(keys, segments, strict=True) if name is not None and count[name] == 1}


def _apart(one: Described, other: Described) -> bool:
    return bool(one.where and other.where) and one.where != other.where


def _concepts(item: DataSet | None, keyword: str) -> list[Concept]:
    codes = [] if item is None else [_code(each) for each in item.each(keyword)]
    return [code for code in codes if code is not None]


def _concept(item: DataSet, keyword: str) -> Concept | None:
    first = item.first(keyword)
    return None if first is None else _code(first)


def _code(item: DataSet) -> Concept | None:
    value = item.text("CodeValue") or item.text("LongCodeValue") or item.text("URNCodeValue")
    return (value, item.text("CodingSchemeDesignator")) if value else None
