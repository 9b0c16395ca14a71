"""Decides which segment of one segmentation is which segment of another."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from overlays.dicom.compare.figures import MatchedBy
from overlays.dicom.compare.sides import sides_of_codes, sides_of_words
from overlays.dicom.dataset import DataSet

BACKGROUND = ("125040", "DCM")
"""The property type of what is no segment but the ground of a label map (PS3.16 CID 7151)."""

NOT_SAID = frozenset({None, ("T-D0050", "SRT"), ("85756007", "SCT")})
"""Property types that say nothing: viewers write Tissue where they keep the label alone."""

Concept = tuple[str, str]
Match = tuple["Described", "Described", MatchedBy]
Overlap = Callable[[Collection[tuple[int, int]]], Mapping[tuple[int, int], int]]
"""Tells the voxels that segments have in common, by their numbers before and after."""

MOST_LAID_ON_EACH_OTHER = 2500
"""Pairs of segments that are alike, of one comparison; what is beyond stays alone."""


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
    ground = (root.integer("PixelPaddingValue") or 0) if root.text("SegmentationType") == "LABELMAP" else None
    found: dict[int, Described] = {}
    for item in root.each("SegmentSequence"):
        number = item.integer("SegmentNumber")
        kind = _concept(item, "SegmentedPropertyTypeCodeSequence")
        if number is None or number == ground or kind == BACKGROUND:
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


def match(before: Sequence[Described], after: Sequence[Described], overlap: Overlap) -> tuple[Match, ...]:
    """Pairs in the order of ``before``; a segment is in one pair at most, and what is in none has no counterpart.

    Tried in this order, over all segments each time: the same Tracking UID; the same property type and label; the same of those and
    most voxels in common, where several share type and label; the same property type and place, where each object has it once; the same
    label, where one of the types says nothing. A key that an object has twice pairs nothing, and segments that name different places
    or sides, by codes or in their labels, are paired by their Tracking UID alone. A Segment Number says nothing.
    """
    found: dict[int, Match] = {}
    taken: set[int] = set()

    def pair(one: Described, other: Described, reason: MatchedBy) -> None:
        free = one.number not in found and other.number not in taken
        if reason is MatchedBy.LABEL and not {one.kind, other.kind} & NOT_SAID:
            return
        if free and (reason is MatchedBy.TRACKING_UID or not _apart(one, other)):
            found[one.number] = (one, other, reason)
            taken.add(other.number)

    def by(reason: MatchedBy, key: Callable[[Described], Hashable | None]) -> None:
        mine, others = _unique(before, key), _unique(after, key)
        for name in mine.keys() & others.keys():
            pair(mine[name], others[name], reason)

    by(MatchedBy.TRACKING_UID, lambda each: each.tracking_uid or None)
    by(MatchedBy.TYPE_AND_LABEL, _type_and_label)
    left = [each for each in before if each.number not in found], [each for each in after if each.number not in taken]
    for one, other in _most_in_common(*left, overlap):
        pair(one, other, MatchedBy.OVERLAP)
    by(MatchedBy.TYPE, lambda each: (each.kind, each.where) if each.kind not in NOT_SAID else None)
    by(MatchedBy.LABEL, lambda each: each.label or None)
    return tuple(found[each.number] for each in before if each.number in found)


def _type_and_label(segment: Described) -> Hashable | None:
    return segment.kind and (segment.kind, segment.label)


def _most_in_common(
    before: Sequence[Described], after: Sequence[Described], overlap: Overlap
) -> list[tuple[Described, Described]]:
    """Segments alike in type and label that have voxels in common: most of them first, of equals those of the lowest numbers."""
    groups: dict[Hashable, tuple[list[Described], list[Described]]] = {}
    for which, segments in enumerate((before, after)):
        for each in segments:
            if key := _type_and_label(each):
                groups.setdefault(key, ([], []))[which].append(each)
    alike: dict[tuple[int, int], tuple[Described, Described]] = {}
    for mine, others in groups.values():
        if len(alike) + len(mine) * len(others) <= MOST_LAID_ON_EACH_OTHER:
            alike |= {
                (one.number, other.number): (one, other) for one in mine for other in others if not _apart(one, other)
            }
    common = overlap(alike.keys()) if alike else {}
    return [alike[pair] for pair in sorted(alike, key=lambda pair: (-common[pair], pair)) if common[pair]]


def _unique(segments: Sequence[Described], key: Callable[[Described], Hashable | None]) -> dict[Hashable, Described]:
    """Segments by their key, as far as it is one segment's alone."""
    keys = [key(each) for each in segments]
    count = Counter(keys)
    return {name: each for name, each in zip(keys, segments, strict=True) if name is not None and count[name] == 1}


def _apart(one: Described, other: Described) -> bool:
    if one.where and other.where and one.where != other.where:
        return True
    mine, others = (sides_of_words(each.label) | sides_of_codes(each.where) for each in (one, other))
    return any(mine[axis] != others[axis] for axis in mine.keys() & others.keys())


def _concepts(item: DataSet | None, keyword: str) -> list[Concept]:
    codes = [] if item is None else [_code(each) for each in item.each(keyword)]
    return [code for code in codes if code is not None]


def _concept(item: DataSet, keyword: str) -> Concept | None:
    first = item.first(keyword)
    return None if first is None else _code(first)


def _code(item: DataSet) -> Concept | None:
    value = item.text("CodeValue") or item.text("LongCodeValue") or item.text("URNCodeValue")
    return (value, item.text("CodingSchemeDesignator")) if value else None
