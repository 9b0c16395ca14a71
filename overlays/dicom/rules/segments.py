"""Rules about the items of Segment Sequence (PS3.3 C.8.20.4)."""

from collections.abc import Iterator

from overlays.dicom.dataset import DataSet, code_of
from overlays.dicom.read_algorithms import is_background
from overlays.dicom.rules.rule import SEGMENTATIONS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

ALGORITHM_TYPES = ("AUTOMATIC", "SEMIAUTOMATIC", "MANUAL")
RETIRED_SCHEMES = ("SRT", "SNM3", "99SDM")
PROPERTY_CODES = ("SegmentedPropertyCategoryCodeSequence", "SegmentedPropertyTypeCodeSequence")
CODES = (*PROPERTY_CODES, "AnatomicRegionSequence", "SegmentedPropertyTypeModifierCodeSequence")
MAX_SEGMENT_NUMBER = 65535


def _segments_present(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count("SegmentSequence"):
        yield path("SegmentSequence"), "The object describes no segment."
    for item in subject.data_set.each("SegmentSequence"):
        number = item.integer("SegmentNumber")
        if number is None or not 0 <= number <= MAX_SEGMENT_NUMBER:
            yield item.place("SegmentNumber"), f"A segment needs a number of 0 to {MAX_SEGMENT_NUMBER}; found {number}."


def _segments_unique(subject: Subject) -> Iterator[Breach]:
    seen: set[int] = set()
    for item in subject.data_set.each("SegmentSequence"):
        number = item.integer("SegmentNumber")
        if number is not None and number in seen:
            yield item.place("SegmentNumber"), f"Segment Number {number} is used twice."
        if number is not None:
            seen.add(number)


def _segments_in_order(subject: Subject) -> Iterator[Breach]:
    numbers = subject.segment_numbers
    if subject.segmentation_type not in ("BINARY", "FRACTIONAL") or len(set(numbers)) < len(numbers):
        return
    for position, (wanted, found) in enumerate(zip(range(1, len(numbers) + 1), numbers, strict=True), 1):
        if wanted != found:
            yield (
                path("SegmentSequence", position, "SegmentNumber"),
                f"Segment Numbers must be 1 to {len(numbers)} in order; found {found} where {wanted} must stand.",
            )
            return


def _each(subject: Subject) -> Iterator[DataSet]:
    return subject.data_set.each("SegmentSequence")


def _made(subject: Subject) -> Iterator[DataSet]:
    """The segments that an algorithm or a person made: not the background of a label map."""
    return (item for item in _each(subject) if not is_background(item))


def _labels(subject: Subject) -> Iterator[Breach]:
    for item in _each(subject):
        if item.is_empty("SegmentLabel"):
            yield item.place("SegmentLabel"), "A segment needs a label."


def _properties(subject: Subject) -> Iterator[Breach]:
    for item in _each(subject):
        for keyword in PROPERTY_CODES:
            if item.count(keyword) != 1:
                yield item.place(keyword), f"A segment needs exactly one code here; found {item.count(keyword)}."


def _codes(subject: Subject) -> Iterator[DataSet]:
    for segment in _each(subject):
        for keyword in CODES:
            yield from segment.each(keyword)


def _codes_complete(subject: Subject) -> Iterator[Breach]:
    for item in _codes(subject):
        code = code_of(item)
        if not code.value:
            yield item.place("CodeValue"), "A code needs a value."
        if not code.scheme and item.is_empty("URNCodeValue"):
            yield item.place("CodingSchemeDesignator"), "A code needs a coding scheme."
        if not code.meaning:
            yield item.place("CodeMeaning"), "A code needs a meaning."


def _retired_schemes(subject: Subject) -> Iterator[Breach]:
    for item in _codes(subject):
        scheme = item.text("CodingSchemeDesignator")
        if scheme in RETIRED_SCHEMES:
            yield (
                item.place("CodingSchemeDesignator"),
                f"The coding scheme {scheme} is retired; SCT has taken its place.",
            )


def _algorithm_type(subject: Subject) -> Iterator[Breach]:
    for item in _each(subject):
        found = item.text("SegmentAlgorithmType")
        if found not in ALGORITHM_TYPES:
            yield (
                item.place("SegmentAlgorithmType"),
                f"The value must be AUTOMATIC, SEMIAUTOMATIC or MANUAL; found {found[:16]!r}.",
            )


def _algorithm_name(subject: Subject) -> Iterator[Breach]:
    for item in _made(subject):
        if item.text("SegmentAlgorithmType") in ("AUTOMATIC", "SEMIAUTOMATIC") and item.is_empty(
            "SegmentAlgorithmName"
        ):
            yield item.place("SegmentAlgorithmName"), "A segment that is not MANUAL names its algorithm."


def _algorithm_identification(subject: Subject) -> Iterator[Breach]:
    for item in _made(subject):
        if item.text("SegmentAlgorithmType") not in ("AUTOMATIC", "SEMIAUTOMATIC"):
            continue
        identification = item.first("SegmentationAlgorithmIdentificationSequence")
        if identification is None:
            yield (
                item.place("SegmentationAlgorithmIdentificationSequence"),
                "Name and version of the algorithm are not given here.",
            )
            continue
        for keyword in ("AlgorithmName", "AlgorithmVersion", "AlgorithmFamilyCodeSequence"):
            if identification.is_empty(keyword):
                yield identification.place(keyword), "An algorithm identification needs name, version and family."


def _tracking_pair(subject: Subject) -> Iterator[Breach]:
    for item in _made(subject):
        if item.is_empty("TrackingID") != item.is_empty("TrackingUID"):
            yield item.place("TrackingID"), "Tracking ID and Tracking UID are given together or not at all."


def _tracking_absent(subject: Subject) -> Iterator[Breach]:
    for item in _made(subject):
        if item.is_empty("TrackingID") and item.is_empty("TrackingUID"):
            yield item.place("TrackingUID"), "Without a tracking UID the segment cannot be followed over time."


RULES: tuple[Rule, ...] = rules(
    (
        error,
        "SEG-009",
        "There is a segment, and every segment has a number.",
        "PS3.3 C.8.20.2.4",
        _segments_present,
    ),
    (error, "SEG-010", "Segment Numbers are unique.", "PS3.3 C.8.20.2.4", _segments_unique),
    (
        error,
        "SEG-011",
        "Segment Numbers are 1 to n in order, save in label maps.",
        "PS3.3 C.8.20.2.4",
        _segments_in_order,
    ),
    (error, "SEG-012", "Every segment has a label.", "PS3.3 C.8.20.4", _labels),
    (
        error,
        "SEG-013",
        "Every segment has one property category and one property type.",
        "PS3.3 C.8.20.4",
        _properties,
    ),
    (error, "SEG-014", "Codes have value, scheme and meaning.", "PS3.3 8.8", _codes_complete),
    (warning, "SEG-015", "No code is of a retired scheme.", "PS3.16 8", _retired_schemes),
    (
        error,
        "SEG-016",
        "Segment Algorithm Type is AUTOMATIC, SEMIAUTOMATIC or MANUAL.",
        "PS3.3 C.8.20.2",
        _algorithm_type,
    ),
    (error, "SEG-017", "A segment that is not MANUAL names its algorithm.", "PS3.3 C.8.20.2", _algorithm_name),
    (
        warning,
        "SEG-018",
        "A segment that is not MANUAL identifies its algorithm by name, version and family.",
        "PS3.3 C.8.20.2, 10.16",
        _algorithm_identification,
    ),
    (error, "SEG-019", "Tracking ID and Tracking UID are given together.", "PS3.3 C.8.20.4", _tracking_pair),
    (warning, "SEG-020", "Segments can be followed by a Tracking UID.", "PS3.3 C.8.20.4", _tracking_absent),
    applies=SEGMENTATIONS,
)
