"""Rules about parametric maps (PS3.3 C.8.32, C.7.6.16.2.11)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
