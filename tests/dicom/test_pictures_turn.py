"""A turned picture and the points on it stay together."""

import numpy as np
import pytest

from overlays.dicom.pictures_turn import Turn

TURNS = [Turn(degrees, flip) for degrees in (0, 90, 180, 270) for flip in (False, True)]


@pytest.mark.parametrize("turn", TURNS)
def test_a_point_lies_on_the_same_pixel_before_and_after(turn):
    picture = np.zeros((3, 5), np.uint8)
    picture[1, 4] = 9
    made = turn.picture(picture)
    (x, y) = turn.points(np.array([[4.5, 1.5]]), 3, 5)[0]
    assert made[int(y), int(x)] == 9


@pytest.mark.parametrize("turn", TURNS)
def test_the_size_is_that_of_the_turned_picture(turn):
    assert turn.size(3, 5) == turn.picture(np.zeros((3, 5, 3))).shape[:2]


def test_a_quarter_turn_is_clockwise():
    assert Turn(90).picture(np.array([[1, 2], [3, 4]])).tolist() == [[3, 1], [4, 2]]


def test_the_flip_comes_after_the_turn():
    assert Turn(90, True).picture(np.array([[1, 2], [3, 4]])).tolist() == [[1, 3], [2, 4]]
