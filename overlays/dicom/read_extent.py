"""Reads the box in space through the outermost pixels of all frames."""

from collections.abc import Sequence
from itertools import product
from math import isfinite

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups, Groups, Numbers
from overlays.dicom.instance import Grid, Point
from overlays.dicom.read_pixels import read_grid

FARTHEST = 1e9
"""Millimetres beyond which a position is none that could be reckoned with."""
MAX_SIDE = 1 << 20
"""Rows or columns of a grid that could be reckoned with."""


def read_extent(root: DataSet, groups: FunctionalGroups) -> tuple[Point, ...]:
    """The corners, eight or fewer that differ; none where a frame has no place, or one of another orientation or spacing."""
    grid, frames = read_grid(root, groups), groups.per_frame
    if grid is None or len({(groups.orientation(frame), _spacing(groups, frame)) for frame in frames}) > 1:
        return ()
    positions = [groups.position(frame) for frame in frames] or [grid.position]
    return corners(grid, [position for position in positions if position]) if all(map(is_point, positions)) else ()


def corners(grid: Grid, positions: Sequence[Numbers]) -> tuple[Point, ...]:
    """The box of planes of one grid at these positions of their first pixels; none for a grid without spacing or orientation."""
    axes = axes_of(grid)
    if axes is None or grid.pixel_spacing is None or not 0 < min(grid.rows, grid.columns) <= MAX_SIDE:
        return ()
    low, high = bounds(axes, positions)
    down, right = grid.pixel_spacing
    high = high + np.array((right * (grid.columns - 1), down * (grid.rows - 1), 0.0))
    if not (np.abs((low, high)) <= FARTHEST).all():
        return ()
    found = {tuple((np.array(corner) @ axes).tolist()) for corner in product(*zip(low, high, strict=True))}
    return tuple(sorted(found))


def axes_of(grid: Grid) -> np.ndarray | None:
    """Unit vectors along a row, down a column, and along the normal, of shape (3, 3); None where the orientation gives none."""
    if grid.orientation is None or not all(abs(cosine) <= 2 for cosine in grid.orientation):
        return None
    row, column = np.array(grid.orientation, float).reshape(2, 3)
    axes = np.array((row, column, np.cross(row, column)))
    lengths = np.linalg.norm(axes, axis=1)
    return axes / lengths[:, None] if (lengths > 0.5).all() else None


def bounds(axes: np.ndarray, points: Sequence[Numbers]) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest coordinates of points along axes, each of shape (3,)."""
    along = np.array(points, float) @ axes.T
    return along.min(axis=0), along.max(axis=0)


def _spacing(groups: FunctionalGroups, frame: Groups) -> Numbers | None:
    measures = groups.measures(frame)
    return measures.spacing if measures else None


def is_point(position: Numbers | None) -> bool:
    """Whether a position is one that could be reckoned with."""
    return position is not None and len(position) == 3 and all(isfinite(n) and abs(n) <= FARTHEST for n in position)
