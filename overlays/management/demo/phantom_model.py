"""Makes masks as an imperfect model would draw them: displaced edges, a part missed, something found that is not there."""

import numpy as np

from overlays.management.demo.phantom_canvas import Box, blur, smooth_noise


def predicted(
    mask: np.ndarray, seed: int, *, wobble: float = 0.25, missed: float = 0.0, invented: float = 0.0
) -> np.ndarray:
    """The mask after an imaginary model, boolean and of the same shape.

    ``wobble`` displaces the surface by about that many times five voxels; ``missed`` is the share of the slices, from the lower end,
    in which nothing is found; ``invented`` is the radius, in voxels, of a ball found beside the structure, 0 for none.
    """
    rng = np.random.default_rng(seed)
    found = np.zeros_like(mask)
    if not mask.any():
        return found
    box = _around(mask)
    soft = blur(mask[box].astype(np.float32), (0.8, 2.5, 2.5))
    found[box] = (soft + wobble * _noise(rng, soft.shape) > 0.5) & (soft > 0.02)
    used = np.flatnonzero(mask.any(axis=(1, 2)))
    if missed:
        found[used[-1] + 1 - round(missed * used.size) :] = False
    if invented:
        found |= _ball(mask, rng, invented)
    return found


def probabilities(mask: np.ndarray, seed: int) -> np.ndarray:
    """A soft version of the mask, ``float32`` from 0 to 1, zero far from it."""
    found = np.zeros(mask.shape, np.float32)
    if not mask.any():
        return found
    box = _around(mask)
    soft = blur(mask[box].astype(np.float32), (0.5, 2.0, 2.0))
    noise = _noise(np.random.default_rng(seed), soft.shape)
    found[box] = np.where(soft > 0.04, np.clip(soft + 0.08 * noise, 0, 1), 0)
    return found


def _around(mask: np.ndarray) -> Box:
    """The part of the volume that the mask and its neighbourhood take up."""
    where = np.argwhere(mask)
    low, high = where.min(axis=0), where.max(axis=0) + 1
    return tuple(
        slice(max(0, first - margin), last + margin) for first, last, margin in zip(low, high, (3, 10, 10), strict=True)
    )


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of about unit variance that varies over some eighteen voxels in a slice, and six slices."""
    return smooth_noise(
        rng, shape, tuple(max(2, size // scale) for size, scale in zip(shape, (6, 18, 18), strict=True))
    )


def _ball(mask: np.ndarray, rng: np.random.Generator, radius: float) -> np.ndarray:
    where = np.argwhere(mask)
    centre = where[rng.integers(len(where))] + rng.normal(0, 1, 3) * (1, radius, radius)
    distance = [
        ((np.arange(size) - at) / scale) ** 2
        for size, at, scale in zip(mask.shape, centre, (radius / 2.5, radius, radius), strict=True)
    ]
    return distance[0][:, None, None] + distance[1][None, :, None] + distance[2][None, None, :] < 1
