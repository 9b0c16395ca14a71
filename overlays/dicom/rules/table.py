"""Collects all rules in one table, in the order in which their findings are told."""

from overlays.dicom.rules import (
    frames,
    geometry,
    identity,
    image,
    model,
    numbers,
    part10,
    references,
    report,
    segmentation,
    segments,
    sources,
    text,
)
from overlays.dicom.rules.rule import Rule

TABLE: tuple[Rule, ...] = (
    *part10.RULES,
    *identity.RULES,
    *text.RULES,
    *numbers.RULES,
    *image.RULES,
    *segmentation.RULES,
    *segments.RULES,
    *frames.RULES,
    *geometry.RULES,
    *references.RULES,
    *report.RULES,
    *sources.RULES,
    *model.RULES,
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in TABLE}

if len(BY_ID) != len(TABLE):
    raise RuntimeError("two rules have the same id")
