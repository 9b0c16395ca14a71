"""Rules about where an object lies against the source images that the registry knows, and what it says of their pixels."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from overlays.dicom.instance import KnownSource
from overlays.dicom.read_extent import axes_of, bounds, corners, is_point
from overlays.dicom.rules.rule import FRAMED, REPORTS, Breach, Rule, Stage, error, rules, warning
from overlays.dicom.rules.sources import Comparison
from overlays.dicom.tags import path

MIRRORED = -1 + 1e-3
"""Cosine of axes that run against each other."""
LEAST_REACH = 0.5
"""Millimetres by which frames may lie outside, where the sources are one slice."""


def _mirrored(comparison: Comparison) -> Iterator[Breach]:
    own = axes_of(comparison.instance.grid) if comparison.instance.grid else None
    for _, source in comparison.pairs:
        other = axes_of(source.grid) if source.grid else None
        if own is None or other is None:
            continue
        against = [word for word, a, b in zip(("rows", "columns"), own, other, strict=False) if float(a @ b) < MIRRORED]
        if against:
            yield (
                path("SharedFunctionalGroupsSequence", 1, "PlaneOrientationSequence", 1, "ImageOrientationPatient"),
                f"Its {' and '.join(against)} run against those of the source {source.sop_instance_uid}; older OHIF draws it flipped.",
            )
            return


def _outside(comparison: Comparison) -> Iterator[Breach]:
    """Asked where every source is known, is a single plane, and all share one orientation."""
    extent, sources = comparison.instance.extent, planes_of_sources(comparison)
    if not extent or not sources:
        return
    axes = axes_of(sources[0].grid)
    around = [corner for source in sources for corner in corners(source.grid, [source.grid.position])]
    if axes is None or not around:
        return
    (low, high), (least, most) = bounds(axes, around), bounds(axes, extent)
    beyond = np.maximum(low - least, most - high)
    if (beyond > _reach(sources, axes)).any():
        yield (
            path("PerFrameFunctionalGroupsSequence"),
            f"Frames reach {float(beyond.max()):.1f} mm out of the volume of the {len(sources)} source images.",
        )


def planes_of_sources(comparison: Comparison) -> list[KnownSource]:
    """The sources, none unless all that are named are known and fit to be a volume together."""
    placed = [
        source
        for reference, source in comparison.pairs
        if reference is not None
        and source.grid
        and is_point(source.grid.position)
        and source.grid.orientation
        and (source.number_of_frames or 1) == 1
    ]
    one = len({source.grid.orientation for source in placed}) == 1
    return placed if one and len(placed) == len(comparison.instance.references) else []


def _reach(sources: list[KnownSource], axes: np.ndarray) -> np.ndarray:
    """How far out is still inside, along each axis: half a pixel, and half the largest gap of two slices."""
    down, right = sources[0].grid.pixel_spacing or (2 * LEAST_REACH, 2 * LEAST_REACH)
    along = sorted(float(np.array(source.grid.position) @ axes[2]) for source in sources)
    gap = max((after - before for before, after in pairwise(along)), default=0.0)
    return np.maximum((right / 2, down / 2, gap / 2), LEAST_REACH) + 1e-3


def _segments(comparison: Comparison) -> Iterator[Breach]:
    for reference, source in comparison.pairs:
        if reference is None or source.segment_numbers is None:
            continue
        for number in reference.segment_numbers:
            if number not in source.segment_numbers:
                yield (
                    path("ReferencedSegmentNumber"),
                    f"The object refers to segment {number} of the segmentation {source.sop_instance_uid}, which has none of that number.",
                )


def _lossy(comparison: Comparison) -> Iterator[Breach]:
    for _, source in comparison.pairs:
        if source.lossy and not comparison.instance.lossy:
            yield (
                path("LossyImageCompression"),
                f"The source {source.sop_instance_uid} was compressed with loss; the object says so with 01.",
            )
            return


RULES: tuple[Rule, ...] = (
    *rules(
        (warning, "SRC-010", "Rows and columns run as those of the known sources.", "PS3.3 C.7.6.16.2.4", _mirrored),
        (warning, "SRC-011", "Frames lie in the volume of the known sources.", "PS3.3 C.7.6.16.2.3", _outside),
        (warning, "SRC-012", "What is made of lossy sources says so.", "PS3.3 C.8.20.2.2, C.7.6.1.1.5", _lossy),
        applies=FRAMED,
        stage=Stage.SOURCES,
    ),
    *rules(
        (error, "SRC-013", "Segments that a report refers to exist.", "PS3.16 TID 1410, TID 1411", _segments),
        applies=REPORTS,
        stage=Stage.SOURCES,
    ),
)
