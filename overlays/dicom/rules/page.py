"""Writes the table of rules as a page for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Family
from overlays.dicom.rules.corrections import LENIENT
from overlays.dicom.rules.policy import why_fixed
from overlays.dicom.rules.rule import Rule, Stage
from overlays.dicom.rules.table import TABLE

FAMILY_NAMES = {family: family.value for family in Family} | {Family.IMAGE: "images"}
AREAS = {
    "FIL": "File and stream",
    "LIM": "Limits",
    "UID": "Unique identifiers",
    "IDN": "Identity",
    "PRV": "Provenance",
    "PRI": "Privacy",
    "TXT": "Text",
    "NUM": "Numbers",
    "IMG": "Pixel data",
    "SEG": "Segments",
    "FRM": "Frames",
    "GEO": "Geometry",
    "REF": "References",
    "SR": "Structured reports",
    "PM": "Parametric maps",
    "PR": "Presentation states",
    "KO": "Key object selections",
    "RTS": "Structure sets",
    "ANN": "Bulk annotations",
    "SC": "Secondary captures",
    "VIE": "Viewers",
    "LIN": "Lineage",
    "SRC": "Against known sources",
    "MOD": "Model identity",
}
INTRODUCTION = """# Validation rules

What the registry checks of every object that is posted. An **error** refuses the object; a **warning** is stored with it. All findings are
told at once, at most 20 of one rule and then their number. Every finding names the rule, the tag path (items count from 1) and the
value found; values that identify a patient are never repeated.

The setting `RULES` gives rules another severity, or switches them off: `RULES=SEG-018=error,VIE-005=off`. Rules marked **fixed** may be
made graver, never milder: behind a breach of them it is not safe to read, keep or show the object. Findings of rules that are off
are not told.

Rules marked **milder for readers** refuse what a pipeline posts; a reader's correction is stored with the finding, as a warning. Which
these are, and why each of the others is not, stands in `overlays/dicom/rules/corrections.py`.

Rules are stable: an id is never given to another rule. Each is shown with a mutation that breaks it in an otherwise valid object of the
tests, and with what is then told. This page is written from the table in `overlays/dicom/rules/` and the mutations in
`tests/builders/mutations/`, by `make rules`.
"""
RETIRED = {"SEG-023": "Common viewers can draw the object: one rule for each misreading has taken its place (VIE)."}
"""Ids that were given once, and why they are not any more."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A breach: the name of the mutation, and the first finding of the rule on it."""

    mutation: str
    finding: Finding


def page(examples: Mapping[str, Example]) -> str:
    """The whole page, in Markdown; ``examples`` has a breach for each rule by its id."""
    parts = [INTRODUCTION]
    for area, name in AREAS.items():
        rules = sorted((rule for rule in TABLE if rule.id.split("-")[0] == area), key=lambda rule: rule.id)
        parts.append(
            f"## {name}\n\n| Rule | Severity | For | What holds | Source | Broken by | Told |\n|---|---|---|---|---|---|---|\n"
            + "".join(_row(rule, examples.get(rule.id)) for rule in rules)
        )
    retired = "".join(f"| {name} | {why} |\n" for name, why in RETIRED.items())
    parts.append(f"## Retired\n\n| Rule | What held |\n|---|---|\n{retired}")
    return "\n".join(parts)


def _row(rule: Rule, example: Example | None) -> str:
    families = ", ".join(FAMILY_NAMES[family] for family in Family if family in rule.applies)
    everything = rule.applies == frozenset(Family) or rule.stage is Stage.BYTES
    remark = ", fixed" if why_fixed(rule) else ", milder for readers" if rule.id in LENIENT else ""
    broken, told = (example.mutation, _told(example.finding)) if example else ("", "")
    cells = (
        rule.id,
        rule.severity.value + remark,
        "all" if everything else families,
        rule.title,
        rule.reference,
        broken,
        told,
    )
    return f"| {' | '.join(cells)} |\n"


def _told(finding: Finding) -> str:
    """Tag path and sentence, fit for a cell of a table."""
    where = f"`{finding.path}` " if finding.path else ""
    return (where + finding.sentence).replace("|", "\\|")
