"""Lays the frames of two segmentations on one grid of slices, by their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from overlays.dicom.compare.figures import DifferentGeometry, Missing, NotComparable
from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups, Numbers
from overlays.dicom.placement import places_of

DIRECTION_TOLERANCE = 1e-4
"""Of each direction cosine: a twentieth of a pixel over 512."""
SPACING_TOLERANCE = 1e-4
"""Of Pixel Spacing, as a share of it: the same."""
PLACE_TOLERANCE = 0.05
"""Of a place, as a share of the side of a voxel."""
STEP_TOLERANCE = 0.01
"""Of the distance of slices, as a share of it, before the slices themselves are looked at."""
SAME_PLACE = 0.01
"""Pixels within which two frames lie in one place."""

Position = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Where the frames of one object lie (PS3.3 C.7.6.16.2): millimetres, patient coordinates.

    ``positions`` has one entry a frame; it is None, like ``orientation`` and ``spacing``, where any frame lacks its place.
    ``between`` is Spacing Between Slices. ``sources`` has for each frame the one source instance it names, where no place is known and
    no other frame of its segment names the same.
    """

    rows: int
    columns: int
    frame_of_reference_uid: str
    orientation: Numbers | None = None
    spacing: Numbers | None = None
    between: float | None = None
    positions: tuple[Position, ...] | None = None
    sources: tuple[str, ...] | None = None

    def __str__(self) -> str:
        form = f"{self.rows} by {self.columns} pixels"
        if self.positions is None:
            return f"{form} without a place in space"
        apart = f", slices {self.between:g} mm apart" if self.between else ""
        turned, first = (_listed(numbers) for numbers in (self.orientation, self.positions[0]))
        return f"{form} of {self.spacing[0]:g} by {self.spacing[1]:g} mm{apart}, orientation ({turned}), first frame at ({first})"


@dataclass(frozen=True, kw_only=True)
class Planes:
    """For each frame of both objects the number of its slice; slices that are neighbours have numbers that are.

    ``voxel_mm`` is slice distance, row spacing, column spacing; None for the reason ``missing``.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    voxel_mm: tuple[float, float, float] | None = None
    missing: Missing | None = None


def read_geometry(
    root: DataSet, groups: FunctionalGroups, *, rows: int, columns: int, frames: int, name: str
) -> Geometry:
    """The geometry of an object; ``name`` says in a refusal which of the two it is. Raises NotComparable."""
    found = {"rows": rows, "columns": columns, "frame_of_reference_uid": root.text("FrameOfReferenceUID")}
    if len(groups.per_frame) != frames:
        raise NotComparable(
            f"The {name} object has {frames} frames, and functional groups for {len(groups.per_frame)}."
        )
    measures = [groups.measures(frame) for frame in groups.per_frame]
    positions = [_finite(groups.position(frame), 3) for frame in groups.per_frame]
    orientations = {_finite(groups.orientation(frame), 6) for frame in groups.per_frame}
    spacings = {_finite(each.spacing, 2) if each else None for each in measures}
    if None in positions or None in orientations or None in spacings:
        return Geometry(**found, sources=_sources(root))
    if len(orientations) > 1 or len(spacings) > 1:
        raise NotComparable(f"The frames of the {name} object do not share one orientation and one pixel spacing.")
    (orientation,), (spacing,) = orientations, spacings
    if min(spacing) <= 0:
        raise NotComparable(f"The {name} object has a Pixel Spacing (0028,0030) that is not above 0.")
    between = {_finite(each.between, 1) for each in measures}
    stated = next(iter(between)) if len(between) == 1 else None
    return Geometry(
        **found,
        orientation=orientation,
        spacing=spacing,
        between=stated[0] if stated and stated[0] > 0 else None,
        positions=tuple(positions),
    )


def common_planes(before: Geometry, after: Geometry) -> Planes:
    """The slices of both. Raises DifferentGeometry where their voxels are not the same, NotComparable where that cannot be told."""
    if (before.rows, before.columns) != (after.rows, after.columns):
        raise _different("rows and columns", before, after)
    uids = (before.frame_of_reference_uid, after.frame_of_reference_uid)
    if all(uids) and uids[0] != uids[1]:
        raise DifferentGeometry(f"The frames of reference differ: before {uids[0]}; after {uids[1]}.")
    if before.positions is None and after.positions is None:
        return _planes_by_source(before, after)
    if before.positions is None or after.positions is None:
        raise _different("whether frames have a place in space", before, after)
    if not np.allclose(before.orientation, after.orientation, rtol=0, atol=DIRECTION_TOLERANCE):
        raise _different("orientation", before, after)
    if not np.allclose(before.spacing, after.spacing, rtol=SPACING_TOLERANCE, atol=0):
        raise _different("pixel spacing", before, after)
    return _planes_in_space(before, after)


def _planes_by_source(before: Geometry, after: Geometry) -> Planes:
    for name, side in (("earlier", before), ("later", after)):
        if side.sources is None:
            raise NotComparable(
                f"The frames of the {name} object have no place in space, and no source image each to be told apart by."
            )
    numbers = {uid: number for number, uid in enumerate(dict.fromkeys((*before.sources, *after.sources)))}
    return Planes(
        before=tuple(numbers[uid] for uid in before.sources),
        after=tuple(numbers[uid] for uid in after.sources),
        missing=Missing.NO_GEOMETRY,
    )


def _planes_in_space(before: Geometry, after: Geometry) -> Planes:
    along = np.asarray(before.orientation[:3]), np.asarray(before.orientation[3:])
    axes = np.stack([*along, np.cross(*along)])
    count, pixel = len(before.positions), min(before.spacing)
    places = (np.asarray([*before.positions, *after.positions]) - before.positions[0]) @ axes.T
    frame_plane, spots = _distinct(places, SAME_PLACE * pixel)
    mine, others = np.unique(frame_plane[:count]), np.unique(frame_plane[count:])
    straight = [
        bool((np.abs(spots[side, :2] - spots[side[0], :2]) <= PLACE_TOLERANCE * pixel).all()) for side in (mine, others)
    ]
    depths = [spots[side, 2] for side in (mine, others)]
    steps = [_step(depth, side.between) for depth, side in zip(depths, (before, after), strict=True)]
    if all(straight) and None not in steps:
        if (np.abs(spots[others[0], :2] - spots[mine[0], :2]) > PLACE_TOLERANCE * pixel).any():
            raise _different("position", before, after)
        known = [step for step in steps if step]
        if not known:
            return _numbered(frame_plane, np.arange(len(spots)), count, None, Missing.NO_SLICE_DISTANCE)
        if max(known) - min(known) > STEP_TOLERANCE * max(known):
            raise _different(f"distance of slices ({steps[0]:g} and {steps[1]:g} mm)", before, after)
        fit = _fit(spots[:, 2], known[0])
        if fit is None:
            raise _different("positions of slices", before, after)
        number, step = fit
        return _numbered(frame_plane, number, count, (step, *map(float, before.spacing)), None)
    if not set(mine) & set(others):
        raise _different("positions of slices", before, after)
    return _numbered(frame_plane, np.arange(len(spots)), count, None, Missing.UNEVEN_SLICES)


def _distinct(places: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """The slice of each place, counted along the normal, and the place of each slice: places (count, 3) within the tolerance are one."""
    order = np.lexsort((places[:, 1], places[:, 0], places[:, 2]))
    new = np.ones(len(places), bool)
    new[1:] = (np.abs(np.diff(places[order], axis=0)) > tolerance).any(axis=1)
    plane = np.empty(len(places), np.int64)
    plane[order] = np.cumsum(new) - 1
    return plane, places[order][new]


def _step(depths: np.ndarray, stated: float | None) -> float | None:
    """The distance of slices of one object: as stated, else the smallest there is; 0 of a single slice, None of uneven ones."""
    gaps = np.diff(depths)
    if not len(gaps):
        return stated or 0.0
    for step in (stated, float(gaps.min())):
        if step and _fit(depths, step) is not None:
            return step
    return None


def _fit(depths: np.ndarray, step: float) -> tuple[np.ndarray, float] | None:
    """The number of each slice on a grid of about that step, and the step of that grid; None where the slices lie on none."""
    counts = np.rint(np.diff(depths) / step)
    if (counts < 1).any():
        return None
    number = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    measured = float((depths[-1] - depths[0]) / number[-1]) if number[-1] else step
    if abs(measured - step) > STEP_TOLERANCE * step:
        return None
    if (np.abs(depths - depths[0] - number * measured) > PLACE_TOLERANCE * measured).any():
        return None
    return number, step if abs(measured - step) <= SPACING_TOLERANCE * step else measured


def _numbered(
    frame_plane: np.ndarray,
    number: np.ndarray,
    count: int,
    voxel_mm: tuple[float, float, float] | None,
    missing: Missing | None,
) -> Planes:
    numbers = number[frame_plane].tolist()
    return Planes(before=tuple(numbers[:count]), after=tuple(numbers[count:]), voxel_mm=voxel_mm, missing=missing)


def _sources(root: DataSet) -> tuple[str, ...] | None:
    """The source of each frame; None where a frame names none or several, or one names two frames of a segment: tiles, or a film."""
    places = places_of(root)
    uids = [place.source_sop_instance_uids for place in places]
    apart = {(place.segment_numbers, place.source_sop_instance_uids) for place in places}
    return tuple(uid for (uid,) in uids) if len(apart) == len(places) and all(len(each) == 1 for each in uids) else None


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _finite(numbers: Numbers | None, count: int) -> Numbers | None:
    if not numbers or len(numbers) != count or not all(map(isfinite, numbers)):
        return None
    return tuple(map(float, numbers))


def _different(what: str, before: Geometry, after: Geometry) -> DifferentGeometry:
    return DifferentGeometry(f"The two differ in {what}: before {before}; after {after}.")
