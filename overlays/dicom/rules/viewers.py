"""Rules about what known viewers misread of a legal object."""

from overlays.dicom.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
