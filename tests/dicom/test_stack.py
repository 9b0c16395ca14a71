"""Tests how frames are said to stand in space."""

from dataclasses import dataclass

import pytest

from overlays.dicom.functional_groups import Groups
from overlays.dicom.stack import Stack, stack_of

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass
class Frames:
    """As much of functional groups as is asked."""

    per_frame: list[Groups]

    def position(self, frame: Groups) -> tuple[float, ...] | None:
        return frame.position

    def orientation(self, frame: Groups) -> tuple[float, ...] | None:
        return frame.orientation


def stack(*positions: tuple[float, ...] | None, orientation: tuple[float, ...] | None = AXIAL) -> Stack | None:
    return stack_of(Frames([Groups(row=0, position=position, orientation=orientation) for position in positions]))


def heights(*values: float) -> Stack | None:
    return stack(*((0.0, 0.0, value) for value in values))


def test_even_slices_are_counted() -> None:
    found = heights(0, 2.5, 5, 7.5)
    assert (found.distances, found.spacing, found.planes, found.astray) == (4, 2.5, 4, None)


def test_slices_that_were_left_out_count_as_planes() -> None:
    assert heights(0, 2.5, 10).planes == 5


def test_frames_of_several_segments_at_one_place_count_once() -> None:
    assert heights(0, 0, 2, 2, 4, 4).distances == 3


def test_the_order_of_frames_does_not_matter() -> None:
    assert heights(5, 0, 2.5).planes == 3


def test_uneven_slices_have_no_planes() -> None:
    assert heights(0, 2, 5).planes is None


def test_digits_that_were_cut_off_make_no_uneven_stack() -> None:
    assert heights(*(round(index / 3, 3) for index in range(300))).planes == 300


def test_a_frame_beside_the_stack_is_named() -> None:
    found = stack((0, 0, 0), (0, 0, 2), (3, 0, 4), (1, 0, 6))
    assert (found.astray, found.aside) == (2, 3.0)


def test_a_tilted_stack_is_straight() -> None:
    tilted = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    found = stack((0, 0, 0), (-1, 0, 0), (-2, 0, 0), orientation=tilted)
    assert (found.planes, found.astray) == (3, None)


@pytest.mark.parametrize(
    "positions",
    [
        ((0, 0, 0),),
        ((0, 0, 0), (0, 0, 0)),
        ((0, 0, 0), None),
        ((0, 0, 0), (0, 1)),
        ((0, 0, 0), (0, 0, float("nan"))),
        ((0, 0, 0), (0, 0, float("inf"))),
        ((0, 0, 0), (0, 0, 1e300)),
        (),
    ],
)
def test_there_is_no_stack_without_two_places_that_can_be_reckoned_with(positions) -> None:
    assert stack(*positions) is None


@pytest.mark.parametrize(
    "orientation", [None, (), (1.0, 0.0), (0.0,) * 6, (float("nan"),) * 6, (1e300,) * 6, (2.0, 0, 0, 0, 1.0, 0)]
)
def test_there_is_no_stack_without_an_orientation(orientation) -> None:
    assert stack((0, 0, 0), (0, 0, 1), orientation=orientation) is None


def test_there_is_no_stack_of_two_orientations() -> None:
    frames = [
        Groups(row=0, position=(0, 0, z), orientation=axes) for z, axes in ((0, AXIAL), (1, (0, 1.0, 0, 0, 0, 1.0)))
    ]
    assert stack_of(Frames(frames)) is None
