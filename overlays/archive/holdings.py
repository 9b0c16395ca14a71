"""Knows for a short while which instances of a study the archive has, and of which class each is."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from overlays.archive.connection import Connection
from overlays.archive.elements import Element
from overlays.archive.sources import INSTANCE, SERIES, SOP_CLASS, STUDY, search
from overlays.archive.values import text
from overlays.dicom.instance import Family
from overlays.dicom.sop_classes import SOP_CLASSES

MODALITY = "00080060"
FRESH_SECONDS = 30.0
SAME_SECONDS = 3600.0
"""How long a study is known; longer where the archive says that it still has as many instances as then."""
MOST_STUDIES = 512
MOST_SERIES = 1000
MOST_INSTANCES_KNOWN = 500_000
OTHER = "OTHER"
"""Stands for every class that the registry has no name for."""


@dataclass(frozen=True, slots=True)
class Held:
    """One instance of the archive."""

    study: str
    series: str
    instance: str
    sop_class: str
    modality: str


def passes(sop_class: str, kinds: frozenset[str]) -> bool:
    """Whether instances of a class pass without being registered: images, and those of the kinds. What is not known does not."""
    row = SOP_CLASSES.get(sop_class)
    if row is None:
        return OTHER in kinds and bool(sop_class)
    return row.family is Family.IMAGE or str(row.family) in kinds


def held(element: Element) -> Held:
    """The instance that a data set of a search is about."""
    return Held(*(text(element, tag) for tag in (STUDY, SERIES, INSTANCE, SOP_CLASS, MODALITY)))


class Holdings:
    """What was asked before, shared by the threads of a process. Holds UIDs and classes alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple, tuple[float, int | None, tuple[Held, ...]]] = OrderedDict()
        self._size = 0

    def of_study(
        self, archive: Connection, study: str, *, bearer: str | None = None, instances: int | None = None
    ) -> tuple[Held, ...]:
        """Every instance of the study. ``instances`` is how many the archive has just said that there are.

        Raises ArchiveFailed, ArchiveTooSlow.
        """
        who = hashlib.sha256(bearer.encode()).hexdigest() if bearer is not None else ""
        key, now = (archive.url, who, study), time.monotonic()
        with self._lock:
            at, count, found = self._known.get(key, (0.0, None, ()))
            age = now - at
            same = age < FRESH_SECONDS if instances is None else age < SAME_SECONDS and instances == count
            if at and same:
                self._known.move_to_end(key)
                return found
        found = tuple(_asked(archive, study, bearer))
        with self._lock:
            self._forget(key)
            self._known[key] = (now, len(found), found)
            self._size += len(found)
            while len(self._known) > MOST_STUDIES or (self._size > MOST_INSTANCES_KNOWN and len(self._known) > 1):
                self._forget(next(iter(self._known)))
        return found

    def forget(self, study: str) -> None:
        """Ask anew for the study the next time, whoever wants it."""
        with self._lock:
            for key in [each for each in self._known if each[2] == study]:
                self._forget(key)

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._known.clear()
            self._size = 0

    def _forget(self, key: tuple) -> None:
        self._size -= len(self._known.pop(key, (0.0, None, ()))[2])


def _asked(archive: Connection, study: str, bearer: str | None) -> Iterator[Held]:
    """At once, or series by series where the archive has no such search, or one that does not name series."""
    query = [("includefield", tag) for tag in (SOP_CLASS, MODALITY)]
    at_once = False
    for element in search(archive, f"studies/{study}/instances", query, expected={STUDY: study}, bearer=bearer):
        if not text(element, SERIES):
            continue  # it does not tell where that is
        at_once = True
        yield held(_below(element, study))
    if at_once:
        return
    of_study = search(archive, f"studies/{study}/series", expected={STUDY: study}, key=SERIES, bearer=bearer)
    for one in islice(of_study, MOST_SERIES):
        series = text(one, SERIES)
        path, expected = f"studies/{study}/series/{series}/instances", {STUDY: study, SERIES: series}
        for element in search(archive, path, query, expected=expected, bearer=bearer):
            given = {MODALITY: one[MODALITY]} if MODALITY in one else {}
            yield held(_below(given | element, study, series))


def _below(element: Element, study: str, series: str = "") -> Element:
    """With the UIDs of the address, which a search below it need not repeat."""
    given = ((STUDY, study), (SERIES, series))
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in given if uid} | element


HOLDINGS = Holdings()
"""Those of this process."""
