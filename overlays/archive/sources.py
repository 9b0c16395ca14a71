"""Looks source instances up in the archive, by series, with a bounded number of requests."""

import logging
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from overlays.archive.connection import Connection
from overlays.archive.elements import Element, elements
from overlays.archive.values import numbers, text, whole
from overlays.dicom.instance import Grid, KnownSource, Reference
from overlays.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow

log = logging.getLogger(__name__)

STUDY, SERIES, INSTANCE, SOP_CLASS = "0020000D", "0020000E", "00080018", "00080016"
PATIENT_ID, PATIENT_NAME = "00100020", "00100010"
FRAME_OF_REFERENCE, FRAMES, LOSSY = "00200052", "00280008", "00282110"
_ROWS, _COLUMNS, _SPACING, _ORIENTATION, _POSITION = "00280010", "00280011", "00280030", "00200037", "00200032"
_SYNTAX = "00083002"
WANTED = (
    SOP_CLASS,
    PATIENT_ID,
    PATIENT_NAME,
    FRAME_OF_REFERENCE,
    FRAMES,
    LOSSY,
    _ROWS,
    _COLUMNS,
    _SPACING,
    _ORIENTATION,
    _POSITION,
)

MOST_SERIES = 64
MOST_PROBES = 8
"""Requests for series, and those for single instances that are not where they should be or of which too little is told."""
PAGE = 1000
MOST_INSTANCES = 100_000
MOST_SEARCH_SECONDS = 300.0
JSON = {"Accept": "application/dicom+json"}
_OF_ADDRESSES = re.compile(r"[0-9.]{1,64}", re.ASCII)
"""What may stand for a UID in an address. Archives hold old ones with needless zeroes."""


def look_up(archive: Connection, references: Sequence[Reference], *, study: str) -> list[KnownSource]:
    """Those of the referenced instances that the archive has, wherever in it they lie.

    ``study`` is the one to look in where a reference names none. An instance that is not in the series in which it is said to be is
    searched for in the whole archive, one for each series: an object that names another patient's images says of them that they are its
    own. Raises ArchiveFailed, ArchiveTooSlow: also where the archive does not tell enough to compare by.
    """
    places: dict[tuple[str, str], list[Reference]] = defaultdict(list)
    for reference in references:
        places[reference.study_instance_uid or study, reference.series_instance_uid].append(reference)
    if len(places) > MOST_SERIES:
        raise ArchiveFailed(f"More than {MOST_SERIES} series are named, too many to look up.")
    probes = _Probes(archive)
    found: list[KnownSource] = []
    for (of_study, of_series), named in places.items():
        wanted = {reference.sop_instance_uid: reference for reference in named}
        here = {}
        for element in in_series(archive, of_study, of_series):
            uid = text(element, INSTANCE)
            if uid in wanted:
                here[uid] = element
                if len(here) == len(wanted):
                    break
        absent = next((uid for uid in wanted if uid not in here), None)
        if absent is not None and (elsewhere := probes.anywhere(absent)) is not None:
            here[absent] = elsewhere
        found += _told(here, wanted, probes)
    return found


def in_series(archive: Connection, study: str, series: str) -> Iterator[Element]:
    """The instances of a series, of the whole study where ``series`` is empty. Raises as ``look_up`` does."""
    path = f"studies/{study}/series/{series}/instances" if series else f"studies/{study}/instances"
    expected = {STUDY: study} | ({SERIES: series} if series else {})
    return search(archive, path, [("includefield", tag) for tag in WANTED], expected=expected)


def search(
    archive: Connection,
    path: str,
    query: Iterable[tuple[str, str]] = (),
    *,
    expected: dict[str, str] | None = None,
    key: str = INSTANCE,
    bearer: str | None = None,
    most: int = MOST_INSTANCES,
) -> Iterator[Element]:
    """Everything that matches, page by page, each once; an archive that does not know pages answers with everything at the first.

    ``key`` is the tag that tells results apart. Results with a name that cannot stand in an address are left out. Raises
    ArchiveFailed for results that do not have what is ``expected``, or more than ``most`` of them.
    """
    seen: set[str] = set()
    fixed = list(query)
    ends = time.monotonic() + MOST_SEARCH_SECONDS
    while True:
        if time.monotonic() > ends:
            raise ArchiveTooSlow("The archive takes too long to tell of everything that it has.")
        before = len(seen)
        paged = [*fixed, ("limit", str(PAGE)), ("offset", str(before))]
        answer = archive.get(path, query=paged, headers=JSON, bearer=bearer)
        if answer.status == 400 and any(name == "includefield" for name, _ in fixed):
            answer.close()  # some archives refuse what they cannot add
            fixed = [pair for pair in fixed if pair[0] != "includefield"]
            continue
        for element in elements(answer):
            if expected and any(text(element, tag) not in ("", uid) for tag, uid in expected.items()):
                raise ArchiveFailed("The archive answers with instances of another study or series than was asked for.")
            uid = text(element, key)
            if not uid or uid in seen:
                continue
            if len(seen) >= most:
                raise ArchiveFailed(f"The archive answers with more than {most} results.")
            seen.add(uid)
            if _clean_names(element):
                yield element
        if len(seen) == before:  # a short page may be the archive's own limit: only an empty one is the end
            return


def _clean_names(element: Element) -> bool:
    """Whether study, series and instance, as far as they are told, can stand in an address; empty ones are taken out."""
    for tag in (STUDY, SERIES, INSTANCE):
        if tag not in element:
            continue
        if uid := text(element, tag):
            if not _OF_ADDRESSES.fullmatch(uid):
                log.warning("the archive tells of something by a name that is no UID: it is left out")
                return False
            element[tag] = {"vr": "UI", "Value": [uid]}
        else:
            del element[tag]
    return True


class _Probes:
    """Single questions, of which one post may cause a few."""

    def __init__(self, archive: Connection) -> None:
        self._archive, self._left = archive, MOST_PROBES
        self._patients: dict[str, Element] = {}

    def _spend(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def anywhere(self, uid: str) -> Element | None:
        """The instance, whatever study it is in."""
        if not self._spend():
            return None
        query = [("SOPInstanceUID", uid), *(("includefield", tag) for tag in WANTED)]
        found = search(self._archive, "instances", query, expected={INSTANCE: uid}, most=1)
        try:
            return next((each for each in islice(found, 1) if text(each, INSTANCE) and text(each, STUDY)), None)
        except ArchiveTooSlow:
            raise
        except ArchiveFailed:
            return None  # not every archive can be searched as a whole

    def metadata(self, element: Element) -> Element:
        """Everything that one instance says. Raises ArchiveFailed."""
        path = f"studies/{text(element, STUDY)}/series/{text(element, SERIES)}/instances/{text(element, INSTANCE)}"
        if self._spend():
            for found in elements(self._archive.get(f"{path}/metadata", headers=JSON)):
                if text(found, INSTANCE) == text(element, INSTANCE):
                    return found
        raise ArchiveFailed("The archive does not tell enough of an instance to compare by.")


def _told(here: dict[str, Element], wanted: dict[str, Reference], probes: _Probes) -> Iterator[KnownSource]:
    """The sources of one series, with what its searches leave out taken from the metadata of one instance."""
    shared: Element | None = None
    for uid, element in here.items():
        reference = wanted[uid]
        lacks = [tag for tag in (STUDY, SERIES, SOP_CLASS, PATIENT_ID) if tag not in element]
        if lacks or (shared is None and FRAME_OF_REFERENCE not in element):
            shared = (
                shared if shared is not None and not lacks else probes.metadata(element | _place(reference, element))
            )
        if reference.frame_numbers and FRAMES not in element:
            element = probes.metadata(element)
        yield known(_filled(element, shared or {}))


def _place(reference: Reference, element: Element) -> Element:
    own = {STUDY: reference.study_instance_uid, SERIES: reference.series_instance_uid}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in own.items() if tag not in element and uid}


def _filled(element: Element, shared: Element) -> Element:
    """With what instances of one series have in common (PS3.3 C.7.4.1, C.7.1.1)."""
    common = (STUDY, SERIES, SOP_CLASS, PATIENT_ID, PATIENT_NAME, FRAME_OF_REFERENCE)
    return {tag: shared[tag] for tag in common if tag in shared} | element


def known(element: Element) -> KnownSource:
    """The source as rules compare it. ``element`` is a data set as the archive gives it."""
    syntax = TRANSFER_SYNTAXES.get(text(element, _SYNTAX))
    return KnownSource(
        sop_instance_uid=text(element, INSTANCE),
        sop_class_uid=text(element, SOP_CLASS),
        series_instance_uid=text(element, SERIES),
        study_instance_uid=text(element, STUDY),
        patient_id=text(element, PATIENT_ID),
        patient_name=text(element, PATIENT_NAME),
        frame_of_reference_uid=text(element, FRAME_OF_REFERENCE),
        grid=_grid(element),
        number_of_frames=whole(element, FRAMES),
        lossy=text(element, LOSSY) == "01" or (syntax is not None and syntax.lossy),
    )


def _grid(element: Element) -> Grid | None:
    rows, columns = whole(element, _ROWS), whole(element, _COLUMNS)
    if rows is None or columns is None:
        return None
    return Grid(
        rows=rows,
        columns=columns,
        pixel_spacing=numbers(element, _SPACING, 2),
        orientation=numbers(element, _ORIENTATION, 6),
        position=numbers(element, _POSITION, 3),
    )
