"""Rules about the places that name sources, which must be in step with each other."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
