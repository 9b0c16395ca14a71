"""Rules about secondary captures (PS3.3 C.8.6)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
