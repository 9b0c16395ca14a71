"""Curves in space lie on the page of the image in whose plane they are, and none is lost."""

import numpy as np
import pytest
from pydicom import DataElement

from overlays.dicom.instance import Grid
from overlays.dicom.pictures_contours import Curve, read_contours, sheets
from overlays.dicom.stored import open_stored
from tests.builders import to_bytes
from tests.builders.structure_sets import structure_set


def grid(height: float) -> Grid:
    return Grid(rows=64, columns=64, pixel_spacing=(1.0, 1.0), orientation=(1, 0, 0, 0, 1, 0), position=(0, 0, height))


IMAGES = {"low": grid(0.0), "middle": grid(2.0), "high": grid(4.0)}


def curve(height: float, *, number: int = 1, images: tuple[str, ...] = (), tilt: float = 0.0) -> Curve:
    points = np.array([(5, 5, height), (9, 5, height), (9, 9, height + tilt)], float)
    return Curve(number, points, True, True, images)


@pytest.fixture
def reading(tmp_path):
    def read(data_set):
        path = tmp_path / "set.dcm"
        path.write_bytes(to_bytes(data_set))
        with open_stored(path) as stored:
            return read_contours(stored.root)

    return read


def test_pages_are_the_images_along_their_normal():
    found = sheets([curve(4.0), curve(0.0, number=2)], IMAGES)
    assert [(page.sop_instance_uid, list(page.shapes)) for page in found] == [
        ("low", [2]),
        ("middle", []),
        ("high", [1]),
    ]


def test_points_become_pixels_of_the_image():
    (page,) = [page for page in sheets([curve(2.0)], IMAGES) if page.shapes]
    assert page.shapes[1][0].points.tolist() == [[5.5, 5.5], [9.5, 5.5], [9.5, 9.5]]


def test_a_curve_within_half_a_gap_lies_on_the_nearest_image():
    assert [bool(page.shapes) for page in sheets([curve(2.9)], IMAGES)] == [False, True, False]


def test_a_curve_lies_where_it_is_whatever_image_it_names():
    assert [bool(page.shapes) for page in sheets([curve(0.0, images=("high",))], IMAGES)] == [True, False, False]


def test_a_curve_beyond_the_images_has_a_page_of_its_own_in_order():
    found = sheets([curve(-6.0)], IMAGES)
    assert [(page.sop_instance_uid, page.distance) for page in found][:2] == [(None, -6.0), ("low", 0.0)]
    assert found[0].shapes[1][0].points[0].tolist() == [5.5, 5.5]


def test_a_curve_in_another_plane_has_a_page_in_that_plane():
    steep = Curve(1, np.array([(5, 0, 0), (5, 10, 0), (5, 10, 30), (5, 0, 30)], float), True, True)
    last = sheets([steep], IMAGES)[-1]
    assert last.sop_instance_uid is None
    assert np.ptp(last.shapes[1][0].points, axis=0).min() > 10


def test_without_images_every_plane_is_a_page_of_one_size():
    found = sheets([curve(0.0), curve(2.0), curve(2.0, number=2)], {})
    assert [sorted(page.shapes) for page in found] == [[1], [1, 2]]
    assert len({(page.grid.rows, page.grid.columns) for page in found}) == 1


def test_nothing_has_no_page():
    assert sheets([], IMAGES) == []


def test_contours_are_read_with_their_region_and_images(reading):
    built = structure_set()
    curves, dropped = reading(built)
    named = built.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID
    assert (len(curves), dropped) == (8, 0)
    assert (curves[0].number, curves[0].images, curves[0].closed) == (1, (named,), True)


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
