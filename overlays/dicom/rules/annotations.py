"""Rules about bulk simple annotations (PS3.3 C.37)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
