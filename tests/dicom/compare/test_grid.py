"""Frames are laid on each other by where they lie, and two grids that differ are refused."""

from dataclasses import replace

import pytest

from overlays.dicom.compare.figures import DifferentGeometry, Missing, NotComparable
from overlays.dicom.compare.grid import Geometry, common_planes

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def stack(*depths: float, **changes: object) -> Geometry:
    """Axial frames at these heights, slices 2.5 mm apart unless told otherwise."""
    plain = Geometry(
        rows=64,
        columns=64,
        frame_of_reference_uid="1.2.3",
        orientation=AXIAL,
        spacing=(0.75, 0.75),
        between=2.5,
        positions=tuple((-32.0, -32.0, depth) for depth in depths),
    )
    return replace(plain, **changes)


def test_slices_are_numbered_by_position_whatever_the_order_of_frames():
    planes = common_planes(stack(0, 2.5, 5), stack(5, 0, 2.5))
    assert (planes.before, planes.after, planes.voxel_mm) == ((0, 1, 2), (2, 0, 1), (2.5, 0.75, 0.75))


def test_slices_without_a_frame_are_counted():
    planes = common_planes(stack(0, 10), stack(-2.5, 12.5))
    assert (planes.before, planes.after) == ((1, 5), (0, 6))


def test_frames_of_several_segments_share_their_slice():
    assert common_planes(stack(0, 2.5, 0, 2.5), stack(0)).before == (0, 1, 0, 1)


def test_the_distance_of_slices_is_found_where_it_is_not_stated():
    assert common_planes(stack(0, 2.5, between=None), stack(2.5, 5, between=None)).voxel_mm == (2.5, 0.75, 0.75)


def test_the_positions_count_for_more_than_a_rounded_statement():
    depths = [3 * number for number in range(20)]
    assert common_planes(stack(*depths, between=2.99), stack(*depths, between=2.99)).voxel_mm[0] == 3


def test_noise_of_single_precision_is_no_difference():
    other = stack(2.50002, 5.00001, positions=((-32.00001, -31.99998, 2.50002), (-32.0, -32.00002, 5.00001)))
    assert common_planes(stack(0, 2.5, 5), other).after == (1, 2)


def test_one_slice_without_a_statement_has_no_volume():
    planes = common_planes(stack(0, between=None), stack(0, between=None))
    assert (planes.before, planes.after, planes.missing) == ((0,), (0,), Missing.NO_SLICE_DISTANCE)


def test_uneven_slices_are_compared_without_volume():
    planes = common_planes(stack(0, 2.5, 6, between=None), stack(0, 6, between=None))
    assert (planes.before, planes.after, planes.missing) == ((0, 1, 2), (0, 2), Missing.UNEVEN_SLICES)


def test_slices_that_lean_are_compared_without_volume():
    leaning = stack(0, 2.5, positions=((0.0, 0.0, 0.0), (0.0, 1.0, 2.5)))
    assert common_planes(leaning, leaning).missing is Missing.UNEVEN_SLICES


def test_oblique_frames_are_ordered_along_their_normal():
    turned = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    positions = tuple((float(side), 0.0, 0.0) for side in (0, -2.5, -5))
    oblique = stack(0, orientation=turned, positions=positions)
    assert common_planes(oblique, oblique).before == (0, 1, 2)


def test_frames_without_a_place_are_laid_on_each_other_by_their_source():
    placeless = stack(0, orientation=None, spacing=None, positions=None, between=None)
    planes = common_planes(replace(placeless, sources=("1.5", "1.6")), replace(placeless, sources=("1.6",)))
    assert (planes.before, planes.after, planes.missing) == ((0, 1), (1,), Missing.NO_GEOMETRY)


def test_frames_without_a_place_and_without_one_source_are_refused():
    placeless = stack(0, orientation=None, spacing=None, positions=None)
    with pytest.raises(NotComparable, match="no source image each"):
        common_planes(placeless, placeless)


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("rows and columns", stack(0, 2.5, rows=65)),
        ("frames of reference", stack(0, 2.5, frame_of_reference_uid="1.2.4")),
        ("orientation", stack(0, 2.5, orientation=(1.0, 0.0, 0.0, 0.0, -1.0, 0.0))),
        ("pixel spacing", stack(0, 2.5, spacing=(0.75, 0.7501))),
        ("position", stack(0, 2.5, positions=((-31.9, -32.0, 0.0), (-31.9, -32.0, 2.5)))),
        ("distance of slices", stack(0, 5, between=5.0)),
        ("positions of slices", stack(1.25, 3.75)),
        ("positions of slices", stack(1, 2.2, 4.9, between=None)),
        ("place in space", stack(0, orientation=None, spacing=None, positions=None)),
    ],
)
def test_another_geometry_is_refused_by_what_differs(what, other):
    with pytest.raises(DifferentGeometry, match=what):
        common_planes(stack(0, 2.5), other)


def test_the_refusal_names_both_geometries():
    with pytest.raises(DifferentGeometry) as refused:
        common_planes(stack(0, 2.5), stack(0, 2.5, spacing=(0.5, 0.5)))
    assert "0.75 by 0.75 mm" in refused.value.sentence
    assert "0.5 by 0.5 mm" in refused.value.sentence
