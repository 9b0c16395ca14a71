"""Words what the archive found as the registry's own results: its attributes, and counts of what may be seen (PS3.18 10.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overlays.archive.elements import Element
from overlays.archive.sources import INSTANCE, SERIES, STUDY
from overlays.archive.values import text
from overlays.dicomweb.archive_bulk import with_own_addresses
from overlays.queries.archive_objects import Seen
from overlays.queries.dicomweb_attributes import ATTRIBUTES, Level

if TYPE_CHECKING:
    from overlays.dicomweb.archive_search import Merge

_ON_REQUEST = frozenset({"IssuerOfPatientID", "SeriesDate", "SeriesTime", "BodyPartExamined"})
_OF_INSTANCES = frozenset({"00280010", "00280011", "00280100", "00280008", "00083002", "00080016"})
_COMPUTED = frozenset(
    (
        "00080054",
        "00080056",
        "00080061",
        "00080062",
        "00080063",
        "00081190",
        "00201200",
        "00201202",
        "00201204",
        "00201206",
        "00201208",
        "00201209",
    )
)
"""What an archive counts over everything that it has, and where it says that things are: never passed on."""


def study_element(element: Element, merge: Merge, *, there: Seen, here: Seen) -> Element:
    """A study of the archive, with what is visible of it in both places counted."""
    found = _level(element, Level.STUDY, merge) | _counts(there, here)
    return _located(found, merge, study=text(element, STUDY))


def series_element(element: Element, merge: Merge, *, there: Seen, here: Seen) -> Element:
    """A series of the archive; with its study where the address names none."""
    series = text(element, SERIES)
    found = _level(element, Level.SERIES, merge)
    if merge.study is None:
        found |= _level(element, Level.STUDY, merge) | _counts(there, here)
    found[STUDY] = element[STUDY]
    count = sum(seen[series].instances for seen in (there, here) if series in seen)
    found["00201209"] = {"vr": "IS", "Value": [count]}
    return _located(found, merge, study=text(element, STUDY), series=series)


def instance_element(element: Element, merge: Merge) -> Element:
    """An instance of the archive, with all that was asked for."""
    found = _level(element, Level.INSTANCE, merge)
    for level, named in ((Level.STUDY, merge.study), (Level.SERIES, merge.series)):
        if named is None:
            found |= _level(element, level, merge)
    asked = set(element) if merge.wanted.every_field else _OF_INSTANCES | merge.wanted.fields
    found |= with_own_addresses({tag: element[tag] for tag in asked - _COMPUTED if tag in element})
    found |= {tag: element[tag] for tag in (STUDY, SERIES)}
    return _located(
        found, merge, study=text(element, STUDY), series=text(element, SERIES), instance=text(element, INSTANCE)
    )


def _level(element: Element, level: Level, merge: Merge) -> Element:
    """The attributes of a level that the registry knows, no others: what else an archive adds may be of what is withheld."""
    found, told = {}, with_own_addresses(element)
    for attribute in ATTRIBUTES:
        if attribute.level is not level or not attribute.field:
            continue
        asked = merge.wanted.every_field or attribute.tag in merge.wanted.fields
        if asked or attribute.keyword not in _ON_REQUEST:
            found[attribute.tag] = told.get(attribute.tag, {"vr": attribute.vr})
    return found


def _counts(there: Seen, here: Seen) -> Element:
    modalities = {name for seen in (there, here) for each in seen.values() for name in each.modalities if name}
    instances = sum(each.instances for seen in (there, here) for each in seen.values())
    return {
        "00080061": {"vr": "CS", "Value": sorted(modalities)},
        "00201206": {"vr": "IS", "Value": [len({*there, *here})]},
        "00201208": {"vr": "IS", "Value": [instances]},
    }


def _located(found: Element, merge: Merge, **parts: str) -> Element:
    found["00080056"] = {"vr": "CS", "Value": ["ONLINE"]}
    found["00081190"] = {"vr": "UR", "Value": [merge.locate(**parts)]}
    return dict(sorted(found.items()))
