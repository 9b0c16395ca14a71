"""Rules about presentation states (PS3.3 C.10, C.11)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
