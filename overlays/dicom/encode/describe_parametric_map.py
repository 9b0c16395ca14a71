"""Reads the section of a description that says what the numbers of a parametric map mean, and how they are stored and shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from overlays.dicom.encode.json_schema import CODE, faults_of, record, text
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.instance import Code

MOST_MAPS = 100
LARGEST_NUMBER = 3e38
"""Single precision ends there (OF)."""


class Storage(StrEnum):
    """In which numbers the voxels are stored."""

    FLOAT32 = "float32"
    UINT16 = "uint16"


_NUMBER = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
WINDOW = record(
    {
        "center": _NUMBER,
        "width": {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_NUMBER},
        "explanation": text(64),
    },
    required=("center", "width"),
)
MAP = record(
    {
        "label": text(16),
        "explanation": text(64),
        "unit": CODE,
        "quantity": CODE,
        "range": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
    },
    required=("label", "unit", "quantity"),
)
PARAMETRIC_MAP = record(
    {
        "stored_as": {"enum": [str(storage) for storage in Storage]},
        "maps": {"type": "array", "items": MAP, "minItems": 1, "maxItems": MOST_MAPS},
        "window": WINDOW,
        "derivation": CODE,
        "recognizable_visual_features": {"type": "boolean"},
    },
    required=("maps",),
)
"""JSON Schema 2020-12 of the section ``parametric_map``."""


@dataclass(frozen=True, kw_only=True)
class WindowWish:
    """Which values are shown from dark to bright (PS3.3 C.11.2)."""

    center: float
    width: float
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class MapWish:
    """What the numbers of one channel mean (PS3.3 C.7.6.16.2.11). ``range`` is the first and last value they may have."""

    label: str
    unit: Code
    quantity: Code
    explanation: str = ""
    range: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class ParametricMapWish:
    """The map; ``maps`` has one entry for each channel of the array."""

    maps: tuple[MapWish, ...]
    stored_as: Storage = Storage.FLOAT32
    window: WindowWish | None = None
    derivation: Code | None = None
    recognizable_visual_features: bool = False


def read_parametric_map(section: Mapping) -> ParametricMapWish:
    """What the section says. Raises EncodingRefused (reason DESCRIPTION) with every fault."""
    found = faults_of(PARAMETRIC_MAP, dict(section), "$.parametric_map") or tuple(_across(section))
    if found:
        raise EncodingRefused(Reason.DESCRIPTION, "The section parametric_map does not describe a map.", found)
    return ParametricMapWish(
        maps=tuple(_map(item) for item in section["maps"]),
        stored_as=Storage(section.get("stored_as", Storage.FLOAT32)),
        window=read_window(section.get("window")),
        derivation=Code(**section["derivation"]) if "derivation" in section else None,
        recognizable_visual_features=section.get("recognizable_visual_features", False),
    )


def read_window(item: Mapping | None) -> WindowWish | None:
    """What a value that fits :data:`WINDOW` says; None for None."""
    if item is None:
        return None
    return WindowWish(center=float(item["center"]), width=float(item["width"]), explanation=item.get("explanation", ""))


def _map(item: Mapping) -> MapWish:
    first_last = item.get("range")
    return MapWish(
        label=item["label"],
        explanation=item.get("explanation", item["quantity"]["meaning"]),
        unit=Code(**item["unit"]),
        quantity=Code(**item["quantity"]),
        range=(float(first_last[0]), float(first_last[1])) if first_last else None,
    )


def _across(section: Mapping) -> Iterator[DescriptionFault]:
    seen: set[str] = set()
    for number, item in enumerate(section["maps"]):
        path = f"$.parametric_map.maps[{number}]"
        if item["label"] in seen:
            yield DescriptionFault(f"{path}.label", f"{item['label']} belongs to a map before this one.")
        seen.add(item["label"])
        if item["unit"]["scheme"] != "UCUM":
            said = f"Units are coded in UCUM (PS3.16 CID 82), not in {item['unit']['scheme']}."
            yield DescriptionFault(f"{path}.unit.scheme", said)
        if "range" in item and not item["range"][0] < item["range"][1]:
            yield DescriptionFault(f"{path}.range", "The first value of a range is less than the last.")
