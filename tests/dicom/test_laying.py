"""Frames lie on the images of their own plane, and on no others: whatever they name, and whichever images are missing."""

import pytest

from overlays.dicom.instance import Grid
from overlays.dicom.laying import Laid, SourcePlane, laid
from overlays.dicom.placement import FramePlace

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def plane(uid: str, z: float | None, thickness: float | None = None) -> SourcePlane:
    position = None if z is None else (0.0, 0.0, z)
    return SourcePlane(uid, Grid(rows=16, columns=16, orientation=AXIAL, position=position), thickness)


def place(number: int, z: float | None = None, *uids: str, thickness: float | None = None, turned=None) -> FramePlace:
    return FramePlace(number, (1,), uids, None if z is None else (0.0, 0.0, z), turned, thickness)


def numbers(found: Laid) -> list[list[int]]:
    """Of the frames, by image along the normal."""
    return [[frame.number for frame in each.frames] for each in found.slices]


def test_slices_are_ordered_along_the_normal():
    ordered = laid([plane("b", 3), plane("c", 6), plane("a", 0)], []).slices

    assert [(s.sop_instance_uid, s.distance) for s in ordered] == [("a", 0), ("b", 3), ("c", 6)]


def test_an_image_without_a_position_comes_last():
    assert [s.sop_instance_uid for s in laid([plane("x", None), plane("a", 0)], []).slices] == ["a", "x"]


def test_no_image_has_no_slice():
    assert laid([], [place(1, 0.0)]).slices == ()


def test_a_frame_lies_where_it_is_whatever_image_it_names():
    found = laid([plane("a", 0), plane("b", 3)], [place(1, 0.0, "b", thickness=3.0)])

    assert (numbers(found), found.contradicting) == ([[1], []], (1,))


def test_a_frame_that_names_an_image_elsewhere_lies_on_none_that_is_not_in_its_plane():
    found = laid([plane("a", 0, 5.0), plane("b", 30, 5.0)], [place(1, 1.0, "b")])

    assert (numbers(found), found.contradicting) == ([[], []], (1,))


def test_a_frame_in_the_slab_of_the_image_that_it_names_lies_on_it():
    found = laid([plane("a", 0, 5.0), plane("b", 5, 5.0)], [place(1, 2.0, "a", thickness=1.0)])

    assert (numbers(found), found.contradicting) == ([[1], []], ())


def test_frame_order_is_not_source_order():
    reversed_frames = [place(1, 6.0), place(2, 3.0), place(3, 0.0)]

    assert numbers(laid([plane("a", 0), plane("b", 3), plane("c", 6)], reversed_frames)) == [[3], [2], [1]]


def test_a_frame_that_names_only_a_stranger_lies_on_no_image():
    found = laid([plane("a", 0), plane("b", 3)], [place(1, 3.0, "stranger")])

    assert (numbers(found), found.strange) == ([[], []], (1,))


@pytest.mark.parametrize(("z", "placed"), [(4.4, True), (4.6, False), (-1.4, True), (-1.6, False)])
def test_a_frame_lies_on_no_image_further_than_half_its_thickness_away(z, placed):
    assert any(numbers(laid([plane("a", 0, 3.0), plane("b", 3, 3.0)], [place(1, z, thickness=3.0)]))) is placed


@pytest.mark.parametrize(("z", "placed"), [(0.05, True), (0.2, False), (9.0, False)])
def test_without_any_thickness_a_frame_lies_in_the_very_plane_of_its_image(z, placed):
    assert any(numbers(laid([plane("a", 0), plane("b", 20)], [place(1, z)]))) is placed


def test_missing_images_lend_their_frames_to_no_neighbour():
    frames = [place(number, 2.5 * number, thickness=2.5) for number in range(8)]
    held = [plane(str(number), 2.5 * number, 5.0) for number in (0, 3, 7)]

    assert numbers(laid(held, frames)) == [[0], [3], [7]]


def test_the_distance_of_the_frames_bounds_how_far_they_reach():
    frames = [place(1, 0.0, thickness=9.0), place(2, 2.0, thickness=9.0)]

    assert numbers(laid([plane("a", 0, 9.0)], frames)) == [[1]]


def test_a_frame_that_names_several_images_of_its_plane_lies_on_each():
    assert numbers(laid([plane("a", 0), plane("b", 0), plane("c", 3)], [place(1, 0.0, "a", "b", "c")])) == [
        [1],
        [1],
        [],
    ]


def test_a_thick_frame_lies_on_each_image_in_it_that_it_names():
    sources = [plane(str(z), z, 1.0) for z in range(-3, 4)]

    found = laid(sources, [place(1, 0.0, *map(str, range(-3, 4)), thickness=5.0)])

    assert numbers(found) == [[], [1], [1], [1], [1], [1], []]


def test_a_frame_of_another_orientation_lies_on_no_image_of_this_one():
    found = laid([plane("a", 0)], [place(1, 0.0, "a", turned=SAGITTAL), place(2, 0.0, turned=SAGITTAL)])

    assert (numbers(found), found.contradicting) == ([[]], (1,))


def test_a_frame_without_place_or_source_lies_nowhere():
    assert not any(numbers(laid([plane("a", 0)], [place(1)])))


def test_images_without_places_still_take_frames_that_name_them():
    assert numbers(laid([SourcePlane("a", None)], [place(1, None, "a")])) == [[1]]


def test_a_position_that_is_no_number_lies_nowhere():
    assert not any(numbers(laid([plane("a", 0)], [place(1, float("nan")), place(2, float("inf"))])))


def test_an_oblique_series_is_ordered_along_its_own_normal():
    sources = [
        SourcePlane(uid, Grid(rows=1, columns=1, orientation=SAGITTAL, position=(x, 0.0, 0.0)))
        for uid, x in (("a", 4.0), ("b", -4.0))
    ]
    found = laid(sources, [FramePlace(1, (1,), (), (4.0, 90.0, 70.0))]).slices

    assert {s.sop_instance_uid: len(s.frames) for s in found} == {"a": 1, "b": 0}
