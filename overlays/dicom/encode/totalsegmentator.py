"""Knows the anatomy behind the class names of TotalSegmentator."""

from dataclasses import dataclass

from overlays.dicom.instance import Code


@dataclass(frozen=True, slots=True)
class Structure:
    """A class as SNOMED CT codes it: category, type, and laterality where the name has a side."""

    category: Code
    property_type: Code
    type_modifier: Code | None = None


STRUCTURES: dict[str, Structure] = {}


def structure_of(name: str) -> Structure | str:
    """The codes of a class name, or a sentence that says why there are none."""
    return STRUCTURES.get(name) or f'"{name}" is no class of TotalSegmentator that is known here.'
