"""Curves in space lie on the page of the image in whose plane they are, and none is lost."""

import numpy as np
import pytest
from pydicom import DataElement

from overlays.dicom.instance import Grid
from overlays.dicom.laying import SourcePlane
from overlays.dicom.pictures_contours import Curve, Spread, read_contours, sheets
from overlays.dicom.stored import open_stored
from tests.builders import to_bytes
from tests.builders.structure_sets import structure_set


def grid(height: float) -> Grid:
    return Grid(rows=64, columns=64, pixel_spacing=(1.0, 1.0), orientation=(1, 0, 0, 0, 1, 0), position=(0, 0, height))


def image(uid: str, height: float, thickness: float | None = 2.0, space: str = "") -> SourcePlane:
    return SourcePlane(uid, grid(height), thickness, space)


IMAGES = [image("low", 0.0), image("middle", 2.0), image("high", 4.0)]


def curve(height: float, *, number: int = 1, images: tuple[str, ...] = (), tilt: float = 0.0, space: str = "") -> Curve:
    points = np.array([(5, 5, height), (9, 5, height), (9, 9, height + tilt)], float)
    return Curve(number, points, True, True, images, space)


def pages(found: Spread) -> list[tuple[str | None, list[int]]]:
    """Of those with something on them: the image and the numbers."""
    return [(page.sop_instance_uid, sorted(page.shapes)) for page in found.sheets if page.shapes]


@pytest.fixture
def reading(tmp_path):
    def read(data_set):
        path = tmp_path / "set.dcm"
        path.write_bytes(to_bytes(data_set))
        with open_stored(path) as stored:
            return read_contours(stored.root)

    return read


def test_pages_are_the_images_along_their_normal():
    found = sheets([curve(4.0), curve(0.0, number=2)], IMAGES).sheets
    assert [(page.sop_instance_uid, list(page.shapes)) for page in found] == [
        ("low", [2]),
        ("middle", []),
        ("high", [1]),
    ]


def test_points_become_pixels_of_the_image():
    (page,) = [page for page in sheets([curve(2.0)], IMAGES).sheets if page.shapes]
    assert page.shapes[1][0].points.tolist() == [[5.5, 5.5], [9.5, 5.5], [9.5, 9.5]]


def test_a_curve_within_half_the_thickness_lies_on_the_nearest_image():
    assert [bool(page.shapes) for page in sheets([curve(2.9)], IMAGES).sheets] == [False, True, False]


def test_a_curve_lies_where_it_is_whatever_image_it_names():
    found = sheets([curve(0.0, images=("high",))], IMAGES)
    assert (pages(found), found.contradicting) == ([("low", [1])], 1)


def test_a_curve_that_names_an_image_elsewhere_lies_on_none_that_is_not_in_its_plane():
    found = sheets([curve(0.9, images=("high",))], IMAGES)
    assert (pages(found), found.contradicting) == ([(None, [1])], 1)


def test_a_curve_in_the_slab_of_the_image_that_it_names_lies_on_it():
    assert pages(sheets([curve(0.9, images=("low",)), curve(1.4, images=("middle",))], IMAGES)) == [
        ("low", [1]),
        ("middle", [1]),
    ]


def test_a_curve_that_names_only_an_image_that_is_not_there_lies_on_a_dark_ground():
    found = sheets([curve(2.0, images=("absent",))], IMAGES)
    assert (pages(found), found.strange) == ([(None, [1])], 1)


@pytest.mark.parametrize("thickness", [None, 2.5, 5.0])
def test_curves_of_missing_images_lie_on_no_neighbour(thickness):
    held = [image(str(number), 2.5 * number, thickness) for number in (0, 3, 7)]
    found = sheets([curve(2.5 * number, number=number) for number in range(8)], held)
    assert [page for page in pages(found) if page[0]] == [("0", [0]), ("3", [3]), ("7", [7])]
    assert sum(page[0] is None for page in pages(found)) == 5


def test_no_thickness_makes_a_curve_lie_far_beside_its_image():
    assert pages(sheets([curve(11.0, images=("a",))], [image("a", 0.0, 1e9)])) == [(None, [1])]


def test_a_curve_between_two_images_far_apart_lies_on_neither():
    assert pages(sheets([curve(22.5)], [image("low", 0.0, 2.5), image("high", 50.0, 2.5)])) == [(None, [1])]


def test_a_curve_lies_on_no_image_of_another_frame_of_reference():
    images = [image("a", 0.0, space="A"), image("b", 0.0, space="B")]
    found = sheets([curve(0.0, space="B"), curve(0.0, number=2, space="A"), curve(0.0, number=3, space="C")], images)
    assert (pages(found), found.foreign) == ([("a", [2]), ("b", [1]), (None, [3])], 1)


def test_the_pages_of_one_frame_of_reference_follow_each_other():
    images = [image("a0", 0.0, space="A"), image("b1", 1.0, space="B"), image("a2", 2.0, space="A")]
    found = sheets([curve(0.0, space="A"), curve(1.0, space="B"), curve(4.0, space="A")], images)
    assert [page.sop_instance_uid for page in found.sheets] == ["a0", "a2", None, "b1"]


def test_an_image_of_another_frame_of_reference_takes_no_curve_that_names_it():
    images = [image("a", 0.0, space="A"), image("b", 0.0, space="B")]
    found = sheets([curve(1.0, images=("b",), space="A")], images)
    assert (pages(found), found.contradicting) == ([(None, [1])], 1)


def test_a_curve_that_tells_no_frame_of_reference_lies_on_the_image_that_it_names():
    images = [image("a", 0.0, space="A"), image("b", 0.0, space="B")]
    assert pages(sheets([curve(0.0, images=("b",)), curve(0.0, number=2)], images)) == [("b", [1]), (None, [2])]


def test_curves_of_two_frames_of_reference_share_no_dark_page():
    found = sheets([curve(0.0, space="A"), curve(0.0, number=2, space="B")], [])
    assert pages(found) == [(None, [1]), (None, [2])]


def test_a_curve_beyond_the_images_has_a_page_of_its_own_in_order():
    found = sheets([curve(-6.0)], IMAGES).sheets
    assert [(page.sop_instance_uid, page.distance) for page in found][:2] == [(None, -6.0), ("low", 0.0)]
    assert found[0].shapes[1][0].points[0].tolist() == [5.5, 5.5]


def test_a_curve_in_another_plane_has_a_page_in_that_plane():
    steep = Curve(1, np.array([(5, 0, 0), (5, 10, 0), (5, 10, 30), (5, 0, 30)], float), True, True)
    last = sheets([steep], IMAGES).sheets[-1]
    assert last.sop_instance_uid is None
    assert np.ptp(last.shapes[1][0].points, axis=0).min() > 10


def test_without_images_every_plane_is_a_page_of_one_size():
    found = sheets([curve(0.0), curve(2.0), curve(2.0, number=2)], []).sheets
    assert [sorted(page.shapes) for page in found] == [[1], [1, 2]]
    assert len({(page.grid.rows, page.grid.columns) for page in found}) == 1


def test_nothing_has_no_page():
    assert sheets([], IMAGES).sheets == []


def test_contours_are_read_with_their_region_and_images(reading):
    built = structure_set()
    curves, dropped = reading(built)
    named = built.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID
    assert (len(curves), dropped) == (8, 0)
    assert (curves[0].number, curves[0].images, curves[0].closed) == (1, (named,), True)


def test_a_contour_lies_in_the_frame_of_reference_of_its_region(reading):
    built = structure_set()
    built.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "2.25.99"
    built.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = ""
    curves, _ = reading(built)
    assert {each.number: each.frame_of_reference_uid for each in curves} == {
        1: built.FrameOfReferenceUID,
        2: "2.25.99",
    }


@pytest.mark.parametrize("data", [["1", "2"], ["1", "2", "x"], ["1", "2", "1e400"], ["nan", "2", "3"], []])
def test_a_contour_without_sound_numbers_is_left_out_and_counted(reading, data):
    built = structure_set()
    item = built.ROIContourSequence[0].ContourSequence[0]
    if data:
        item["ContourData"] = DataElement(item["ContourData"].tag, "LT", "\\".join(data))
    else:
        del item.ContourData
    curves, dropped = reading(built)
    assert (len(curves), dropped) == (7, 1)
