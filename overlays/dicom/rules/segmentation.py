"""Rules about the Segmentation Image module and its segments (PS3.3 C.8.20)."""

import re
from collections.abc import Iterator

from overlays.dicom.dataset import DataSet, code_of
from overlays.dicom.read_algorithms import is_background
from overlays.dicom.rules.rule import SEGMENTATIONS, Breach, Rule, error, warning
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path
from overlays.dicom.transfer_syntaxes import JPEG_2000_LOSSLESS, JPEG_LS_LOSSLESS, RLE_LOSSLESS, name_of

TYPES = ("BINARY", "FRACTIONAL", "LABELMAP")
BITS = {"BINARY": ((1, 1, 0, 0),), "FRACTIONAL": ((8, 8, 7, 0),), "LABELMAP": ((8, 8, 7, 0), (16, 16, 15, 0))}
"""Bits Allocated, Bits Stored, High Bit, Pixel Representation (PS3.3 C.8.20.2)."""
BIT_KEYWORDS = ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation")
ALGORITHM_TYPES = ("AUTOMATIC", "SEMIAUTOMATIC", "MANUAL")
CONTENT_LABEL = re.compile(r"[A-Z0-9_ ]{1,16}")
RETIRED_SCHEMES = ("SRT", "SNM3", "99SDM")
PROPERTY_CODES = ("SegmentedPropertyCategoryCodeSequence", "SegmentedPropertyTypeCodeSequence")
CODES = (*PROPERTY_CODES, "AnatomicRegionSequence", "SegmentedPropertyTypeModifierCodeSequence")
CODE_VALUES = ("CodeValue", "LongCodeValue", "URNCodeValue")
MAX_SEGMENT_NUMBER = 65535


def _class_and_type(subject: Subject) -> Iterator[Breach]:
    kind = subject.segmentation_type
    label_map_class = subject.data_set.text("SOPClassUID") == LABEL_MAP_SEGMENTATION
    if kind in TYPES and label_map_class != (kind == "LABELMAP"):
        name = subject.sop_class.name if subject.sop_class else ""
        yield (
            path("SegmentationType"),
            f"{name} objects may not be of type {kind}: Label Map Segmentation and LABELMAP demand each other.",
        )


def _image_type(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.texts("ImageType")
    if found != ("DERIVED", "PRIMARY"):
        said = "\\".join(found)
        yield path("ImageType"), f"Image Type must be DERIVED\\PRIMARY; found {said[:64]!r}."


def _type(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type not in TYPES:
        yield (
            path("SegmentationType"),
            f"Segmentation Type must be BINARY, FRACTIONAL or LABELMAP; found {subject.segmentation_type[:16]!r}.",
        )


def _photometric(subject: Subject) -> Iterator[Breach]:
    data_set = subject.data_set
    samples, photometric = data_set.integer("SamplesPerPixel"), data_set.text("PhotometricInterpretation")
    if samples != 1:
        yield path("SamplesPerPixel"), f"Samples per Pixel must be 1; found {samples}."
    if photometric == "PALETTE COLOR" and subject.segmentation_type == "LABELMAP":
        wanted = ("RedPaletteColorLookupTableDescriptor", "ICCProfile")
        for keyword in wanted:
            if keyword not in data_set:
                yield path(keyword), "A label map in PALETTE COLOR needs its lookup table and an ICC profile."
    elif photometric != "MONOCHROME2":
        yield (
            path("PhotometricInterpretation"),
            f"Photometric Interpretation must be MONOCHROME2; found {photometric[:16]!r}.",
        )


def _bits(subject: Subject) -> Iterator[Breach]:
    allowed = BITS.get(subject.segmentation_type)
    found = tuple(subject.data_set.integer(keyword) for keyword in BIT_KEYWORDS)
    if allowed is not None and found not in allowed:
        wanted = " or ".join("/".join(map(str, row)) for row in allowed)
        said = "/".join("none" if number is None else str(number) for number in found)
        yield (
            path("BitsAllocated"),
            f"{subject.segmentation_type} demands {wanted} as bits allocated, stored, high bit, representation; found {said}.",
        )


def _fractional(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type != "FRACTIONAL":
        return
    kind = subject.data_set.text("SegmentationFractionalType")
    if kind not in ("PROBABILITY", "OCCUPANCY"):
        yield (
            path("SegmentationFractionalType"),
            f"Segmentation Fractional Type must be PROBABILITY or OCCUPANCY; found {kind[:16]!r}.",
        )
    highest = subject.data_set.integer("MaximumFractionalValue")
    if highest is None or not 1 <= highest <= 255:
        yield path("MaximumFractionalValue"), f"Maximum Fractional Value must be 1 to 255; found {highest}."


def _above_maximum(subject: Subject) -> Iterator[Breach]:
    highest = subject.data_set.integer("MaximumFractionalValue")
    if subject.segmentation_type != "FRACTIONAL" or highest in (None, 255) or not subject.pixel_values:
        return
    found = max(subject.pixel_values)
    if found > highest:
        yield path("PixelData"), f"A pixel has the value {found}; Maximum Fractional Value is {highest}."


def _lossy(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.is_empty("LossyImageCompression"):
        yield path("LossyImageCompression"), "The attribute must be present (type 1)."


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


def _content_label(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ContentLabel")
    if not CONTENT_LABEL.fullmatch(found):
        yield (
            path("ContentLabel"),
            f"Content Label has 1 to 16 capitals, digits, spaces or underscores; found {found[:32]!r}.",
        )


def _overlap_of_label_map(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type == "LABELMAP" and subject.data_set.text("SegmentsOverlap") == "YES":
        yield path("SegmentsOverlap"), "Segments of a label map cannot overlap; found YES."


def _viewers(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type == "LABELMAP" and 0 in subject.segment_numbers:
        yield path("SegmentSequence", 1), "Some viewers shift the colours of a label map that describes segment 0."
    if subject.segmentation_type == "FRACTIONAL":
        yield path("SegmentationType"), "Some viewers do not draw fractional segmentations."
    syntax = subject.transfer_syntax
    if syntax in (JPEG_LS_LOSSLESS, JPEG_2000_LOSSLESS) or (
        syntax == RLE_LOSSLESS and subject.segmentation_type == "BINARY"
    ):
        yield "(0002,0010) TransferSyntaxUID", f"Some programs do not read segmentations in {name_of(syntax)}."


def _rule(make: object, id: str, title: str, reference: str, check: object) -> Rule:  # noqa: A002 - the rule's own word
    return make(id, title, reference, check, applies=SEGMENTATIONS)  # type: ignore[operator]


RULES: tuple[Rule, ...] = tuple(
    _rule(*row)
    for row in (
        (
            error,
            "SEG-001",
            "Label Map Segmentation and type LABELMAP demand each other.",
            "PS3.3 C.8.20.2, A.51",
            _class_and_type,
        ),
        (error, "SEG-002", "Image Type is DERIVED\\PRIMARY.", "PS3.3 C.8.20.2", _image_type),
        (error, "SEG-003", "Segmentation Type is BINARY, FRACTIONAL or LABELMAP.", "PS3.3 C.8.20.2", _type),
        (
            error,
            "SEG-004",
            "Pixels are MONOCHROME2 with one sample; PALETTE COLOR in label maps alone.",
            "PS3.3 C.8.20.2, A.51.3",
            _photometric,
        ),
        (error, "SEG-005", "The bits of a pixel fit the Segmentation Type.", "PS3.3 C.8.20.2", _bits),
        (error, "SEG-006", "A fractional segmentation states its type and maximum.", "PS3.3 C.8.20.2.3", _fractional),
        (error, "SEG-007", "No pixel exceeds Maximum Fractional Value.", "PS3.3 C.8.20.2.3", _above_maximum),
        (warning, "SEG-008", "Lossy Image Compression is present.", "PS3.3 C.8.20.2.2", _lossy),
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
        (error, "SEG-021", "Content Label is a code string.", "PS3.3 10.9", _content_label),
        (error, "SEG-022", "Segments of a label map do not overlap.", "PS3.3 C.8.20.2.3", _overlap_of_label_map),
        (warning, "SEG-023", "Common viewers can draw the object.", "interoperability", _viewers),
    )
)
