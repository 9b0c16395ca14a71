"""Rules about structure sets (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
