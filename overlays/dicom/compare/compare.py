"""Compares two stored segmentations: overlap, volumes and distances of surfaces, by segment."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.compare.figures import Comparison, Missing, SegmentPair, SegmentSize
from overlays.dicom.compare.grid import Planes, common_planes
from overlays.dicom.compare.masks import FRACTIONAL_THRESHOLD, Decoder, Side, count, open_side, unpacked
from overlays.dicom.compare.match import Described, Match, match
from overlays.dicom.compare.surface import (
    MOST_SURFACE_VOXELS,
    MOST_WORK,
    Surface,
    SurfaceBuilder,
    TooMuchWork,
    Work,
    hausdorff,
)

AT_ONCE = 8
"""Segments of a label map whose surfaces are collected in one pass over its frames."""
CUBIC_MM_PER_ML = 1000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is measured exactly; beyond it a distance is not given at all."""

    surface_voxels: int = MOST_SURFACE_VOXELS
    work: int = MOST_WORK


def compare_segmentations(
    before: Path,
    after: Path,
    *,
    decoder: Decoder | None = None,
    bounds: Bounds | None = None,
    scratch: Path | None = None,
    limits: Limits | None = None,
) -> Comparison:
    """The figures of two stored segmentations of one geometry, BINARY, FRACTIONAL or LABELMAP in any mix.

    Frames are laid on each other by Image Position (Patient), never by their number; a frame that is not there is empty. Memory: the
    headers, three slices a segment that is measured, and the surfaces of up to ``AT_ONCE`` segments. ``decoder`` decodes compressed
    frames, which makes it a matter for a child process; ``scratch`` is the folder for the inflated form of a deflated object.

    Raises DifferentGeometry, NotComparable, FrameBroken, Unreadable as ``open_stored`` does, and what ``decoder`` raises.
    """
    options = {"decoder": decoder, "bounds": bounds or Bounds(), "scratch": scratch}
    with ExitStack() as opened:
        one = opened.enter_context(open_side(before, name="earlier", **options))
        other = opened.enter_context(open_side(after, name="later", **options))
        planes = common_planes(one.geometry, other.geometry)
        one.lay_out(planes.before)
        other.lay_out(planes.after)
        matches = match(one.segments, other.segments, lambda pairs: _in_common(one, other, pairs))
        counts = _counted(one, other, {first.number: second.number for first, second, _ in matches})
        pairs = [_pair(found, counts, planes) for found in matches]
        fractional = "FRACTIONAL" in (one.kind, other.kind)
        return Comparison(
            pairs=tuple(_with_distances(one, other, pairs, counts, planes, limits or Limits())),
            only_before=_alone(one, counts.before, planes, {first.number for first, _, _ in matches}),
            only_after=_alone(other, counts.after, planes, {second.number for _, second, _ in matches}),
            voxel_mm=planes.voxel_mm,
            fractional_threshold=FRACTIONAL_THRESHOLD if fractional else None,
        )


def _in_common(one: Side, other: Side, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Voxels that segments have in common, by their numbers before and after."""
    found = dict.fromkeys(pairs, 0)
    wanted = {its for _, its in pairs}
    partners: dict[int, set[int]] = defaultdict(set)
    for number, its in pairs:
        partners[number].add(its)
    for plane in sorted(one.planes & other.planes):
        theirs: dict[int, np.ndarray] = {}
        for each in wanted & set(other.present(plane)):
            packed = other.mask(plane, each)
            if packed is not None:
                theirs[each] = packed
        for number in partners.keys() & set(one.present(plane)) if theirs else ():
            mine = one.mask(plane, number)
            for its in theirs.keys() & partners[number] if mine is not None else ():
                found[number, its] += count(mine & theirs[its])
    return found


@dataclass(frozen=True)
class _Counts:
    """Voxels of each segment and slice; those in both by the segment of the earlier object."""

    before: dict[int, dict[int, int]]
    after: dict[int, dict[int, int]]
    common: dict[int, int]


def _counted(one: Side, other: Side, partner: dict[int, int]) -> _Counts:
    """Every voxel, slice by slice, two masks in memory at a time."""
    counts = _Counts(defaultdict(dict), defaultdict(dict), defaultdict(int))
    for plane in sorted(one.planes | other.planes):
        others = set(other.present(plane))
        for number in one.present(plane):
            mine, its = one.mask(plane, number), None
            if mine is not None:
                counts.before[number][plane] = count(mine)
            match_ = partner.get(number)
            if match_ in others:
                others.remove(match_)
                its = other.mask(plane, match_)
            if its is not None:
                counts.after[match_][plane] = count(its)
            if mine is not None and its is not None:
                counts.common[number] += count(mine & its)
        for number in sorted(others):
            its = other.mask(plane, number)
            if its is not None:
                counts.after[number][plane] = count(its)
    return counts


def _size(segment: Described, by_plane: dict[int, dict[int, int]], planes: Planes) -> SegmentSize:
    voxels = sum(by_plane.get(segment.number, {}).values())
    volume = None if planes.voxel_mm is None else voxels * prod(planes.voxel_mm) / CUBIC_MM_PER_ML
    return SegmentSize(number=segment.number, label=segment.label, voxels=voxels, volume_ml=volume)


def _alone(
    side: Side, by_plane: dict[int, dict[int, int]], planes: Planes, matched: set[int]
) -> tuple[SegmentSize, ...]:
    return tuple(_size(each, by_plane, planes) for each in side.segments if each.number not in matched)


def _pair(found: Match, counts: _Counts, planes: Planes) -> SegmentPair:
    """Everything but the distances."""
    first, second, matched_by = found
    before, after = _size(first, counts.before, planes), _size(second, counts.after, planes)
    common = counts.common[first.number]
    both, missing = before.voxels + after.voxels, {}
    if not both:
        missing |= {"dice": Missing.BOTH_EMPTY, "jaccard": Missing.BOTH_EMPTY}
    if planes.voxel_mm is None:
        missing |= {"volume_change_ml": planes.missing, "volume_change_percent": planes.missing}
    elif not before.voxels:
        missing |= {"volume_change_percent": Missing.ONE_EMPTY if both else Missing.BOTH_EMPTY}
    return SegmentPair(
        matched_by=matched_by,
        before=before,
        after=after,
        common_voxels=common,
        dice=2 * common / both if both else None,
        jaccard=common / (both - common) if both else None,
        volume_change_ml=None if "volume_change_ml" in missing else after.volume_ml - before.volume_ml,
        volume_change_percent=(
            None if "volume_change_percent" in missing else 100 * (after.voxels - before.voxels) / before.voxels
        ),
        missing=missing,
    )


def _with_distances(
    one: Side, other: Side, pairs: Sequence[SegmentPair], counts: _Counts, planes: Planes, limits: Limits
) -> list[SegmentPair]:
    """The pairs with their distances, the small ones measured first, so that one large segment does not keep the others from it."""
    found = {pair.before.number: pair for pair in pairs}
    wanted = []
    for pair in pairs:
        known = _without_measuring(pair, planes)
        if isinstance(known, SegmentPair):
            found[pair.before.number] = known
        else:
            wanted.append(pair)
    wanted.sort(key=lambda pair: (pair.before.voxels + pair.after.voxels, pair.before.number))
    at_once = AT_ONCE if "LABELMAP" in (one.kind, other.kind) else 1
    work = Work(limits.work)
    for start in range(0, len(wanted), at_once):
        group = wanted[start : start + at_once]
        for pair, surfaces in _surfaces(one, other, group, counts, limits.surface_voxels):
            found[pair.before.number] = _measured(pair, surfaces, one.geometry.columns, planes.voxel_mm, work)
    return [found[pair.before.number] for pair in pairs]


def _without_measuring(pair: SegmentPair, planes: Planes) -> SegmentPair | None:
    """The pair where its distances follow from the counts: none can be told, or the two are alike. None where they must be measured."""
    empty = (not pair.before.voxels) + (not pair.after.voxels)
    if empty:
        return _undistanced(pair, Missing.BOTH_EMPTY if empty == 2 else Missing.ONE_EMPTY)
    if planes.voxel_mm is None:
        return _undistanced(pair, planes.missing)
    if pair.common_voxels == pair.before.voxels == pair.after.voxels:
        return replace(pair, hausdorff_95_mm=0.0, hausdorff_mm=0.0)
    return None


def _undistanced(pair: SegmentPair, reason: Missing) -> SegmentPair:
    return replace(pair, missing=pair.missing | {"hausdorff_95_mm": reason, "hausdorff_mm": reason})


def _surfaces(
    one: Side, other: Side, pairs: Sequence[SegmentPair], counts: _Counts, most: int
) -> Iterator[tuple[SegmentPair, tuple[Surface, Surface] | None]]:
    """The two surfaces of each pair, in one pass over the slices; None where they have more than ``most`` voxels."""
    sides = (one, counts.before), (other, counts.after)
    numbers = [(pair.before.number, pair.after.number) for pair in pairs]
    builders = [(SurfaceBuilder(one.geometry.columns), SurfaceBuilder(one.geometry.columns)) for _ in pairs]
    rows, columns = one.geometry.rows, one.geometry.columns
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, both in enumerate(numbers):
        for which, number in enumerate(both):
            for plane in sides[which][1][number]:
                wanted[plane].append((index, which))
    beyond: set[int] = set()
    for plane in sorted(wanted):
        for index, which in wanted[plane]:
            if index in beyond:
                continue
            builders[index][which].add(
                plane, unpacked(sides[which][0].mask(plane, numbers[index][which]), rows, columns)
            )
            if sum(builder.voxels for builder in builders[index]) > most:
                beyond.add(index)
                builders[index] = ()
    for index, pair in enumerate(pairs):
        surfaces = None if index in beyond else tuple(builder.finish() for builder in builders[index])
        builders[index] = ()
        yield pair, surfaces


def _measured(
    pair: SegmentPair,
    surfaces: tuple[Surface, Surface] | None,
    columns: int,
    voxel_mm: tuple[float, float, float],
    work: Work,
) -> SegmentPair:
    if surfaces is None:
        return _undistanced(pair, Missing.SURFACE_TOO_LARGE)
    try:
        ranked, largest = hausdorff(*surfaces, columns=columns, voxel_mm=voxel_mm, work=work)
    except TooMuchWork:
        return _undistanced(pair, Missing.TOO_MUCH_WORK)
    return replace(pair, hausdorff_95_mm=ranked, hausdorff_mm=largest)
