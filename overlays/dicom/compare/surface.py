"""Measures how far the surfaces of two masks are apart: exact Hausdorff distances, slice by slice.

The surface of a mask is the set of the centres of those of its voxels that share a face with a voxel outside it, or with the edge of
the grid. From each surface voxel of A the Euclidean distance in millimetres to the nearest surface voxel of B is taken, and from each
of B to A. The Hausdorff distance is the largest of all; the 95 % Hausdorff distance is the larger of the two 95th percentiles, one of
each direction, interpolated linearly between ranks: the bidirectional form of the ranked distance of Huttenlocher, Klanderman and
Rucklidge (Comparing images using the Hausdorff distance, IEEE TPAMI 15 (1993) 850, section 3), and what Metrics Reloaded (Maier-Hein,
Reinke et al., Nature Methods 21 (2024) 195) and MONAI compute under this name. Others pool both directions first, which gives a value
that is never larger.
"""

from collections.abc import Mapping

import numpy as np

MOST_SURFACE_VOXELS = 4_000_000
"""Of both surfaces of one segment together: 16 bytes each while they are measured."""
MOST_WORK = 1_000_000_000
"""Pixels of distance maps that one comparison may draw, about 40 ns each; a surface voxel looked at costs an eighth of one."""

Surface = Mapping[int, np.ndarray]
"""Slice to the surface voxels on it: ``row * columns + column``, ascending, ``int32``."""

_NONE = np.empty(0, np.int32)


class TooMuchWork(ValueError):
    """The distances would take longer than they may."""


class Work:
    """What one comparison may still spend."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self.left = most

    def spend(self, pixels: int) -> None:
        """Raise TooMuchWork when there is no more."""
        self.left -= pixels
        if self.left < 0:
            raise TooMuchWork("the distances would take longer than they may")


class SurfaceBuilder:
    """Collects the surface of a mask whose slices are given in ascending order; three are in memory at a time."""

    def __init__(self, columns: int) -> None:
        self.found: dict[int, np.ndarray] = {}
        self.voxels = 0
        self._columns = columns
        self._below: tuple[int, np.ndarray] | None = None
        self._last: tuple[int, np.ndarray] | None = None

    def add(self, plane: int, mask: np.ndarray) -> None:
        """The next slice that is not empty: truth values of shape (rows, columns)."""
        self._settle(mask if self._last is not None and plane == self._last[0] + 1 else None)
        self._below, self._last = self._last, (plane, mask)

    def finish(self) -> Surface:
        """The whole surface."""
        self._settle(None)
        self._below = self._last = None
        return self.found

    def _settle(self, above: np.ndarray | None) -> None:
        if self._last is None:
            return
        plane, mask = self._last
        below = self._below[1] if self._below is not None and self._below[0] == plane - 1 else None
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        inside = mask[box]
        surface = inside.copy()
        if below is not None and above is not None:
            padded = np.pad(inside, 1)
            surface &= ~(
                padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:] & below[box] & above[box]
            )
        row, column = np.nonzero(surface)
        self.found[plane] = ((row + rows[0]) * self._columns + column + columns[0]).astype(np.int32)
        self.voxels += len(row)


def hausdorff(
    one: Surface, other: Surface, *, columns: int, voxel_mm: tuple[float, float, float], work: Work
) -> tuple[float, float]:
    """The 95 % and the whole Hausdorff distance of two surfaces that are not empty, in millimetres.

    ``voxel_mm`` is slice distance, row spacing and column spacing. Raises TooMuchWork.
    """
    directions = [
        distances(a, b, columns=columns, voxel_mm=voxel_mm, work=work) for a, b in ((one, other), (other, one))
    ]
    return max(float(np.percentile(each, 95)) for each in directions), max(float(each.max()) for each in directions)


def distances(
    points: Surface, targets: Surface, *, columns: int, voxel_mm: tuple[float, float, float], work: Work
) -> np.ndarray:
    """From each point the distance to the nearest target, in millimetres, in no order. Raises TooMuchWork.

    Points that are targets have none. For the others the squared distance is the least, over the slices of the targets, of the
    squared distance to the slice and that within it: an exact distance map of one slice at a time, drawn only where that slice can be
    nearer than what was found before.
    """
    apart = {plane: np.setdiff1d(flat, targets.get(plane, _NONE), assume_unique=True) for plane, flat in points.items()}
    apart = {plane: flat for plane, flat in apart.items() if len(flat)}
    found = np.zeros(sum(map(len, points.values())))
    if not apart:
        return found
    depth, row_spacing, column_spacing = voxel_mm
    plane = np.repeat(np.fromiter(apart, np.int32), [len(flat) for flat in apart.values()])
    row, column = np.divmod(np.concatenate(list(apart.values())), columns)
    box = _box(row, column, targets, columns)
    row, column = row - box[0].start, column - box[1].start
    best = np.full(len(row), np.inf)

    def look(at: int, which: np.ndarray, beyond: np.ndarray | float) -> None:
        work.spend((box[0].stop - box[0].start) * (box[1].stop - box[1].start))
        within = _map(targets[at], box, columns, (row_spacing, column_spacing))[row[which], column[which]]
        best[which] = np.minimum(best[which], within * within + beyond)

    own = np.fromiter(apart, np.int32)
    for at in own[np.isin(own, list(targets))].tolist():
        look(at, np.flatnonzero(plane == at), 0.0)
    for at in sorted(targets, key=lambda target: int(np.abs(own - target).min())):
        work.spend(len(plane) // 8)
        beyond = np.square((plane - at) * depth)
        nearer = np.flatnonzero((beyond < best) & (plane != at))
        if len(nearer):
            look(at, nearer, beyond[nearer])
    found[: len(best)] = np.sqrt(best)
    return found


def _box(row: np.ndarray, column: np.ndarray, targets: Surface, columns: int) -> tuple[slice, slice]:
    """The rows and columns that hold every point and every target."""
    low = [int(row.min()), int(column.min())]
    high = [int(row.max()), int(column.max())]
    for flat in targets.values():
        for axis, values in enumerate(np.divmod(flat, columns)):
            low[axis], high[axis] = min(low[axis], int(values.min())), max(high[axis], int(values.max()))
    return slice(low[0], high[0] + 1), slice(low[1], high[1] + 1)


def _map(flat: np.ndarray, box: tuple[slice, slice], columns: int, spacing: tuple[float, float]) -> np.ndarray:
    """For every pixel of the box the distance to the nearest of the pixels, in millimetres."""
    from scipy.ndimage import distance_transform_edt  # only the process that measures pays for it

    outside = np.ones((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    row, column = np.divmod(flat, columns)
    outside[row - box[0].start, column - box[1].start] = False
    return distance_transform_edt(outside, sampling=spacing)
