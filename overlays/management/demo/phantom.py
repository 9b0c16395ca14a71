"""Computes a synthetic CT of the upper abdomen, in the portal venous phase, with the true outlines of its organs.

Everything follows from one seed.
"""

from dataclasses import dataclass

import numpy as np

from overlays.management.demo.phantom_canvas import Canvas, Geometry, blur
from overlays.management.demo.phantom_organs import Abdomen
from overlays.management.demo.phantom_trunk import Structure

GEOMETRY = Geometry(slices=64, rows=256, columns=256, pixel_spacing=1.5, slice_spacing=4.0, top=128.0)


@dataclass(frozen=True)
class Phantom:
    """A volume in Hounsfield units, ``int16`` of shape (slices, rows, columns), the topmost slice first, and a mask for each structure."""

    geometry: Geometry
    hounsfield: np.ndarray
    masks: dict[Structure, np.ndarray]


def abdomen(seed: int, geometry: Geometry = GEOMETRY) -> Phantom:
    """The phantom of that seed; the same seed gives the same numbers."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(geometry, rng, warp=2.6)
    scene = Abdomen(canvas, rng)
    scene.wall()
    scene.bowel()
    scene.organs()
    scene.great_vessels()
    scene.spine()
    scene.lungs_and_heart()
    scene.ribs()
    return Phantom(geometry, _acquire(scene, rng), scene.masks)


def _acquire(scene: Abdomen, rng: np.random.Generator) -> np.ndarray:
    """What a scanner would make of the scene: texture, blur, couch, and noise that grows towards the middle."""
    geometry = scene.canvas.geometry
    in_plane = 1.1 / geometry.pixel_spacing
    tissue = scene.volume + scene.texture
    _couch(tissue, geometry)
    # The blur is periodic: without the margin the top slice would shine through the lowest one.
    padded = np.pad(tissue, ((3, 3), (0, 0), (0, 0)), mode="edge")
    volume = blur(padded, (1.4 / geometry.slice_spacing, in_plane, in_plane))[3:-3]
    grain = blur(rng.standard_normal(geometry.shape, dtype=np.float32), (0, in_plane, in_plane))
    grain /= grain.std()
    x, y, _ = scene.plain
    volume += grain * (5 + 6 * np.exp(-((x / 110) ** 2) - (y / 80) ** 2))
    return np.clip(np.rint(volume), -1024, 3071).astype(np.int16)


def _couch(volume: np.ndarray, geometry: Geometry) -> None:
    x0, y0, _ = geometry.position(0)
    x = x0 + geometry.pixel_spacing * np.arange(geometry.columns)[None, :]
    y = y0 + geometry.pixel_spacing * np.arange(geometry.rows)[:, None]
    surface = 133 - 34 * (x / 190) ** 2
    shell = (np.abs(y - surface) < 2.0) | (np.abs(y - surface - 30) < 2.0)
    core = (y > surface) & (y < surface + 30)
    volume[:, core] = np.maximum(volume[:, core], -965)
    volume[:, shell] = np.maximum(volume[:, shell], -20)
