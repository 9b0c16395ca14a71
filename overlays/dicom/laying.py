"""Says which frames of an object lie on which source image."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from overlays.dicom.instance import Grid
from overlays.dicom.placement import FramePlace, Orientation, Position

EXACT = 0.1
"""Millimetres along the normal within which two planes are one: positions are written with so many digits."""
EDGE = 1e-3
"""Millimetres by which a plane must lie within half a thickness: at its very end, it belongs as much to the neighbour."""
SAME_ORIENTATION = 1e-3
MOST_KEPT = 256
"""Places whose distances are kept: the frames of several segments lie at one."""


@dataclass(frozen=True)
class SourcePlane:
    """A source image as far as its place is known; ``thickness`` as of a frame."""

    sop_instance_uid: str
    grid: Grid | None
    thickness: float | None = None
    frame_of_reference_uid: str = ""


@dataclass(frozen=True)
class Slice:
    """A source image with the frames that lie on it; ``distance`` along the normal of the first image, in millimetres."""

    sop_instance_uid: str
    distance: float | None
    frames: tuple[FramePlace, ...]


@dataclass(frozen=True)
class Laid:
    """The slices, and the numbers of frames that a reader may look for elsewhere.

    ``contradicting`` frames name an image that lies in another plane than they do; ``strange`` ones name only images not given.
    """

    slices: tuple[Slice, ...]
    contradicting: tuple[int, ...]
    strange: tuple[int, ...]


def laid(sources: Sequence[SourcePlane], places: Sequence[FramePlace]) -> Laid:
    """The source images ordered along their normal, each with its frames; images without a place come last, in the order given.

    The position of a frame decides. Of the images that it names, it lies on those whose slab its plane meets; where none of them
    is in its plane and another one is, on that. A frame that names none lies on the nearest image whose slab and its own reach so
    far, or whose plane is its own where neither tells a thickness: how far the given images are apart says nothing, for others
    may be missing. A frame that names only images not given lies on none; one without a position lies on all that it names.
    """
    images = Planes(sources)
    gap = images.smallest_gap(places)
    found: dict[str, list[FramePlace]] = defaultdict(list)
    contradicting, strange = [], []
    for place in places:
        named = [images.index[uid] for uid in place.source_sop_instance_uids if uid in images.index]
        if place.source_sop_instance_uids and not named:
            strange.append(place.number)
            continue
        off = images.off(place.position, place.orientation)
        if off is None:
            lying = named
        elif named:
            lying = [at for at in named if not images.placed[at] or off[at] < _half(place, images.thickness[at], max)]
            nearest = int(off.argmin())
            if not lying or (off[nearest] <= EXACT and not any(images.same_place(at, nearest, off) for at in lying)):
                contradicting.append(place.number)
                lying = [nearest] if off[nearest] <= EXACT else []
        else:
            nearest = int(off.argmin())
            lying = [nearest] if off[nearest] < min(_half(place, images.thickness[nearest], min), gap) else []
        for at in lying:
            found[sources[at].sop_instance_uid].append(place)
    return Laid(
        tuple(Slice(uid, distance, tuple(found[uid])) for uid, distance in images.order),
        tuple(contradicting),
        tuple(strange),
    )


def _half(place: FramePlace, thickness: float | None, chosen: Callable) -> float:
    known = [each for each in (place.thickness, thickness) if each is not None]
    return max(chosen(known) / 2 - EDGE, EXACT) if known else EXACT


class Planes:
    """The planes of the source images, in the order given."""

    def __init__(self, sources: Sequence[SourcePlane]) -> None:
        self._off: dict[tuple[Position, Orientation | None], np.ndarray] = {}
        self._turned: dict[Orientation, np.ndarray] = {}
        self.index = {source.sop_instance_uid: at for at, source in enumerate(sources)}
        self.thickness = [source.thickness for source in sources]
        self.placed = np.array([_is_placed(source.grid) for source in sources], bool)
        grids = [source.grid for source in sources]
        self._axes = np.array(
            [grid.orientation if ok else [0.0] * 6 for grid, ok in zip(grids, self.placed, strict=True)], float
        )
        self._axes = self._axes.reshape(-1, 6)
        self._normals = np.cross(self._axes[:, :3], self._axes[:, 3:])
        positions = [grid.position if ok else [0.0] * 3 for grid, ok in zip(grids, self.placed, strict=True)]
        self._levels = (self._normals * np.array(positions, float).reshape(-1, 3)).sum(axis=1)
        self._normal = self._normals[int(self.placed.argmax())] if self.placed.any() else None
        first = [
            round(float(self._normal @ np.asarray(position)), 6) if ok else None
            for position, ok in zip(positions, self.placed, strict=True)
        ]
        uids = [source.sop_instance_uid for source in sources]
        along = sorted((distance, uid) for uid, distance in zip(uids, first, strict=True) if distance is not None)
        self.order = [(uid, distance) for distance, uid in along]
        self.order += [(uid, None) for uid, distance in zip(uids, first, strict=True) if distance is None]

    def off(self, position: Position | None, orientation: Orientation | None = None) -> np.ndarray | None:
        """How far a point is from each image's plane, in millimetres, infinite of another orientation; None where nothing tells it."""
        if position is None or not self.placed.any():
            return None
        if (position, orientation) not in self._off:
            with np.errstate(invalid="ignore", over="ignore"):
                off = np.abs(self._normals @ np.asarray(position) - self._levels)
            self._off[position, orientation] = np.where(self._aligned(orientation) & np.isfinite(off), off, np.inf)
            if len(self._off) > MOST_KEPT:
                self._off.pop(next(iter(self._off)))
        return self._off[position, orientation]

    def _aligned(self, orientation: Orientation | None) -> np.ndarray:
        if orientation is None:
            return self.placed
        if orientation not in self._turned:
            with np.errstate(invalid="ignore"):
                alike = (np.abs(self._axes - np.asarray(orientation)) <= SAME_ORIENTATION).all(axis=1)
            self._turned[orientation] = self.placed & alike
            if len(self._turned) > MOST_KEPT:
                self._turned.pop(next(iter(self._turned)))
        return self._turned[orientation]

    def same_place(self, at: int, nearest: int, off: np.ndarray) -> bool:
        """Whether the frame is as much in the plane of the one image as in that of the nearest."""
        return at == nearest or not self.placed[at] or bool(off[at] <= EXACT)

    def smallest_gap(self, places: Sequence[FramePlace]) -> float:
        """Half of the smallest distance of two frames, as ``half_gap``."""
        if self._normal is None:
            return np.inf
        with np.errstate(invalid="ignore", over="ignore"):
            return half_gap([float(self._normal @ np.asarray(each.position)) for each in places if each.position])


def half_gap(levels: Sequence[float]) -> float:
    """Half of the smallest distance of two levels that are not one, at least EXACT; infinite where all are one."""
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.diff(np.unique(np.array(levels, float)))
    gaps = gaps[gaps > EXACT]
    return max(float(gaps.min()) / 2 - EDGE, EXACT) if gaps.size else np.inf


def _is_placed(grid: Grid | None) -> bool:
    return grid is not None and grid.position is not None and grid.orientation is not None
