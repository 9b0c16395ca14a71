"""Collects all rules in one table, in the order in which their findings are told."""

from overlays.dicom.rules import (
    annotations,
    capture,
    frames,
    geometry,
    identity,
    image,
    key_objects,
    lineage,
    model,
    numbers,
    parametric_map,
    part10,
    presentation,
    references,
    report,
    segmentation,
    segments,
    sources,
    structure_set,
    text,
    viewers,
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
    *parametric_map.RULES,
    *presentation.RULES,
    *key_objects.RULES,
    *structure_set.RULES,
    *annotations.RULES,
    *capture.RULES,
    *lineage.RULES,
    *viewers.RULES,
    *sources.RULES,
    *model.RULES,
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in TABLE}

if len(BY_ID) != len(TABLE):
    raise RuntimeError("two rules have the same id")
