"""Reads what the numbers of a parametric map mean (PS3.3 C.7.6.16.2.11)."""

from overlays.dicom.instance import ValueMapping
from overlays.dicom.subject import Subject


def read_value_mappings(subject: Subject) -> tuple[ValueMapping, ...]:
    """The different items of Real World Value Mapping Sequence, shared and per frame, in the order met."""
    found: dict[ValueMapping, None] = {}
    root = subject.data_set
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for groups in root.each(sequence):
            for item in groups.each("RealWorldValueMappingSequence"):
                slope, intercept = item.numbers("RealWorldValueSlope"), item.numbers("RealWorldValueIntercept")
                found[
                    ValueMapping(
                        label=item.text("LUTLabel"),
                        explanation=item.text("LUTExplanation"),
                        unit=item.code("MeasurementUnitsCodeSequence"),
                        slope=slope[0] if slope else None,
                        intercept=intercept[0] if intercept else None,
                    )
                ] = None
    return tuple(found)
