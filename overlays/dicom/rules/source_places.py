"""Rules about where single frames, contours and marks lie on the source images that the registry knows."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from overlays.dicom.instance import KnownSource
from overlays.dicom.places import FramePlane
from overlays.dicom.read_extent import axes_of, bounds, corners, is_point
from overlays.dicom.rules.geometry import is_orientation
from overlays.dicom.rules.rule import (
    ANNOTATIONS,
    FRAMED,
    PRESENTATION_STATES,
    REPORTS,
    STRUCTURE_SETS,
    Breach,
    Rule,
    Stage,
    error,
    warning,
)
from overlays.dicom.rules.source_volume import planes_of_sources
from overlays.dicom.rules.sources import Comparison
from overlays.dicom.tags import path

ALONG = 1 - 1e-3
"""Cosine of normals that are one, either way."""
LONE_REACH = 0.5
"""Millimetres that a frame may lie beside its source where no distance of slices is known."""
FAR = 10.0
"""Millimetres that the middle of a contour may lie out of the volume of the sources."""
Spread = dict[str, tuple[np.ndarray, float, tuple]]
"""By source: the normal of its plane, its distance along that normal, and what it shares with the other slices of its stack."""


class Span(NamedTuple):
    """Planes along one normal: the first and the last of them, and half the distance of two, in millimetres.

    What is made of several slices lies between them.
    """

    normal: np.ndarray
    low: float
    high: float
    half: float


def _beside_source(comparison: Comparison) -> Iterator[Breach]:
    spans = _spans(comparison)
    for frame in comparison.instance.frame_planes:
        beside = _beside(frame, spans)
        if beside:
            yield (
                path("PerFrameFunctionalGroupsSequence", frame.number, "DerivationImageSequence"),
                f"Frame {frame.number} lies {beside:.2f} mm beside the source that it names, {frame.sources[0]}.",
            )


def _planes(comparison: Comparison) -> Spread:
    """The sources that are one plane each."""
    found: Spread = {}
    for reference, source in comparison.pairs:
        grid = source.grid
        if reference is None or grid is None or (source.number_of_frames or 1) != 1 or not is_point(grid.position):
            continue
        if is_orientation(grid.orientation):
            normal = _normal(grid.orientation)
            stack = (source.series_instance_uid, grid.orientation)
            found[source.sop_instance_uid] = (normal, float(np.array(grid.position) @ normal), stack)
    return found


def _normal(orientation: tuple[float, ...]) -> np.ndarray:
    cross = np.cross(orientation[:3], orientation[3:])
    return cross / np.linalg.norm(cross)


def _half_gaps(planes: Spread) -> dict[tuple, float]:
    """Half the usual distance of the slices of each stack, in millimetres."""
    stacks: dict[tuple, set[float]] = {}
    for _, distance, stack in planes.values():
        stacks.setdefault(stack, set()).add(round(distance, 3))
    gaps = {stack: [after - before for before, after in pairwise(sorted(found))] for stack, found in stacks.items()}
    return {stack: median(found) / 2 for stack, found in gaps.items() if found}


def _beside(frame: FramePlane, spans: Callable[[tuple[str, ...]], Span | None]) -> float:
    """How far out of the span of all sources that it names a frame lies along their normal; 0 where it is near enough, or nobody knows."""
    span = spans(frame.sources) if is_orientation(frame.orientation) else None
    if span is None or abs(float(span.normal @ _normal(frame.orientation))) < ALONG:
        return 0.0
    own = float(np.array(frame.position) @ span.normal)
    beyond = max(span.low - own, own - span.high)
    return beyond if beyond > max(span.half, (frame.between or 0.0) / 2) + 1e-2 else 0.0


def _spans(comparison: Comparison) -> Callable[[tuple[str, ...]], Span | None]:
    """What sources that a frame names span together: of those that many frames name, found once."""
    planes = _planes(comparison)
    halves = _half_gaps(planes)

    @cache
    def span_of(uids: tuple[str, ...]) -> Span | None:
        if any(uid not in planes for uid in uids):
            return None
        named = [planes[uid] for uid in uids]
        normal = named[0][0]
        if any(float(normal @ each[0]) < ALONG for each in named):
            return None
        along = [each[1] for each in named]
        half = max((halves[each[2]] for each in named if each[2] in halves), default=LONE_REACH)
        return Span(normal, min(along), max(along), half)

    return span_of


def _listed_in_space(comparison: Comparison) -> Iterator[Breach]:
    for reference, source in comparison.pairs:
        claimed = reference.frame_of_reference_uid if reference is not None else ""
        if claimed and source.frame_of_reference_uid and claimed != source.frame_of_reference_uid:
            yield (
                path("ReferencedFrameOfReferenceSequence"),
                f"The source {source.sop_instance_uid} is listed in the frame of reference {claimed[:64]}, where it does not lie.",
            )


def _coordinates_in_space(comparison: Comparison) -> Iterator[Breach]:
    """Asked where every instance that the report names is known: coordinates may lie in the space of any."""
    named = [source for reference, source in comparison.pairs if reference is not None]
    known = {source.frame_of_reference_uid for source in named} - {""}
    if not known or len(named) != len(comparison.instance.references):
        return
    for uid in comparison.instance.spaces:
        if uid not in known:
            yield (
                path("ReferencedFrameOfReferenceUID"),
                f"Coordinates lie in the frame of reference {uid[:64]}, in which none of the known sources does.",
            )


def _contours_far(comparison: Comparison) -> Iterator[Breach]:
    sources, extremes = planes_of_sources(comparison), comparison.instance.contour_extremes
    axes = axes_of(sources[0].grid) if sources else None
    around = [corner for source in sources for corner in corners(source.grid, [source.grid.position])]
    if axes is None or not around or not extremes:
        return
    (low, high), points = bounds(axes, around), np.array(extremes) @ axes.T
    beyond = float(np.maximum(low - points, points - high).max())
    if beyond > FAR:
        yield (
            path("ROIContourSequence"),
            f"A contour lies {beyond:.0f} mm out of the volume of the {len(sources)} source images.",
        )


def _marks_outside(comparison: Comparison) -> Iterator[Breach]:
    """A pixel more at each side is allowed: images are counted from their corner, from 1 or from 0."""
    sources = {source.sop_instance_uid: source for _, source in comparison.pairs}
    for marks in comparison.instance.pixel_marks:
        source = sources.get(marks.sop_instance_uid)
        size = _size(source, marks.on_matrix) if source else None
        if size is None:
            continue
        rows, columns = size
        if min(marks.low) < -1 or marks.high[0] > columns + 1 or marks.high[1] > rows + 1:
            (left, top), (right, bottom) = marks.low, marks.high
            yield (
                marks.path,
                f"Marks reach from column {left:g} and row {top:g} to column {right:g} and row {bottom:g}, but the image "
                f"{marks.sop_instance_uid} has {columns} columns and {rows} rows.",
            )


def _size(source: KnownSource, on_matrix: bool) -> tuple[int, int] | None:
    """Rows and columns; None where the matrix that marks count from is not known."""
    if on_matrix and ((source.number_of_frames or 1) > 1 or source.matrix):
        return source.matrix
    return (source.grid.rows, source.grid.columns) if source.grid else None


RULES: tuple[Rule, ...] = (
    error(
        "SRC-014",
        "Frames lie on the known images that they name, within half the distance of slices.",
        "PS3.3 C.7.6.16.2.6, C.7.6.16.2.3",
        _beside_source,
        applies=FRAMED,
        stage=Stage.SOURCES,
    ),
    error(
        "SRC-015",
        "Known images are listed in their own frame of reference.",
        "PS3.3 C.8.8.5",
        _listed_in_space,
        applies=STRUCTURE_SETS,
        stage=Stage.SOURCES,
    ),
    error(
        "SRC-016",
        "Coordinates in space lie in the frame of reference of a known source.",
        "PS3.3 C.18.9.1",
        _coordinates_in_space,
        applies=REPORTS,
        stage=Stage.SOURCES,
    ),
    warning(
        "SRC-017",
        "Contours lie in the volume of the known sources, or within 10 mm of it.",
        "PS3.3 C.8.8.6",
        _contours_far,
        applies=STRUCTURE_SETS,
        stage=Stage.SOURCES,
    ),
    warning(
        "SRC-018",
        "What is drawn on pixels of a known image lies on it.",
        "PS3.3 C.10.5.1.2, C.37.1.1",
        _marks_outside,
        applies=PRESENTATION_STATES | ANNOTATIONS,
        stage=Stage.SOURCES,
    ),
)
