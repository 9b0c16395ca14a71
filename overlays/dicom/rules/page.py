"""Writes the table of rules as a page for people."""

from overlays.dicom.instance import Family
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

Rules are stable: an id is never given to another rule. This page is written from the table in `overlays/dicom/rules/`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    parts = [INTRODUCTION]
    for area, name in AREAS.items():
        rules = sorted((rule for rule in TABLE if rule.id.split("-")[0] == area), key=lambda rule: rule.id)
        parts.append(
            f"## {name}\n\n| Rule | Severity | For | What holds | Source |\n|---|---|---|---|---|\n"
            + "".join(map(_row, rules))
        )
    return "\n".join(parts)


def _row(rule: Rule) -> str:
    families = ", ".join(FAMILY_NAMES[family] for family in Family if family in rule.applies)
    everything = rule.applies == frozenset(Family) or rule.stage is Stage.BYTES
    return f"| {rule.id} | {rule.severity.value} | {'all' if everything else families} | {rule.title} | {rule.reference} |\n"
