"""Reads what the numbers of a parametric map mean (PS3.3 C.7.6.16.2.11)."""

from math import isfinite

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Code, ValueMapping
from overlays.dicom.subject import Subject

QUANTITY = ("246205007", "SCT")
"""The concept of Quantity Definition Sequence under which the quantity itself stands (PS3.16 CID 7180)."""
MAX_MAPPINGS = 1000


def read_value_mappings(subject: Subject) -> tuple[ValueMapping, ...]:
    """The different items of Real World Value Mapping Sequence, shared and per frame, in the order met, at most 1,000."""
    found: dict[ValueMapping, None] = {}
    root = subject.data_set
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for groups in root.each(sequence):
            for item in groups.each("RealWorldValueMappingSequence"):
                found[_mapping(item)] = None
                if len(found) == MAX_MAPPINGS:
                    return tuple(found)
    return tuple(found)


def _mapping(item: DataSet) -> ValueMapping:
    first, last = mapped_range(item)
    return ValueMapping(
        label=item.text("LUTLabel"),
        explanation=item.text("LUTExplanation"),
        quantity=_quantity(item),
        unit=item.code("MeasurementUnitsCodeSequence"),
        slope=number(item, "RealWorldValueSlope"),
        intercept=number(item, "RealWorldValueIntercept"),
        first=first,
        last=last,
    )


def mapped_range(item: DataSet) -> tuple[float | None, float | None]:
    """The first and the last stored value that a mapping holds for: as floating point numbers where it gives such, else whole."""
    return tuple(
        next((found for word in words if (found := number(item, word)) is not None), None)
        for words in (
            ("DoubleFloatRealWorldValueFirstValueMapped", "RealWorldValueFirstValueMapped"),
            ("DoubleFloatRealWorldValueLastValueMapped", "RealWorldValueLastValueMapped"),
        )
    )  # type: ignore[return-value]


def number(item: DataSet, keyword: str) -> float | None:
    """The one number of an attribute; None where it is absent, no number, or none that can be reckoned with."""
    numbers = item.numbers(keyword)
    return float(numbers[0]) if numbers and isfinite(numbers[0]) else None


def _quantity(item: DataSet) -> Code | None:
    for definition in item.each("QuantityDefinitionSequence"):
        name = definition.code("ConceptNameCodeSequence")
        if name is not None and (name.value, name.scheme) == QUANTITY:
            return definition.code("ConceptCodeSequence")
    return None
