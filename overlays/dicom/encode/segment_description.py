"""Reads the section of a description that says what a segmentation shall be: its form, and each of its segments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from overlays.dicom.encode.json_schema import CODE, COLOUR, UID, lines, record, text
from overlays.dicom.encode.refusal import DescriptionFault
from overlays.dicom.encode.totalsegmentator import Structure, structure_of
from overlays.dicom.instance import Code

MOST_SEGMENTS = 1000
LARGEST_NUMBER = 65535
"""Segment Number is US (PS3.3 C.8.20.2)."""


class SegmentationType(StrEnum):
    """PS3.3 C.8.20.2.3, with the standard's values."""

    BINARY = "BINARY"
    FRACTIONAL = "FRACTIONAL"
    LABELMAP = "LABELMAP"


class Compression(StrEnum):
    """How the frames are stored. All are lossless."""

    NONE = "none"
    RLE = "rle"
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg-2000"
    DEFLATED = "deflated"


NOT_FOR_BINARY = {
    Compression.RLE: "RLE Lossless of 1-bit frames exists in two forms that readers confuse",
    Compression.JPEG_LS: "JPEG-LS holds no 1-bit frames",
}

_NUMBER = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
SEGMENT = record(
    {
        "number": _NUMBER,
        "label": text(64),
        "description": lines(1024),
        "category": CODE,
        "type": CODE,
        "type_modifier": CODE,
        "anatomic_region": CODE,
        "region_modifier": CODE,
        "algorithm_type": {"enum": ["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"]},
        "colour": COLOUR,
        "tracking_id": text(64),
        "tracking_uid": UID,
        "file": text(64),
    },
    required=("number", "label", "category", "type"),
)
SEGMENTATION = record(
    {
        "type": {"enum": [str(form) for form in SegmentationType]},
        "fractional_type": {"enum": ["PROBABILITY", "OCCUPANCY"]},
        "maximum_fractional_value": {"type": "integer", "minimum": 1, "maximum": 255},
        "compression": {"enum": [str(compression) for compression in Compression]},
        "class_names": {"enum": ["totalsegmentator"]},
        "segments": {
            "type": ["array", "object"],
            "items": SEGMENT,
            "minItems": 1,
            "maxItems": MOST_SEGMENTS,
            "minProperties": 1,
            "maxProperties": MOST_SEGMENTS,
            "propertyNames": {
                "pattern": r"^[1-9][0-9]{0,4}$(?!\n)",
                "description": "a mask value from 1 to 65535",
            },
            "additionalProperties": text(64),
        },
    },
    required=("segments",),
)


@dataclass(frozen=True, kw_only=True)
class SegmentWish:
    """One segment as the client describes it. ``number`` is its value in the mask, or its place among the channels of a 4-D mask."""

    number: int
    label: str
    category: Code
    property_type: Code
    type_modifier: Code | None = None
    anatomic_region: Code | None = None
    region_modifier: Code | None = None
    description: str = ""
    algorithm_type: str = "AUTOMATIC"
    colour: tuple[int, int, int] | None = None
    """sRGB, 0 to 255 each."""
    tracking_id: str = ""
    tracking_uid: str = ""
    file: str = ""
    """Of the mask of this segment alone, with or without its endings."""


@dataclass(frozen=True, kw_only=True)
class SegmentationWish:
    """The form of the segmentation and its segments, by number."""

    form: SegmentationType = SegmentationType.BINARY
    fractional_type: str = "PROBABILITY"
    maximum_fractional_value: int = 255
    compression: Compression = Compression.NONE
    segments: tuple[SegmentWish, ...]


def read_segmentation(section: Mapping, path: str) -> tuple[SegmentationWish | None, tuple[DescriptionFault, ...]]:
    """What a section that fits :data:`SEGMENTATION` says, or None and the faults that a schema does not see."""
    segments, faults = _segments(section, path)
    faults += tuple(_across(section, segments, path))
    if faults:
        return None, faults
    return SegmentationWish(
        form=SegmentationType(section.get("type", SegmentationType.BINARY)),
        fractional_type=section.get("fractional_type", "PROBABILITY"),
        maximum_fractional_value=int(section.get("maximum_fractional_value", 255)),
        compression=Compression(section.get("compression", Compression.NONE)),
        segments=tuple(sorted(segments, key=lambda segment: segment.number)),
    ), ()


def _segments(section: Mapping, path: str) -> tuple[list[SegmentWish], tuple[DescriptionFault, ...]]:
    given = section["segments"]
    if isinstance(given, list):
        if "class_names" in section:
            return [], (
                DescriptionFault(f"{path}.class_names", "Segments that are described by codes need no class names."),
            )
        return [_segment(item) for item in given], ()
    if "class_names" not in section:
        return [], (DescriptionFault(path, "class_names is missing: it says whose names the segments have."),)
    found, faults = [], []
    for number, name in given.items():
        if int(number) > LARGEST_NUMBER:
            faults.append(
                DescriptionFault(f"{path}.segments", f"The mask value {number} is more than {LARGEST_NUMBER}.")
            )
            continue
        structure = structure_of(name)
        if isinstance(structure, str):
            faults.append(DescriptionFault(f"{path}.segments['{number}']", structure))
        else:
            found.append(_of_structure(int(number), name, structure))
    return found, tuple(faults)


def _segment(item: Mapping) -> SegmentWish:
    said = ("label", "description", "algorithm_type", "tracking_id", "tracking_uid", "file")
    codes = {
        "category": "category",
        "type": "property_type",
        "type_modifier": "type_modifier",
        "anatomic_region": "anatomic_region",
        "region_modifier": "region_modifier",
    }
    return SegmentWish(
        number=int(item["number"]),
        colour=tuple(bytes.fromhex(item["colour"][1:])) if "colour" in item else None,
        **{key: item[key] for key in said if key in item},
        **{name: Code(**item[key]) for key, name in codes.items() if key in item},
    )


def _of_structure(number: int, name: str, structure: Structure) -> SegmentWish:
    return SegmentWish(
        number=number,
        label=name,
        category=structure.category,
        property_type=structure.property_type,
        type_modifier=structure.type_modifier,
        anatomic_region=structure.anatomic_region,
        region_modifier=structure.region_modifier,
    )


def _across(section: Mapping, segments: list[SegmentWish], path: str) -> Iterator[DescriptionFault]:
    for key in ("number", "tracking_uid", "file"):
        seen: set[object] = set()
        for place, segment in enumerate(segments):
            value = getattr(segment, key)
            if value and value in seen:
                yield DescriptionFault(
                    f"{path}.segments[{place}].{key}", f"{value} belongs to a segment before this one."
                )
            seen.add(value)
    for place, segment in enumerate(segments):
        if segment.region_modifier and not segment.anatomic_region:
            yield DescriptionFault(
                f"{path}.segments[{place}]", "anatomic_region is missing: region_modifier says more of it."
            )
        if segment.tracking_uid and not segment.tracking_id:
            yield DescriptionFault(f"{path}.segments[{place}]", "tracking_id is missing: it goes with tracking_uid.")
    form = section.get("type", SegmentationType.BINARY)
    if form != SegmentationType.FRACTIONAL:
        for key in ("fractional_type", "maximum_fractional_value"):
            if key in section:
                yield DescriptionFault(f"{path}.{key}", f"A segmentation of the type {form} has no fractions.")
    compression = section.get("compression", Compression.NONE)
    if form == SegmentationType.BINARY and compression in NOT_FOR_BINARY:
        why = NOT_FOR_BINARY[Compression(compression)]
        yield DescriptionFault(f"{path}.compression", f"{compression} is not taken for the type BINARY: {why}.")
