"""Holds what a comparison of two segmentations gives, and the words for what it does not give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class MatchedBy(StrEnum):
    """Why two segments are taken for the same thing, the strongest reason first."""

    TRACKING_UID = "tracking_uid"
    TYPE_AND_LABEL = "type_and_label"
    OVERLAP = "overlap"
    """Several are alike in type and label: those that have most in common."""
    TYPE = "type"
    LABEL = "label"
    """One of the two was saved by a viewer that does not say what its segments are."""


class Missing(StrEnum):
    """Why a figure is not given."""

    BOTH_EMPTY = "both_empty"
    ONE_EMPTY = "one_empty"
    NO_GEOMETRY = "no_geometry"
    NO_SLICE_DISTANCE = "no_slice_distance"
    UNEVEN_SLICES = "uneven_slices"
    SURFACE_TOO_LARGE = "surface_too_large"
    TOO_MUCH_WORK = "too_much_work"


SENTENCES: dict[Missing, str] = {
    Missing.BOTH_EMPTY: "Both segments are empty.",
    Missing.ONE_EMPTY: "One of the segments is empty.",
    Missing.NO_GEOMETRY: "The frames have no place in space.",
    Missing.NO_SLICE_DISTANCE: "There is one slice, and no Spacing Between Slices (0018,0088).",
    Missing.UNEVEN_SLICES: "The slices are not evenly spaced, or not straight above one another.",
    Missing.SURFACE_TOO_LARGE: "The surfaces have more voxels than are measured exactly.",
    Missing.TOO_MUCH_WORK: "The surfaces of all segments together are larger than are measured exactly.",
}
"""Each reason in words. A distance is exact or it is not given."""


DEFINITIONS: dict[str, str] = {
    "dice": "2|A∩B| / (|A|+|B|) over voxels, A before and B after (Dice 1945)",
    "jaccard": "|A∩B| / |A∪B| over voxels (Jaccard 1901)",
    "volume_ml": "voxels × row spacing × column spacing × distance of slices",
    "volume_change_ml": "volume after minus volume before",
    "volume_change_percent": "volume change in percent of the volume before",
    "hausdorff_95_mm": (
        "the larger of the two directed 95th percentiles (linear between ranks) of the Euclidean distances from each surface voxel to the "
        "nearest surface voxel of the other; surface voxels lack one of their six neighbours (Huttenlocher 1993; Metrics Reloaded 2024)"
    ),
    "hausdorff_mm": "the largest of the same distances, of both directions",
}
"""What each figure is, and whose definition it is."""


@dataclass(frozen=True, kw_only=True)
class SegmentSize:
    """One segment of one object: its voxels, and their volume in millilitres (None: no volume can be told)."""

    number: int
    label: str
    voxels: int
    volume_ml: float | None = None


@dataclass(frozen=True, kw_only=True)
class SegmentPair:
    """One segment in both objects.

    With A and B the sets of voxels before and after: ``dice`` is 2|A∩B| / (|A|+|B|), ``jaccard`` is |A∩B| / |A∪B|, both 0 to 1; the
    change of volume is after minus before, in millilitres and in percent of before. The Hausdorff distances, in millimetres, are
    defined in :mod:`overlays.dicom.compare.surface`. A figure is None where ``missing`` names it with a reason.
    """

    matched_by: MatchedBy
    before: SegmentSize
    after: SegmentSize
    common_voxels: int
    dice: float | None = None
    jaccard: float | None = None
    volume_change_ml: float | None = None
    volume_change_percent: float | None = None
    hausdorff_95_mm: float | None = None
    hausdorff_mm: float | None = None
    missing: dict[str, Missing] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two segmentations side by side. ``voxel_mm`` is slice distance, row spacing and column spacing, None where one is not known.

    ``fractional_threshold`` is the share of Maximum Fractional Value from which a voxel counts; None where neither is FRACTIONAL.
    """

    pairs: tuple[SegmentPair, ...]
    only_before: tuple[SegmentSize, ...]
    only_after: tuple[SegmentSize, ...]
    voxel_mm: tuple[float, float, float] | None
    fractional_threshold: float | None


def comparison_from(found: Mapping) -> Comparison:
    """A comparison out of the mapping that ``dataclasses.asdict`` made of one. Raises KeyError, TypeError and ValueError for any other."""

    def pair(each: Mapping) -> SegmentPair:
        changed = {
            "matched_by": MatchedBy(each["matched_by"]),
            "before": SegmentSize(**each["before"]),
            "after": SegmentSize(**each["after"]),
            "missing": {name: Missing(reason) for name, reason in each["missing"].items()},
        }
        return SegmentPair(**{**each, **changed})

    return Comparison(
        pairs=tuple(pair(each) for each in found["pairs"]),
        only_before=tuple(SegmentSize(**each) for each in found["only_before"]),
        only_after=tuple(SegmentSize(**each) for each in found["only_after"]),
        voxel_mm=tuple(found["voxel_mm"]) if found["voxel_mm"] else None,
        fractional_threshold=found["fractional_threshold"],
    )


class NotComparable(ValueError):
    """The two objects cannot be compared; ``sentence`` says why, with no value that tells who the patient is."""

    code = "not_comparable"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class DifferentGeometry(NotComparable):
    """The voxels of the one are not those of the other; the sentence names both geometries."""

    code = "different_geometry"
