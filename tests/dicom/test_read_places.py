"""Tests where an object says that its frames, contours and marks lie."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Instance
from tests.builders import annotations, ct_series, presentation, report, segmentation, to_bytes
from tests.builders.structure_sets import structure_set


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def test_every_frame_has_its_place_and_its_sources(read) -> None:
    images = {image.SOPInstanceUID: tuple(image.ImagePositionPatient) for image in ct_series()}
    planes = read(segmentation()).frame_planes
    assert planes
    assert [
        (plane.position, images[plane.sources[0]]) for plane in planes if plane.position != images[plane.sources[0]]
    ] == []


def test_a_frame_without_a_place_is_left_out(read) -> None:
    made = segmentation()
    del made.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence
    assert 1 not in {plane.number for plane in read(made).frame_planes}


def test_marks_are_the_box_around_all_that_is_drawn_in_pixels(read) -> None:
    (marks,) = read(presentation()).pixel_marks
    assert (marks.low, marks.high, marks.on_matrix) == ((10.0, 10.0), (60.0, 20.0), False)


def test_annotations_count_from_the_matrix_of_their_slide(read) -> None:
    (marks,) = read(annotations()).pixel_marks
    assert marks.on_matrix
    assert (marks.low, marks.high) == ((10.0, 32.0), (150.0, 48.0))


def test_annotations_in_space_lie_on_no_pixel(read) -> None:
    assert read(annotations(kind="3D")).pixel_marks == ()


def test_coordinates_in_space_name_their_frame_of_reference(read) -> None:
    assert read(report()).spaces == (ct_series()[0].FrameOfReferenceUID,)


def test_the_outermost_contours_are_remembered(read) -> None:
    heights = {place[2] for place in read(structure_set()).contour_extremes}
    assert heights >= {ct_series()[0].ImagePositionPatient[2], ct_series()[-1].ImagePositionPatient[2]}
