"""Shapes a rule: what it is called, how grave a breach is, where the standard says so, and how to find breaches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from overlays.dicom.element_table import Place
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Family

Breach = tuple[str | Place, str]
"""Where, and the sentence with the value found."""

LONGEST_SENTENCE = 1000
"""Characters."""

ALL_FAMILIES = frozenset(Family)
SEGMENTATIONS = frozenset((Family.SEGMENTATION,))
REPORTS = frozenset((Family.STRUCTURED_REPORT,))
KEY_OBJECTS = frozenset((Family.KEY_OBJECTS,))
PARAMETRIC_MAPS = frozenset((Family.PARAMETRIC_MAP,))
PRESENTATION_STATES = frozenset((Family.PRESENTATION_STATE,))
STRUCTURE_SETS = frozenset((Family.STRUCTURE_SET,))
ANNOTATIONS = frozenset((Family.ANNOTATIONS,))
SECONDARY_CAPTURES = frozenset((Family.SECONDARY_CAPTURE,))
RESULTS = ALL_FAMILIES - {Family.IMAGE}
"""Everything that is governed."""
DOCUMENTS = REPORTS | KEY_OBJECTS
"""Everything with a content tree."""
FRAMED = SEGMENTATIONS | PARAMETRIC_MAPS
"""Everything with functional groups."""
IMAGES = FRAMED | SECONDARY_CAPTURES | {Family.IMAGE}
"""Everything with pixel data."""


class Stage(StrEnum):
    """When a rule can be asked, and of what."""

    BYTES = "bytes"
    """Of the bytes, also when they could not be read to the end (``Subject``)."""
    LIMITS = "limits"
    """Of what the data set claims to hold, before anything is made of it; a breach ends the inspection (``Subject``)."""
    CONTENT = "content"
    """Of the data set (``Subject``)."""
    SOURCES = "sources"
    """Of the object and a source instance that the registry knows (``Comparison``)."""
    MODEL = "model"
    """Of what the places that name the model say (``ModelQuestion``)."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. ``check`` yields a breach for each place that breaks it; its argument is what ``stage`` says."""

    id: str
    severity: Severity
    title: str
    reference: str
    check: Callable[[Any], Iterator[Breach]]
    applies: frozenset[Family] = ALL_FAMILIES
    stage: Stage = Stage.CONTENT

    def findings(self, subject: object, limit: int, severity: Severity) -> Iterator[Finding]:
        """The findings on one subject, as grave as the deployment says; behind ``limit`` of them one that counts the others."""
        more = 0
        for number, (path, sentence) in enumerate(self.check(subject)):
            if number < limit:
                yield Finding(rule=self.id, severity=severity, path=str(path), sentence=_told(sentence))
            else:
                more += 1
        if more:
            yield Finding(rule=self.id, severity=severity, path="", sentence=f"The same in {more} more places.")


def _told(sentence: str) -> str:
    """The sentence, which quotes values of foreign objects, at a length and in letters that can be kept and shown."""
    short = sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[: LONGEST_SENTENCE - 1]}…"
    return short if short.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in short)


def error(id: str, title: str, reference: str, check: Callable, **more: Any) -> Rule:  # noqa: A002 - the rule's own word
    """A rule whose breach refuses the object."""
    return Rule(id=id, severity=Severity.ERROR, title=title, reference=reference, check=check, **more)


def warning(id: str, title: str, reference: str, check: Callable, **more: Any) -> Rule:  # noqa: A002 - the rule's own word
    """A rule whose breach is stored with the object."""
    return Rule(id=id, severity=Severity.WARNING, title=title, reference=reference, check=check, **more)


Row = tuple[Callable[..., Rule], str, str, str, Callable[[Any], Iterator[Breach]]]
"""``error`` or ``warning``, id, title, reference, check."""


def rules(*rows: Row, applies: frozenset[Family], stage: Stage = Stage.CONTENT) -> tuple[Rule, ...]:
    """Rules that differ in nothing but their rows."""
    return tuple(
        make(name, title, reference, check, applies=applies, stage=stage)
        for make, name, title, reference, check in rows
    )
