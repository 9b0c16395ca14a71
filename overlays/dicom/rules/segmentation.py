"""Rules about the Segmentation Image module (PS3.3 C.8.20.2)."""

import re
from collections.abc import Iterator

from overlays.dicom.rules.rule import SEGMENTATIONS, Breach, Rule, error, rules, warning
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

TYPES = ("BINARY", "FRACTIONAL", "LABELMAP")
BITS = {"BINARY": ((1, 1, 0, 0),), "FRACTIONAL": ((8, 8, 7, 0),), "LABELMAP": ((8, 8, 7, 0), (16, 16, 15, 0))}
"""Bits Allocated, Bits Stored, High Bit, Pixel Representation (PS3.3 C.8.20.2)."""
BIT_KEYWORDS = ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation")
CONTENT_LABEL = re.compile(r"[A-Z0-9_ ]{1,16}")


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


RULES: tuple[Rule, ...] = rules(
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
    (error, "SEG-021", "Content Label is a code string.", "PS3.3 10.9", _content_label),
    (error, "SEG-022", "Segments of a label map do not overlap.", "PS3.3 C.8.20.2.3", _overlap_of_label_map),
    applies=SEGMENTATIONS,
)
