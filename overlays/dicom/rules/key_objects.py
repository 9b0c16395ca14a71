"""Rules about key object selections (PS3.3 C.17.6, PS3.16 TID 2010)."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
