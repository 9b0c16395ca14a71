"""Rules about parametric maps (PS3.3 C.8.32, C.7.6.16.2.11)."""

from collections.abc import Iterator

from overlays.dicom.dataset import DataSet
from overlays.dicom.read_parametric_map import mapped_range, number
from overlays.dicom.read_pixels import FLOATING, PIXELS
from overlays.dicom.rules.rule import PARAMETRIC_MAPS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path
from overlays.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"
MAPPING = "RealWorldValueMappingSequence"
QUALIFICATIONS = ("PRODUCT", "RESEARCH", "SERVICE")
WHOLE_BITS = (8, 16, 32)


def _elements(subject: Subject) -> list[str]:
    return [keyword for keyword in PIXELS if keyword in subject.data_set]


def _one_element(subject: Subject) -> Iterator[Breach]:
    found = _elements(subject)
    if len(found) > 1:
        yield path(found[-1]), f"A map has pixels in one element; found {' and '.join(found)}."


def _bits(subject: Subject) -> Iterator[Breach]:
    layout, root = subject.layout, subject.data_set
    if layout is None or len(_elements(subject)) != 1:
        return
    allocated = layout.bits_allocated
    if layout.floating:
        if allocated != FLOATING[layout.keyword]:
            yield (
                path("BitsAllocated"),
                f"{layout.keyword} has {FLOATING[layout.keyword]} bits a pixel; found {allocated}.",
            )
        return
    if allocated not in WHOLE_BITS:
        yield path("BitsAllocated"), f"Whole pixels of a map have 8, 16 or 32 bits; found {allocated}."
    stored, high = root.integer("BitsStored"), root.integer("HighBit")
    if stored is None or not 1 <= stored <= allocated:
        yield path("BitsStored"), f"Bits Stored is 1 to the {allocated} bits allocated; found {stored}."
    elif high != stored - 1:
        yield path("HighBit"), f"High Bit is one less than Bits Stored; found {high}."
    if root.integer("PixelRepresentation") not in (0, 1):
        yield path("PixelRepresentation"), f"The value must be 0 or 1; found {root.integer('PixelRepresentation')}."


def _grey(subject: Subject) -> Iterator[Breach]:
    samples, found = subject.data_set.integer("SamplesPerPixel"), subject.data_set.text("PhotometricInterpretation")
    if samples != 1:
        yield path("SamplesPerPixel"), f"A map has one sample a pixel; found {samples}."
    if found != "MONOCHROME2":
        yield path("PhotometricInterpretation"), f"A map is MONOCHROME2; found {found[:16]!r}."


def _native(subject: Subject) -> Iterator[Breach]:
    syntax = TRANSFER_SYNTAXES.get(subject.transfer_syntax)
    if subject.layout is not None and subject.layout.floating and syntax is not None and syntax.encapsulated:
        yield path(subject.layout.keyword), f"Floating point pixels are native, which {syntax.name} does not allow."


def _mappings(subject: Subject) -> Iterator[DataSet]:
    for sequence in (SHARED, PER_FRAME):
        for groups in subject.data_set.each(sequence):
            yield from groups.each(MAPPING)


def _mapped(subject: Subject) -> Iterator[Breach]:
    if any(groups.count(MAPPING) for groups in subject.data_set.each(SHARED)):
        return
    bare = [number for number, groups in enumerate(subject.data_set.each(PER_FRAME), 1) if not groups.count(MAPPING)]
    if bare or not subject.groups.per_frame:
        where = path(PER_FRAME, bare[0], MAPPING) if bare else path(SHARED, 1, MAPPING)
        yield where, f"Nothing says what the numbers of {len(bare) or 'all'} frames mean in the real world."


def _unit(subject: Subject) -> Iterator[Breach]:
    for item in _mappings(subject):
        if item.is_empty("LUTLabel"):
            yield item.place("LUTLabel"), "A mapping to real world values has a label."
        unit = item.code("MeasurementUnitsCodeSequence")
        if unit is None or not (unit.value and unit.scheme and unit.meaning):
            yield item.place("MeasurementUnitsCodeSequence"), "A mapping to real world values has a coded unit."


def _line(subject: Subject) -> Iterator[Breach]:
    for item in _mappings(subject):
        first, last = mapped_range(item)
        if first is None or last is None or first > last:
            where = item.place("DoubleFloatRealWorldValueFirstValueMapped")
            yield where, f"A mapping holds from a first to a last stored value; found {first} to {last}."
        line = (number(item, "RealWorldValueSlope"), number(item, "RealWorldValueIntercept"))
        if None in line and "RealWorldValueLUTData" not in item:
            yield item.place("RealWorldValueSlope"), "A mapping has a finite slope and intercept, or a lookup table."


def _quantity(subject: Subject) -> Iterator[Breach]:
    for item in _mappings(subject):
        if not item.count("QuantityDefinitionSequence"):
            yield item.place("QuantityDefinitionSequence"), "No code says which quantity is mapped."


def _finite(subject: Subject) -> Iterator[Breach]:
    survey = subject.floats
    if survey is not None and survey.not_finite and subject.layout is not None:
        yield (
            path(subject.layout.keyword),
            f"{survey.not_finite} pixels are no finite numbers and stand for no padding; viewers differ in what they show there.",
        )


def _in_range(subject: Subject) -> Iterator[Breach]:
    """Asked only where one mapping holds for all frames, and of floating point pixels alone."""
    survey, items = subject.floats, list(_mappings(subject))
    if survey is None or survey.low is None or survey.high is None or len(items) != 1:
        return
    first, last = mapped_range(items[0])
    if first is not None and last is not None and (survey.low < first or survey.high > last) and first <= last:
        where = items[0].place("DoubleFloatRealWorldValueFirstValueMapped")
        yield where, f"Pixels of {survey.low:g} to {survey.high:g} were found, but {first:g} to {last:g} are mapped."


def _qualified(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ContentQualification")
    if found not in QUALIFICATIONS:
        yield path("ContentQualification"), f"The value must be PRODUCT, RESEARCH or SERVICE; found {found[:16]!r}."


RULES: tuple[Rule, ...] = rules(
    (error, "PM-001", "Pixels stand in one element alone.", "PS3.3 A.75.3, C.7.6.24, C.7.6.25", _one_element),
    (
        error,
        "PM-002",
        "Bits a pixel fit the element that holds the pixels.",
        "PS3.3 C.8.32.2, C.7.6.24, C.7.6.25",
        _bits,
    ),
    (error, "PM-003", "A map is grey: one sample a pixel, MONOCHROME2.", "PS3.3 C.8.32.2", _grey),
    (error, "PM-004", "Every frame has a mapping to real world values.", "PS3.3 A.75.4, C.7.6.16.2.11", _mapped),
    (error, "PM-005", "Mappings have a label and a coded unit.", "PS3.3 C.7.6.16.2.11", _unit),
    (
        error,
        "PM-006",
        "Mappings have a range, and a finite slope and intercept or a lookup table.",
        "PS3.3 C.7.6.16.2.11.1",
        _line,
    ),
    (warning, "PM-007", "Mappings name their quantity by a code.", "PS3.3 C.7.6.16.2.11", _quantity),
    (warning, "PM-008", "Floating point pixels are finite, or padding.", "PS3.3 C.7.6.24, C.7.6.25", _finite),
    (warning, "PM-009", "Floating point pixels lie in the range that is mapped.", "PS3.3 C.7.6.16.2.11.1", _in_range),
    (error, "PM-010", "Content Qualification is stated.", "PS3.3 C.8.32.2", _qualified),
    (error, "PM-011", "Floating point pixels come in a native transfer syntax.", "PS3.5 8.1.1, A.4", _native),
    applies=PARAMETRIC_MAPS,
)
