"""Annotations are read as far as a page can show them."""

import numpy as np
import pytest

from overlays.dicom import pictures_annotations
from overlays.dicom.pictures_annotations import read_annotations
from overlays.dicom.stored import open_stored
from tests.builders import to_bytes
from tests.builders.annotations import annotations


@pytest.fixture
def reading(tmp_path):
    def read(data_set):
        path = tmp_path / "annotations.dcm"
        path.write_bytes(to_bytes(data_set))
        with open_stored(path) as stored:
            return read_annotations(stored.root)

    return read


@pytest.mark.parametrize(("kind", "width"), [("2D", 2), ("3D", 3)])
def test_every_annotation_of_every_group_is_read(kind, width, reading):
    found = reading(annotations(kind=kind, nuclei=5))
    assert [each.group for each in found.drawn] == [1] * 5 + [2] * 3
    assert {each.points.shape[1] for each in found.drawn} == {width}
    assert (found.two_dimensional, found.dropped) == (kind == "2D", 0)


def test_polygons_begin_where_the_index_list_says(reading):
    built = annotations(nuclei=4)
    starts = np.frombuffer(built.AnnotationGroupSequence[0].LongPrimitivePointIndexList, "<u4")
    sizes = [len(each.points) for each in reading(built).drawn if each.group == 1]
    assert sizes[:3] == (np.diff(starts) // 2).tolist()


def test_more_than_a_page_can_show_is_counted(monkeypatch, reading):
    monkeypatch.setattr(pictures_annotations, "MOST_DRAWN", 3)
    found = reading(annotations(nuclei=5))
    assert (len(found.drawn), found.dropped) == (3, 5)


@pytest.mark.parametrize("list_", [b"", b"\x00" * 20, b"\xff" * 20, b"\x01\x00\x00\x00" * 5])
def test_an_index_list_that_points_nowhere_breaks_nothing(list_, reading):
    built = annotations(nuclei=5)
    built.AnnotationGroupSequence[0].LongPrimitivePointIndexList = list_
    found = reading(built)
    assert sum(each.group == 1 for each in found.drawn) + found.dropped >= 5


def test_coordinates_that_are_no_numbers_are_left_out(reading):
    built = annotations(nuclei=5)
    group = built.AnnotationGroupSequence[0]
    points = np.frombuffer(group.PointCoordinatesData, "<f4").copy()
    points[0] = np.nan
    group.PointCoordinatesData = points.tobytes()
    found = reading(built)
    assert (len(found.drawn), found.dropped) == (7, 1)
