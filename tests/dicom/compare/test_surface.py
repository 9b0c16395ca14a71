"""Distances of surfaces agree with analysis and with brute force."""

import numpy as np
import pytest

from overlays.dicom.compare.surface import SurfaceBuilder, TooMuchWork, Work, hausdorff

pytestmark = pytest.mark.slow

VOXEL = (2.5, 0.75, 0.5)
SHAPE = (12, 24, 30)


def surface_of(mask: np.ndarray):
    builder = SurfaceBuilder(mask.shape[2])
    for plane in np.flatnonzero(mask.any(axis=(1, 2))).tolist():
        builder.add(plane, mask[plane])
    return builder.finish()


def measured(one: np.ndarray, other: np.ndarray, voxel=VOXEL, most: int = 10**9) -> tuple[float, float]:
    return hausdorff(surface_of(one), surface_of(other), columns=one.shape[2], voxel_mm=voxel, work=Work(most))


def box(*sides: tuple[int, int], shape=SHAPE) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[tuple(slice(*side) for side in sides)] = True
    return mask


def outer_voxels(mask: np.ndarray) -> np.ndarray:
    """The surface by its definition, one voxel after another."""
    padded = np.pad(mask, 1)
    steps = [(axis, step) for axis in range(3) for step in (-1, 1)]
    inside = [
        voxel
        for voxel in np.argwhere(mask)
        if all(padded[tuple(voxel + 1 + np.eye(3, dtype=int)[a] * s)] for a, s in steps)
    ]
    surface = mask.copy()
    surface[tuple(np.asarray(inside).T)] = False if inside else surface[tuple(np.asarray(inside).T)]
    return np.argwhere(surface)


def brute_force(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    first, second = (outer_voxels(mask) * VOXEL for mask in (one, other))
    apart = np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=2))
    there, back = apart.min(axis=1), apart.min(axis=0)
    return max(np.percentile(there, 95), np.percentile(back, 95)), max(there.max(), back.max())


def test_a_box_moved_along_a_row_is_as_far_off_as_it_was_moved():
    assert measured(box((3, 9), (5, 15), (5, 15)), box((3, 9), (5, 15), (9, 19))) == (2.0, 2.0)


def test_a_box_moved_by_slices_is_as_far_off_as_it_was_moved():
    assert measured(box((2, 6), (5, 15), (5, 15)), box((5, 9), (5, 15), (5, 15)))[1] == 7.5


def test_one_voxel_far_off_counts_for_the_largest_distance_alone():
    mask = box((3, 9), (5, 15), (5, 15))
    stray = mask.copy()
    stray[0, 0, 0] = True
    ranked, largest = measured(mask, stray)
    assert (ranked, largest) == (0.0, pytest.approx(np.sqrt((3 * 2.5) ** 2 + (5 * 0.75) ** 2 + (5 * 0.5) ** 2)))


def test_balls_about_one_centre_are_apart_by_the_difference_of_their_radii():
    axes = np.meshgrid(*[np.arange(-40, 41) for _ in range(3)], indexing="ij")
    far = np.sqrt(sum(axis**2 for axis in axes))
    ranked, largest = measured(far <= 20, far <= 32, voxel=(1.0, 1.0, 1.0))
    assert 12 - 1 <= ranked <= largest <= 12 + np.sqrt(3)


def test_a_hole_inside_has_a_surface():
    mask = box((2, 10), (4, 20), (4, 20))
    hollow = mask.copy()
    hollow[6, 12, 12] = False
    assert measured(mask, hollow) == brute_force(mask, hollow)


def test_voxels_at_the_edge_of_the_grid_are_surface():
    whole, part = np.ones(SHAPE, bool), box((0, 12), (0, 24), (0, 29))
    assert measured(whole, part) == brute_force(whole, part)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("density", [0.01, 0.5, 0.95])
def test_random_masks_have_the_distances_of_brute_force(seed, density):
    chance = np.random.default_rng(seed)
    one, other = (chance.random((5, 9, 11)) < density for _ in range(2))
    one[0, 0, 0] = other[4, 8, 10] = True
    assert measured(one, other) == pytest.approx(brute_force(one, other))


def test_what_would_take_too_long_is_refused_and_never_estimated():
    with pytest.raises(TooMuchWork):
        measured(box((3, 9), (5, 15), (5, 15)), box((3, 9), (5, 15), (9, 19)), most=100)
