"""Shapes cover what they enclose, lines are clipped to the page, and a tangle is left out."""

import numpy as np
import pytest

from overlays.dicom.instance import Grid
from overlays.dicom.pictures_shapes import (
    MOST_INK,
    Shape,
    ShapeMarks,
    are_sound,
    canvas_of,
    circle,
    ellipse,
    on_page,
    within_ink,
)


def square(left: float, top: float, side: float, **more: object) -> Shape:
    corners = np.array([(left, top), (left + side, top), (left + side, top + side), (left, top + side)], float)
    return Shape(corners, closed=True, **more)


def marks(*shapes: Shape, **more: object) -> ShapeMarks:
    return ShapeMarks(rows=200, columns=300, scale=2.0, shapes={1: shapes}, **more)


def test_a_filled_shape_covers_its_area():
    covered = marks(square(20, 30, 40, filled=True)).covered("fill")[1] > 0
    assert covered[61:139, 41:119].all()
    assert not covered[:58].any()
    assert not covered[:, 124:].any()


def test_outlined_it_covers_its_edge_alone():
    covered = marks(square(20, 30, 40, filled=True)).covered("outline")[1] > 0
    assert covered[60, 60]
    assert not covered[100, 80]


def test_a_contour_in_a_contour_is_a_hole_where_regions_are_exclusive():
    shapes = square(10, 10, 60, filled=True), square(30, 30, 20, filled=True)
    assert marks(*shapes, exclusive=True).covered("fill")[1][80, 80] == 0
    assert marks(*shapes).covered("fill")[1][80, 80] == 255


def test_holes_are_holes_among_very_many_contours():
    shapes = [square(1 + 2.5 * number, 90, 1.5, filled=True) for number in range(50)] * 2
    shapes += [square(1 + 2.5 * number, 95, 1.5, filled=True) for number in range(1, 51)] * 4
    shapes += [square(10, 10, 60, filled=True), square(30, 30, 20, filled=True)]
    covered = marks(*shapes, exclusive=True).covered("fill")[1]
    assert covered[80, 40] == 255
    assert covered[80, 80] == 0


def test_contours_of_two_planes_in_one_slab_are_no_holes_of_each_other():
    shapes = square(10, 10, 60, filled=True), square(30, 30, 20, filled=True, level=1)
    assert marks(*shapes, exclusive=True).covered("fill")[1][80, 80] == 255


def test_a_hole_that_lies_beside_its_region_by_a_rounding_is_one():
    shapes = square(10, 10, 60, filled=True, level=0.0499), square(30, 30, 20, filled=True, level=0.0501)
    assert marks(*shapes, exclusive=True).covered("fill")[1][80, 80] == 0


def test_exclusive_shapes_cover_the_pixels_whose_middles_they_enclose():
    triangle = Shape(np.array([(10.0, 10.0), (110.0, 10.0), (10.0, 90.0)]), closed=True, filled=True)
    covered = marks(triangle, square(400, 10, 5, filled=True), exclusive=True).covered("fill")[1] > 0
    row, column = np.mgrid[:200, :300]
    x, y = (column + 0.5) / 2, (row + 0.5) / 2
    assert (covered == ((x > 10) & (y > 10) & ((x - 10) / 100 + (y - 10) / 80 < 1))).all()


def test_exclusive_shapes_that_reach_beyond_the_page_cover_what_is_on_it():
    covered = marks(square(-50, -50, 1e6, filled=True), square(20, 20, 10, filled=True), exclusive=True).covered(
        "fill"
    )[1]
    assert covered[0, 0] == covered[199, 299] == 255
    assert covered[50, 50] == 0


def test_a_tiny_contour_among_others_is_seen():
    shapes = square(10, 10, 60, filled=True), square(120.3, 50.3, 0.1, filled=True)
    assert marks(*shapes, exclusive=True).covered("fill")[1][95:105, 235:245].any()


def test_a_point_is_a_cross():
    covered = marks(Shape(np.array([(50.0, 50.0)]))).covered("fill")[1] > 0
    assert covered[100, 92:108].all()
    assert covered[92:108, 100].all()
    assert not covered[93, 93]


def test_text_is_written_where_it_stands():
    covered = marks(Shape(np.array([(20.0, 20.0)]), text="here\x07", text_height=8)).covered("outline")[1] > 0
    assert covered[40:80, 40:160].any()
    assert not covered[:38].any()


def test_a_line_through_the_page_is_drawn_as_far_as_it_goes():
    covered = marks(Shape(np.array([(-1e8, 50.0), (1e8, 50.0)]))).covered("fill")[1] > 0
    assert covered[99].all()
    assert not covered[:90].any()


@pytest.mark.parametrize("way", ["fill", "outline"])
def test_what_lies_wholly_outside_draws_nothing(way):
    assert not marks(square(1e6, 1e6, 50, filled=True)).covered(way)[1].any()


def test_one_number_alone_is_drawn_when_one_is_asked_for():
    both = ShapeMarks(rows=10, columns=10, scale=1, shapes={1: [square(1, 1, 3)], 2: [square(5, 5, 3)]})
    assert list(both.covered("fill", only=2)) == [2]
    assert (both.numbers, both.amount) == ((1, 2), 2)


def test_a_tangle_is_left_out_and_counted():
    tangle = Shape(np.random.default_rng(1).uniform(0, 1000, (20_000, 2)))
    kept, dropped = within_ink({1: [square(1, 1, 5), tangle]}, 1.0)
    assert (len(kept[1]), dropped) == (1, 1)
    assert MOST_INK > 0


def test_the_canvas_keeps_the_proportions():
    assert canvas_of(50, 100)[:2] == (512, 1024)
    assert canvas_of(1e300, 1e-300)[:2] == (1024, 1)


def test_a_circle_and_an_ellipse_go_through_their_points():
    corners = circle(np.array((10.0, 10.0)), np.array((13.0, 14.0)))
    assert np.allclose(np.hypot(*(corners - 10).T), 5)
    axes = np.array([(0.0, 5.0), (10.0, 5.0), (5.0, 3.0), (5.0, 7.0)])
    assert np.allclose(ellipse(axes).max(axis=0), (10, 7))


def test_the_centre_of_the_first_pixel_lies_half_a_pixel_inside_the_page():
    grid = Grid(rows=4, columns=4, pixel_spacing=(2.0, 1.0), orientation=(1, 0, 0, 0, 1, 0), position=(10, 20, 5))
    pixels, off = on_page(np.array([(10.0, 20.0, 5.0), (12.0, 24.0, 8.0)]), grid)
    assert pixels.tolist() == [[0.5, 0.5], [2.5, 2.5]]
    assert off.tolist() == [0.0, 3.0]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e12])
def test_coordinates_that_cannot_be_reckoned_with_are_told(number):
    assert not are_sound(np.array([(0.0, number)]))
