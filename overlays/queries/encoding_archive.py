"""Finds the images in the archive that a description of a result names: what they say, for encoding needs no pixels."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overlays.archive.connection import archive
from overlays.archive.elements import Element
from overlays.archive.images import DESCRIBING_SECONDS, described, described_series
from overlays.archive.sources import INSTANCE, PATIENT_ID, SERIES, SOP_CLASS, STUDY, search
from overlays.archive.values import text, whole
from overlays.dicom.instance import Family
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.governance.actor import Actor
from overlays.governance.errors import ArchiveFailed
from overlays.queries.archive_objects import in_use, registered
from overlays.queries.uids import is_uid

MOST_PLACES = 4
"""Series in which instances are looked for that are named without one."""
_NUMBER = "00200013"


@dataclass(frozen=True, kw_only=True)
class InArchive:
    """An image of the archive: which, in which study and series, and all that its metadata say."""

    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    study_instance_uid: str
    element: Element = field(repr=False)


def archive_images(actor: Actor, sop_instance_uids: Sequence[str]) -> dict[str, InArchive]:
    """Those of the named images that the archive has, in studies that the grant reaches.

    The series of the first one is looked through, then that of the first that was not in it, a few times. Raises ArchiveFailed,
    ArchiveTooSlow.
    """
    wanted = dict.fromkeys(sop_instance_uids)
    found: dict[str, InArchive] = {}
    if not in_use():
        return found
    ends = time.monotonic() + DESCRIBING_SECONDS
    for _ in range(MOST_PLACES):
        first = next((uid for uid in wanted if uid not in found), None)
        place = first and _place("instances", "SOPInstanceUID", first, INSTANCE)
        if not place or not actor.may_reach(place[0]):
            break
        left = [uid for uid in wanted if uid not in found]
        more = _images(described(archive(), *place, left, ends=ends))
        found |= more
        if first not in more:
            break
    return found


def archive_series(actor: Actor, series_instance_uid: str, most: int) -> list[InArchive]:
    """The images of a series in the archive, by their number; at most so many and one more, so that too many can be told.

    Raises ArchiveFailed, ArchiveTooSlow.
    """
    place = _place("series", "SeriesInstanceUID", series_instance_uid, SERIES) if in_use() else None
    if place is None or not actor.may_reach(place[0]):
        return []
    ends = time.monotonic() + DESCRIBING_SECONDS
    found = _images(described_series(archive(), place[0], series_instance_uid, ends=ends)).values()
    last = 2**31
    numbered = [(last if (number := whole(each.element, _NUMBER)) is None else number, each) for each in found]
    return [each for _, each in sorted(numbered, key=lambda pair: (pair[0], pair[1].sop_instance_uid))][: most + 1]


def _place(path: str, keyword: str, uid: str, tag: str) -> tuple[str, str] | None:
    """Study and series of what has this UID, wherever in the archive it is; not every archive can be searched so."""
    for element in search(archive(), path, [(keyword, uid)], expected={tag: uid}, key=tag, most=2):
        study, series = text(element, STUDY), text(element, SERIES)
        if text(element, tag) == uid and is_uid(study) and is_uid(series):
            return study, series
    return None


def _images(elements: dict[str, Element]) -> dict[str, InArchive]:
    """Those that are images, and that the registry does not govern itself. Raises ArchiveFailed where they are of several patients."""
    if len({text(element, PATIENT_ID) for element in elements.values()}) > 1:
        raise ArchiveFailed("The archive answers with images of several patients in one series.")
    governed = registered(_uids_of_images(elements))
    return {
        uid: InArchive(
            sop_instance_uid=uid,
            sop_class_uid=text(element, SOP_CLASS),
            series_instance_uid=text(element, SERIES),
            study_instance_uid=text(element, STUDY),
            element=element,
        )
        for uid, element in elements.items()
        if _is_image(element) and uid not in governed
    }


def _uids_of_images(elements: dict[str, Element]) -> Collection[str]:
    return [uid for uid, element in elements.items() if _is_image(element)]


def _is_image(element: Element) -> bool:
    row = SOP_CLASSES.get(text(element, SOP_CLASS))
    return row is not None and row.family is Family.IMAGE
