"""Mutations of pixels and segments: what the rules IMG and SEG must tell."""

from collections.abc import Callable
from copy import deepcopy

from pydicom.dataset import Dataset

from tests.builders.mutations import raw
from tests.builders.mutations.mutation import Mutation, segment, segment_without, set_to, without
from tests.builders.mutations.of_viewers import overlap

LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"


def _class_of_label_map(data_set: Dataset) -> None:
    data_set.SOPClassUID = data_set.file_meta.MediaStorageSOPClassUID = LABEL_MAP


def _bits_with_pixels(data_set: Dataset) -> None:
    data_set.BitsAllocated = 8
    data_set.PixelData = bytes(8 * 64 * 64)


def _too_long(data_set: Dataset) -> None:
    data_set.PixelData += bytes(512)


def _rows_doubled(data_set: Dataset) -> None:
    data_set.Rows *= 2


def _above_maximum(data_set: Dataset) -> None:
    data_set.MaximumFractionalValue = 100


def _same_number(data_set: Dataset) -> None:
    data_set.SegmentSequence[1].SegmentNumber = 1
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 1


def _renumber(first: int, second: int) -> object:
    def change(data_set: Dataset) -> None:
        numbers = {1: first, 2: second}
        for item in data_set.SegmentSequence:
            item.SegmentNumber = numbers[item.SegmentNumber]
        for frame in data_set.PerFrameFunctionalGroupsSequence:
            identification = frame.SegmentIdentificationSequence[0]
            identification.ReferencedSegmentNumber = numbers[identification.ReferencedSegmentNumber]

    return change


def _two_categories(data_set: Dataset) -> None:
    sequence = data_set.SegmentSequence[0].SegmentedPropertyCategoryCodeSequence
    sequence.append(deepcopy(sequence[0]))


def _no_meaning(data_set: Dataset) -> None:
    del data_set.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeMeaning


def _retired(data_set: Dataset) -> None:
    code = data_set.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0]
    code.CodeValue, code.CodingSchemeDesignator = "T-62000", "SRT"


def _no_version(data_set: Dataset) -> None:
    del data_set.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0].AlgorithmVersion


def _one_fragment_less(content: bytes) -> bytes:
    """The last frame of an encapsulated object taken away; the Basic Offset Table still counts it."""
    end = content.rindex(raw.SEQUENCE_END)
    last = content.rindex(b"\xfe\xff\x00\xe0", 0, end)
    return content[:last] + content[end:]


def _no_offset_table(content: bytes) -> bytes:
    at = content.rindex(b"\xe0\x7f\x10\x00OB") + 12
    length = int.from_bytes(content[at + 4 : at + 8], "little")
    return _one_fragment_less(content[:at] + raw.EMPTY_ITEM + content[at + 8 + length :])


def _empty(*frames: int) -> Callable[[Dataset], None]:
    """The pixels of these frames, counted from 0, set to zero."""

    def change(data_set: Dataset) -> None:
        pixels = bytearray(data_set.PixelData)
        size = data_set.Rows * data_set.Columns * data_set.BitsAllocated // 8
        for frame in frames:
            pixels[frame * size : (frame + 1) * size] = bytes(size)
        data_set.PixelData = bytes(pixels)

    return change


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="no rows", rules=("IMG-001",), change=set_to("Rows", 0)),
    Mutation(name="no pixel data", rules=("IMG-002",), change=without("PixelData")),
    Mutation(name="five bits allocated", rules=("IMG-003", "SEG-005"), change=set_to("BitsAllocated", 5)),
    Mutation(name="five bits allocated in an image", rules=("IMG-003",), base="ct", change=set_to("BitsAllocated", 5)),
    Mutation(name="pixel data too long", rules=("IMG-004",), change=_too_long),
    Mutation(name="pixel data too short", rules=("IMG-004",), change=set_to("PixelData", bytes(100))),
    Mutation(name="rows doubled", rules=("IMG-004",), change=_rows_doubled),
    Mutation(
        name="an image whose pixel data is too short",
        rules=("IMG-004",),
        base="ct",
        change=set_to("PixelData", bytes(100)),
    ),
    Mutation(name="a fragment too few", rules=("IMG-005",), base="rle", raw=_one_fragment_less),
    Mutation(name="a fragment too few without offset table", rules=("IMG-005",), base="rle", raw=_no_offset_table),
    Mutation(name="Label Map Segmentation of type BINARY", rules=("SEG-001",), change=_class_of_label_map),
    Mutation(name="an original image", rules=("SEG-002",), change=set_to("ImageType", ["ORIGINAL", "SECONDARY"])),
    Mutation(name="type FUZZY", rules=("SEG-003",), change=set_to("SegmentationType", "FUZZY")),
    Mutation(name="no type", rules=("SEG-003",), change=without("SegmentationType")),
    Mutation(name="RGB", rules=("SEG-004",), change=set_to("PhotometricInterpretation", "RGB")),
    Mutation(
        name="a palette without its table",
        rules=("SEG-004",),
        base="labelmap",
        change=set_to("PhotometricInterpretation", "PALETTE COLOR"),
    ),
    Mutation(name="high bit 7 in a binary segmentation", rules=("SEG-005",), change=set_to("HighBit", 7)),
    Mutation(name="signed pixels", rules=("SEG-005",), change=set_to("PixelRepresentation", 1)),
    Mutation(name="eight bits in a binary segmentation", rules=("SEG-005",), change=_bits_with_pixels),
    Mutation(
        name="a fractional type of its own",
        rules=("SEG-006",),
        base="fractional",
        change=set_to("SegmentationFractionalType", "MAYBE"),
    ),
    Mutation(name="no maximum", rules=("SEG-006",), base="fractional", change=without("MaximumFractionalValue")),
    Mutation(name="pixels above the maximum", rules=("SEG-007",), base="fractional", change=_above_maximum),
    Mutation(name="no lossy flag", rules=("SEG-008",), change=without("LossyImageCompression")),
    Mutation(name="no segment", rules=("SEG-009",), change=set_to("SegmentSequence", [])),
    Mutation(name="a segment without number", rules=("SEG-009", "FRM-015"), change=segment_without(1, "SegmentNumber")),
    Mutation(name="a segment number twice", rules=("SEG-010", "FRM-010", "FRM-018"), change=_same_number),
    Mutation(name="segment numbers with a gap", rules=("SEG-011",), change=_renumber(1, 7)),
    Mutation(name="segment number 0", rules=("SEG-011",), change=_renumber(0, 1)),
    Mutation(name="a segment without label", rules=("SEG-012",), change=segment_without(0, "SegmentLabel")),
    Mutation(
        name="no property category",
        rules=("SEG-013",),
        change=segment_without(0, "SegmentedPropertyCategoryCodeSequence"),
    ),
    Mutation(name="two property categories", rules=("SEG-013",), change=_two_categories),
    Mutation(name="a code without meaning", rules=("SEG-014",), change=_no_meaning),
    Mutation(name="a retired code", rules=("SEG-015",), change=_retired),
    Mutation(name="algorithm type ROBOT", rules=("SEG-016",), change=segment(0, "SegmentAlgorithmType", "ROBOT")),
    Mutation(name="no algorithm name", rules=("SEG-017",), change=segment_without(0, "SegmentAlgorithmName")),
    Mutation(
        name="no algorithm identification",
        rules=("SEG-018",),
        change=segment_without(0, "SegmentationAlgorithmIdentificationSequence"),
    ),
    Mutation(name="an algorithm without version", rules=("SEG-018", "SEG-028"), change=_no_version),
    Mutation(name="a tracking ID alone", rules=("SEG-019",), change=segment_without(0, "TrackingUID")),
    Mutation(name="no tracking", rules=("SEG-020",), change=segment_without(0, "TrackingUID", "TrackingID")),
    Mutation(name="no content label", rules=("SEG-021",), change=without("ContentLabel")),
    Mutation(name="a content label in small letters", rules=("SEG-021",), change=set_to("ContentLabel", "liver")),
    Mutation(
        name="a label map that overlaps", rules=("SEG-022",), base="labelmap", change=set_to("SegmentsOverlap", "YES")
    ),
    Mutation(name="segments that overlap though it is denied", rules=("SEG-024", "VIE-015"), change=overlap),
    Mutation(name="nothing said of overlap", rules=("SEG-025",), change=without("SegmentsOverlap")),
    Mutation(name="a frame without pixels", rules=("SEG-026",), change=_empty(0)),
    Mutation(name="a fractional frame without pixels", rules=("SEG-026",), base="fractional", change=_empty(0)),
    Mutation(name="a segment without pixels", rules=("SEG-027",), change=_empty(4, 5, 6, 7)),
)
