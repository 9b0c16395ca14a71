"""Paints smooth three-dimensional shapes into a volume, for the synthetic CT."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Point = tuple[float, float, float]
"""Patient coordinates in millimetres: x to the left, y to the back, z to the head (PS3.3 C.7.6.2.1.1)."""

Box = tuple[slice, slice, slice]
"""A part of the volume: slices, rows, columns."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """The grid of an axial series whose first slice is the topmost; lengths in millimetres."""

    slices: int
    rows: int
    columns: int
    pixel_spacing: float
    slice_spacing: float
    top: float
    """z of the first slice."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns: the shape of every array on this grid."""
        return self.slices, self.rows, self.columns

    def position(self, index: int) -> Point:
        """Image Position (Patient) of a slice: the centre of its first pixel."""
        return (
            -self.pixel_spacing * (self.columns - 1) / 2,
            -self.pixel_spacing * (self.rows - 1) / 2,
            self.top - index * self.slice_spacing,
        )


def blur(volume: np.ndarray, sigmas: Sequence[float]) -> np.ndarray:
    """Gaussian smoothing with periodic edges; standard deviations in samples, one an axis, 0 for none."""
    axes = [axis for axis, sigma in enumerate(sigmas) if sigma]
    spectrum = np.fft.fftn(volume, axes=axes)
    for axis in axes:
        frequencies = np.fft.fftfreq(volume.shape[axis]).astype(np.float32)
        response = np.exp(-2 * (np.pi * sigmas[axis] * frequencies) ** 2)
        spectrum *= response.reshape([-1 if other == axis else 1 for other in range(volume.ndim)])
    return np.fft.ifftn(spectrum, axes=axes).real.astype(np.float32)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int, int], cells: tuple[int, int, int]) -> np.ndarray:
    """Noise of about unit variance that varies over ``cells`` cells along each axis, by linear interpolation."""
    field = rng.standard_normal(cells, dtype=np.float32)
    for axis, size in enumerate(shape):
        at = np.linspace(0, cells[axis] - 1, size, dtype=np.float32)
        low = np.minimum(at.astype(int), cells[axis] - 2)
        part = (at - low).reshape([-1 if other == axis else 1 for other in range(3)])
        part = part * part * (3 - 2 * part)
        field = np.take(field, low, axis) * (1 - part) + np.take(field, low + 1, axis) * part
    return field


class Canvas:
    """Warped coordinates of every voxel: shapes drawn with them come out irregular, as organs are."""

    def __init__(self, geometry: Geometry, rng: np.random.Generator, *, warp: float) -> None:
        self.geometry = geometry
        x0, y0, z0 = geometry.position(0)
        step = geometry.pixel_spacing
        shape = geometry.shape
        self._margin = 2.5 * warp
        self.position_axes = (
            x0 + step * np.arange(geometry.columns, dtype=np.float32),
            y0 + step * np.arange(geometry.rows, dtype=np.float32),
            z0 - geometry.slice_spacing * np.arange(geometry.slices, dtype=np.float32),
        )
        x, y, z = self.position_axes
        self.x = x[None, None, :] + warp * smooth_noise(rng, shape, (6, 8, 8))
        self.y = y[None, :, None] + warp * smooth_noise(rng, shape, (6, 8, 8))
        self.z = z[:, None, None] + warp * smooth_noise(rng, shape, (6, 8, 8))

    def box(self, low: Point, high: Point) -> Box:
        """The part of the grid that a shape between two corners can touch, in array order."""
        x, y, z = self.position_axes
        margin = self._margin
        columns = np.searchsorted(x, (low[0] - margin, high[0] + margin))
        rows = np.searchsorted(y, (low[1] - margin, high[1] + margin))
        slices = np.searchsorted(-z, (-high[2] - margin, -low[2] + margin))
        return slice(*slices), slice(*rows), slice(*columns)

    def ellipsoid(self, centre: Point, radii: Point, *, turn: float = 0.0, power: float = 2.0) -> np.ndarray:
        """Voxels inside an ellipsoid turned about z by ``turn`` radians; a higher power squares it."""
        inside = np.zeros(self.geometry.shape, bool)
        box, depth = self.ellipsoid_depth(centre, radii, turn=turn, power=power)
        inside[box] = depth < 1
        return inside

    def ellipsoid_depth(
        self, centre: Point, radii: Point, *, turn: float = 0.0, power: float = 2.0
    ) -> tuple[Box, np.ndarray]:
        """The box that the ellipsoid touches, and there 0 at its centre, 1 on its surface."""
        reach = max(radii[0], radii[1]) if turn else 0.0
        half = (max(radii[0], reach), max(radii[1], reach), radii[2])
        box = self.box(
            tuple(c - r for c, r in zip(centre, half, strict=True)),
            tuple(c + r for c, r in zip(centre, half, strict=True)),
        )
        dx, dy, dz = self.x[box] - centre[0], self.y[box] - centre[1], self.z[box] - centre[2]
        if turn:
            dx, dy = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        depth = sum(np.abs(d / r) ** power for d, r in zip((dx, dy, dz), radii, strict=True))
        return box, depth

    def tube(self, points: Sequence[Point], radii: Sequence[float], *, flat: float = 1.0) -> np.ndarray:
        """Voxels within a changing radius of a line through points; ``flat`` below 1 flattens it from front to back."""
        inside = np.zeros(self.geometry.shape, bool)
        for box, near in self.tube_pieces(points, radii, flat=flat):
            inside[box] |= near
        return inside

    def tube_pieces(
        self, points: Sequence[Point], radii: Sequence[float], *, flat: float = 1.0
    ) -> Iterator[tuple[Box, np.ndarray]]:
        """The same, piece by piece: each with the box that it touches."""
        for (start, first), (end, last) in pairwise(zip(points, radii, strict=True)):
            wide = max(first, last)
            box = self.box(
                tuple(min(a, b) - wide for a, b in zip(start, end, strict=True)),
                tuple(max(a, b) + wide for a, b in zip(start, end, strict=True)),
            )
            offset = [axis[box] - a for axis, a in zip((self.x, self.y, self.z), start, strict=True)]
            line = np.subtract(end, start).astype(np.float32)
            along = np.clip(sum(o * c for o, c in zip(offset, line, strict=True)) / float(line @ line), 0, 1)
            across = [o - along * c for o, c in zip(offset, line, strict=True)]
            distance = across[0] ** 2 + (across[1] / flat) ** 2 + across[2] ** 2
            yield box, distance < (first + (last - first) * along) ** 2
