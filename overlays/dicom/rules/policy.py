"""Holds what a deployment changes of the table of rules: another severity for a rule, or none at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Family
from overlays.dicom.rules.rule import Rule, Stage
from overlays.dicom.rules.table import BY_ID, TABLE

OFF = "off"
WORDS = {**{severity.value: severity for severity in Severity}, OFF: None}

FIXED_STAGES = {
    Stage.BYTES: "behind such a fault the bytes cannot be read",
    Stage.LIMITS: "the limit protects the registry; it has a setting of its own, or none",
}
FIXED = {
    "UID-001": "addresses and the database are built of UIDs",
    "IDN-004": "an object without its own UIDs cannot be kept",
    "IDN-005": "a viewer would list the result among its own sources",
    "FIL-009": "frames are read where the form of the pixel data says",
    "FIL-010": "readers choose by either class what to do with the object",
    "FIL-011": "the object would be known by two identities",
    "FIL-016": "other readers would see what was not checked",
    "LIM-010": "a viewer allocates the volume",
    "TXT-003": "a cut identifier may be that of another patient",
    "TXT-006": "the database takes no NUL",
    "NUM-001": "numbers beyond the range cannot be kept",
    "NUM-002": "what is not finite cannot be kept or answered",
    "IMG-001": "frames are read where rows and columns say",
    "IMG-002": "a result without pixels cannot be drawn or reviewed",
    "IMG-003": "frames are read where the bits of a pixel say",
    "IMG-004": "a frame would be read beyond its own bytes",
    "IMG-005": "a frame would be taken for another",
    "SEG-003": "the pixels cannot be understood without it",
    "SEG-004": "frames are read as one sample a pixel",
    "SEG-005": "the pixels cannot be understood without it",
    "SEG-009": "frames are drawn by the numbers of segments",
    "SEG-010": "a frame would be taken for another segment's",
    "FRM-001": "frames are counted by it",
    "FRM-002": "a frame would be taken for another",
    "FRM-013": "a frame would be drawn for no segment",
    "FRM-015": "a frame would be drawn for a segment that nobody described",
    "FRM-016": "pixels would be drawn for a segment that nobody described",
    "FRM-018": "a frame would be drawn over another",
    "GEO-001": "a frame would be drawn at no size",
    "GEO-002": "a frame would be drawn at no size",
    "GEO-004": "a frame would be drawn at no place",
    "GEO-005": "a frame would be drawn at no place",
    "GEO-006": "a frame would be drawn at no place",
    "GEO-007": "a frame would be drawn at no place",
    "GEO-008": "a frame would be drawn at no place",
    "REF-001": "without a source no result can be governed",
    "REF-003": "the sources could not be held against the registry's",
    "REF-005": "lineage is kept by the one place of each source",
    "REF-008": "lineage is kept by these UIDs",
    "SR-001": "there is no content to read",
    "SR-006": "the sources could not be held against the registry's",
    "SR-009": "a point would be drawn from the coordinates of another",
    "SR-018": "a point would be drawn from the coordinates of another",
    "SR-020": "a point would be drawn at no place",
    "SR-022": "a number would be shown for no segment",
    "KO-005": "the sources could not be held against the registry's",
    "PM-001": "readers would choose different pixels",
    "PM-002": "a frame would be read beyond its own bytes",
    "PM-004": "numbers would be shown that mean nothing",
    "PM-006": "numbers would be shown that mean something else",
    "PM-014": "a frame would be drawn over another",
    "PM-011": "floating point pixels cannot be decoded",
    "PR-004": "marks would be drawn on an image of which nothing is known",
    "PR-010": "a point would be drawn from the coordinates of another",
    "PR-011": "a point would be drawn at no place",
    "RTS-001": "contours are drawn by the numbers of regions",
    "RTS-002": "contours would be drawn for no region",
    "RTS-005": "a point would be drawn from the coordinates of another",
    "RTS-010": "contours would be drawn at no place",
    "RTS-014": "contours would be drawn in another space",
    "RTS-016": "contours would be left out",
    "ANN-005": "a point would be drawn from the coordinates of another",
    "ANN-006": "a point would be drawn at no place",
    "ANN-007": "a point would be drawn from the coordinates of another",
    "ANN-008": "an annotation would be drawn from the points of another",
    "ANN-009": "an annotation would be drawn from the points of another",
    "ANN-010": "a point would be drawn at no place",
    "ANN-013": "a point would be drawn at no place",
    "SC-006": "the pixels cannot be understood",
    "SC-008": "the pixels cannot be understood",
    "SC-009": "the pixels cannot be understood",
    "SC-007": "a frame would be taken for another",
    "MOD-003": "a cut name may be that of another model",
    "SRC-001": "the result would be shown for another patient",
    "SRC-002": "the result would be shown for another patient",
    "SRC-003": "the result would be shown in another study",
    "SRC-004": "the result would be drawn over another series",
    "SRC-005": "the result would be drawn in another space",
    "SRC-007": "a frame would be drawn at no place",
    "SRC-013": "a number would be shown for another segment",
    "SRC-014": "a frame would be drawn at another's place",
    "SRC-015": "contours would be drawn in another space",
    "SRC-016": "coordinates would be drawn in another space",
}
"""Rules whose breach makes it unsafe to read, keep or show an object, and why: they may be made graver, never milder."""


def why_fixed(rule: Rule) -> str:
    """Why a rule may not be made milder; empty where it may."""
    return FIXED_STAGES.get(rule.stage) or FIXED.get(rule.id, "")


@dataclass(frozen=True)
class RulePolicy:
    """The changes, by id of the rule; None switches a rule off. Made by ``rule_policy``, which refuses what may not be changed."""

    changes: Mapping[str, Severity | None] = field(default_factory=dict)

    def severity(self, rule: Rule) -> Severity | None:
        """How grave a breach of the rule is here, None when it is not told."""
        return self.changes.get(rule.id, rule.severity)


AS_WRITTEN = RulePolicy()
"""The table as it stands."""


def rule_policy(words: Mapping[str, str]) -> RulePolicy:
    """The policy that gives each named rule one of ``error``, ``warning``, ``off``.

    Raises ValueError, with a sentence for each fault, for an unknown rule or word and for a rule that may not be made milder.
    """
    faults = [fault for name, word in words.items() if (fault := _fault(name, word))]
    if faults:
        raise ValueError("; ".join(faults))
    return RulePolicy({name: WORDS[word] for name, word in words.items()})


def _fault(name: str, word: str) -> str:
    rule = BY_ID.get(name)
    if rule is None:
        return f"{name[:32]!r} is no rule"
    if word not in WORDS:
        return f"{name} must be {', '.join(WORDS)}; found {word[:32]!r}"
    why = why_fixed(rule)
    if why and word != Severity.ERROR and word != rule.severity:
        return f"{name} may not be made milder: {why}"
    return ""


def ask(stage: Stage, family: Family | None, subject: object, *, limit: int, policy: RulePolicy) -> list[Finding]:
    """The findings of every rule of a stage on one subject, in the order of the table.

    ``family`` is None for an object whose class is not known: then every rule of the stage is asked. At most ``limit`` findings of
    one rule are told, and then the number of the others.
    """
    found: list[Finding] = []
    for rule in TABLE:
        if rule.stage is not stage or (family is not None and family not in rule.applies):
            continue
        severity = policy.severity(rule)
        if severity is not None:
            found.extend(rule.findings(subject, limit, severity))
    return found
