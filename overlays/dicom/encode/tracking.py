"""Keeps in a correction the identifiers by which its segments and groups are followed (PS3.3 C.8.20.4, PS3.16 TID 4108)."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from overlays.dicom.encode.description import Description
from overlays.dicom.encode.segment_description import SegmentWish


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """A segment of the predecessor, or a measurement group of it, which has neither label nor code: value and scheme."""

    tracking_id: str
    tracking_uid: str
    label: str = ""
    code: tuple[str, str] | None = None


def tracked(description: Description, before: Sequence[Tracked]) -> Description:
    """The description in which what is the same as before has its Tracking ID and UID.

    The same has the Tracking ID that is given; where none is given, the same property type and label. What either has twice is not
    told apart, and a UID that is given stays.
    """
    if description.segmentation is not None:
        wish = description.segmentation
        segments = wish.segments
        uids = _uids([_of_segment(each) for each in segments], {each.tracking_uid for each in segments}, before)
        kept = tuple(
            replace(each, tracking_id=same.tracking_id, tracking_uid=same.tracking_uid) if same else each
            for each, same in zip(segments, uids, strict=True)
        )
        return replace(description, segmentation=replace(wish, segments=kept))
    groups = description.section.get("groups")
    if not isinstance(groups, list):
        return description
    given = {
        group.get("tracking_uid") for group in groups if isinstance(group, dict) and _is_text(group, "tracking_uid")
    }
    found = _uids([_of_group(group) for group in groups], given, before)
    named = [
        group | {"tracking_uid": same.tracking_uid} if same else group
        for group, same in zip(groups, found, strict=True)
    ]
    return replace(description, section=MappingProxyType({**description.section, "groups": named}))


def _is_text(group: Mapping, key: str) -> bool:
    return isinstance(group.get(key), str)


def _of_segment(wish: SegmentWish) -> Hashable | None:
    if wish.tracking_uid:
        return None
    return wish.tracking_id or (wish.label, (wish.property_type.value, wish.property_type.scheme))


def _of_group(group: object) -> Hashable | None:
    if not isinstance(group, dict) or "tracking_uid" in group or not _is_text(group, "tracking_id"):
        return None
    return group["tracking_id"]


def _uids(keys: Sequence[Hashable | None], given: Collection[str], before: Sequence[Tracked]) -> list[Tracked | None]:
    """For each key (a Tracking ID, or label and code) what was the same before."""
    free = [each for each in before if each.tracking_uid and each.tracking_uid not in given]
    known: dict[Hashable, Tracked] = {}
    ways: tuple[Callable[[Tracked], Hashable], ...] = (
        lambda each: each.tracking_id,
        lambda each: (each.label, each.code),
    )
    for way in ways:
        count = Counter(map(way, free))
        known |= {way(each): each for each in free if count[way(each)] == 1}
    asked = Counter(keys)
    found = [known.get(key) if key is not None and asked[key] == 1 else None for key in keys]
    taken = Counter(id(each) for each in found if each)
    return [each if each and taken[id(each)] == 1 else None for each in found]
