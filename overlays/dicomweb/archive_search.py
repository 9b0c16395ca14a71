"""Merges what the registry found with what the archive finds, counts after the verdicts, sorts, and takes the page (PS3.18 10.6)."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rest_framework.request import Request

from overlays.archive.connection import archive
from overlays.archive.elements import Element
from overlays.archive.holdings import held
from overlays.archive.sources import INSTANCE, SERIES, STUDY, search
from overlays.archive.values import text, whole
from overlays.dicomweb.archive_answers import instance_element, series_element, study_element
from overlays.dicomweb.forwarded import bearer_of
from overlays.dicomweb.json_answer import Locate
from overlays.dicomweb.search_parameters import Parameters
from overlays.governance.actor import Actor
from overlays.governance.errors import ArchiveFailed
from overlays.governance.vocabulary import Purpose
from overlays.queries.archive_objects import Seen, free_to_pass, in_use, of_archive, seen_here, seen_of
from overlays.queries.dicomweb_attributes import Level, Matching
from overlays.queries.dicomweb_matching import modalities

log = logging.getLogger(__name__)

MOST_RESULTS = 10_000
MOST_REACHED = 50
MOST_SECONDS = 30.0
"""From which on the archive is asked about no further study of a page."""
AWAY = "The archive does not answer: images are missing from these results."
SLOW = "The archive takes long to tell what may be seen of it: images are missing from these results. Ask for fewer at once."
IN_ITEMS = "The images of the archive are not searched by what is in sequences: they are missing from these results."
NARROW = "The archive has more results than can be merged. Some are missing: narrow the search."
_NUMBERS = {Level.SERIES: "00200011", Level.INSTANCE: "00200013"}
_IDENTIFIES = {Level.STUDY: STUDY, Level.SERIES: SERIES, Level.INSTANCE: INSTANCE}
_LAST = 2**31


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The page, whether more match, and what is to be told beside it."""

    found: list[Element]
    more: bool
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One search: who asks for what, and what stands in the address (``study``, ``series``)."""

    request: Request
    actor: Actor
    purpose: Purpose
    wanted: Parameters
    locate: Locate
    level: Level
    study: str | None = None
    series: str | None = None

    def page(self, own: list[Element], *, more: bool) -> Merged:
        """The merged page.

        ``own`` is what the registry found, from the first result to the last of the page; ``more`` whether it has more.
        """
        if not in_use():
            return Merged(found=own, more=more)
        if any(each.matching is Matching.ITEMS for each, _ in self.wanted.keys):
            return Merged(
                found=own[self.wanted.offset : self.wanted.offset + self.wanted.limit], more=more, told=[IN_ITEMS]
            )
        told: list[str] = []
        theirs: dict[str, Element] = {}
        key = _IDENTIFIES[self.level]
        answered = True
        try:
            for element in self._theirs():
                if len(theirs) >= MOST_RESULTS:
                    told.append(NARROW)
                    break
                reached = self.actor.may_reach(text(element, STUDY) or self.study or "")
                if reached and self._is_placed(element) and self._fits(element):
                    theirs.setdefault(text(element, key), element)
        except ArchiveFailed as fault:
            log.warning("a search is answered without the archive: %s", fault.sentence)
            theirs, answered = {}, False
        ours = {text(element, key): element for element in own}
        order = sorted({*ours, *theirs}, key=lambda uid: self._place(theirs.get(uid) or ours[uid]))
        last = self.wanted.offset + self.wanted.limit
        page: list[Element] = []
        try:
            made = self._made(order, ours, theirs, told) if answered else iter(own)
            for position, element in enumerate(made):
                if position >= last:
                    more = True
                    break
                if position >= self.wanted.offset:
                    page.append(element)
        except ArchiveFailed as fault:
            log.warning("a search is answered without the archive: %s", fault.sentence)
            answered, page = False, own[self.wanted.offset : last]
        return Merged(found=page, more=more, told=told if answered else [AWAY])

    def _theirs(self) -> Iterator[Element]:
        path = "/".join(
            [
                *(["studies", self.study] if self.study else []),
                *(["series", self.series] if self.series else []),
                {Level.STUDY: "studies", Level.SERIES: "series", Level.INSTANCE: "instances"}[self.level],
            ]
        )
        query = [(each.keyword, value) for each, value in self.wanted.keys if each.matching is not Matching.MODALITIES]
        query += [("includefield", tag) for tag in sorted(self.wanted.fields)]
        query += [("includefield", "all")] if self.wanted.every_field else []
        expected = {tag: uid for tag, uid in ((STUDY, self.study), (SERIES, self.series)) if uid}
        more = {"expected": expected, "key": _IDENTIFIES[self.level], "bearer": bearer_of(self.request), "most": _LAST}
        reached = self.actor.studies
        named = {name for name, _ in query}
        if self.study and not self.actor.may_reach(self.study):
            return
        if self.study or reached is None or "StudyInstanceUID" in named or len(reached) > MOST_REACHED:
            yield from search(archive(), path, query, **more)
            return
        for uid in sorted(reached):
            yield from search(archive(), path, [*query, ("StudyInstanceUID", uid)], **more)

    def _is_placed(self, element: Element) -> bool:
        """Whether it is known where it is, from itself or from the address."""
        above = {STUDY: self.study} | ({SERIES: self.series} if self.level is Level.INSTANCE else {})
        return all(uid or text(element, tag) for tag, uid in above.items())

    def _fits(self, element: Element) -> bool:
        """Whether it can be meant: an archive may ignore keys that it does not know (PS3.18 8.3.4.1)."""
        for attribute, value in self.wanted.keys:
            said = text(element, attribute.tag)
            if attribute.matching is Matching.UIDS and said and said not in value.replace("\\", ",").split(","):
                return False
            if not attribute.field and attribute.matching is not Matching.MODALITIES:
                plain = attribute.matching is Matching.TEXT and not set("*?") & set(value)
                if not said or (plain and said != value):
                    return False
        return True

    def _place(self, element: Element) -> tuple:
        """Studies the newest first, the rest by study, series and number, as the registry sorts its own."""
        study = text(element, STUDY) or self.study or ""
        if self.level is Level.STUDY:
            return _descending(text(element, "00080020")), _descending(text(element, "00080030")), study
        number = whole(element, _NUMBERS[self.level])
        number = _LAST if number is None else number
        series = text(element, SERIES) or self.series or ""
        if self.level is Level.SERIES:
            return study, number, series
        return study, series, number, text(element, INSTANCE)

    def _made(
        self, order: list[str], ours: dict[str, Element], theirs: dict[str, Element], told: list[str]
    ) -> Iterator[Element]:
        """The visible results one by one, in order: what of the archive may pass is asked study by study, as the page is filled.

        Where that takes too long, the registry's own follow alone, and it is ``told``.
        """
        complete = not told
        if self.level is Level.INSTANCE:
            wanted = [held(self._complete(theirs[uid])) for uid in order if uid in theirs]
            free = {each.instance for each in free_to_pass(wanted)}
            for uid in order:
                if uid in ours:
                    yield ours[uid]
                elif uid in free:
                    yield instance_element(self._complete(theirs[uid]), self)
            return
        make = study_element if self.level is Level.STUDY else series_element
        known: dict[str, tuple[Seen, Seen]] = {}
        ends = time.monotonic() + MOST_SECONDS
        for uid in order:
            element = self._complete(theirs.get(uid) or ours[uid])
            study = text(element, STUDY)
            if study not in known and time.monotonic() > ends:
                if SLOW not in told:
                    told.append(SLOW)
                if uid in ours:
                    yield ours[uid]
                continue
            if study not in known:
                known.clear()  # results of one study stand together
                count = whole(element, "00201208") if self.level is Level.STUDY and uid in theirs else None
                objects = of_archive(actor=self.actor, study=study, bearer=bearer_of(self.request), instances=count)
                here = seen_here(actor=self.actor, purpose=self.purpose, studies=[study]).get(study, {})
                known[study] = seen_of(objects), here
            there, here = known[study]
            passing = there if self.level is Level.STUDY else {key: there[key] for key in (uid,) if key in there}
            if not passing:
                if uid in ours:
                    yield ours[uid]
            elif uid in theirs:
                if self._modality_wanted(there, here):
                    yield make(element, self, there=there, here=here)
            elif not complete:
                yield ours[uid]  # whether the archive's own row matches cannot be said

    def _modality_wanted(self, *seen: Seen) -> bool:
        """Whether what is visible has one of the modalities that the study shall have; the archive counts what is withheld too."""
        there = {name for part in seen for each in part.values() for name in each.modalities}
        keys = [value for each, value in self.wanted.keys if each.matching is Matching.MODALITIES]
        return all(there & set(modalities(value)) for value in keys)

    def _complete(self, element: Element) -> Element:
        """With the UIDs of the address, which a search below it need not repeat."""
        given = ((STUDY, self.study), (SERIES, self.series))
        return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in given if uid} | element


def _descending(value: str) -> tuple[int, ...]:
    return (*tuple(-ord(letter) for letter in value), 1)
