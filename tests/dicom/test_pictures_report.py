"""The regions that a report draws are read with their names and images; so are the images it selects."""

import pytest

from overlays.dicom.pictures_named import ALL
from overlays.dicom.pictures_report import Regions, read_regions
from overlays.dicom.stored import open_stored
from tests.builders import ct_series, report, to_bytes
from tests.builders.basic_texts import basic_text
from tests.builders.key_objects import key_objects


@pytest.fixture
def reading(tmp_path):
    def read(data_set) -> Regions:
        path = tmp_path / "report.dcm"
        path.write_bytes(to_bytes(data_set))
        with open_stored(path) as stored:
            return read_regions(stored.root)

    return read


def region_of(built):
    return next(item for item in built.iterall() if item.keyword == "GraphicData"), next(
        item for item in built.iterall() if item.keyword == "GraphicType"
    )


def test_a_region_in_space_is_a_curve_with_the_name_of_its_group(reading):
    found = reading(report())
    assert found.names == {1: "Region"}
    assert found.curves[0].points.tolist() == [[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 0, 0]]
    assert not found.drawn


def test_a_region_in_an_image_lies_on_that_image(reading):
    (drawn,) = reading(report(kind="COMPREHENSIVE")).drawn
    assert (drawn.number, drawn.sop_instance_uid, drawn.frame) == (1, ct_series()[0].SOPInstanceUID, ALL)
    assert drawn.shapes[0].filled


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("CIRCLE", [5, 5, 9, 5]), ("ELLIPSE", [0, 5, 10, 5, 5, 3, 5, 7]), ("MULTIPOINT", [1, 1, 2, 2])],
)
def test_every_kind_of_graphic_is_read(kind, numbers, reading):
    built = report(kind="COMPREHENSIVE")
    data, name = region_of(built)
    data.value, name.value = numbers, kind
    found = reading(built)
    assert (len(found.drawn), found.dropped) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("SPIRAL", [1, 1]), ("POLYLINE", [1, 1, 1]), ("POLYLINE", [1, float("inf")]), ("CIRCLE", [1, 1])],
)
def test_a_graphic_that_is_none_is_counted(kind, numbers, reading):
    built = report(kind="COMPREHENSIVE")
    data, name = region_of(built)
    data.value, name.value = numbers, kind
    found = reading(built)
    assert (found.drawn, found.dropped) == ((), 1)


def test_key_objects_select_their_images(reading):
    images = ct_series()[:2]
    assert reading(key_objects(selected=images)).images == tuple((image.SOPInstanceUID, ALL) for image in images)


def test_a_basic_text_shows_its_image(reading):
    assert reading(basic_text()).images == ((ct_series()[0].SOPInstanceUID, ALL),)


def test_an_image_library_selects_nothing(reading):
    assert {image.SOPInstanceUID for image in ct_series()}.isdisjoint(dict(reading(report()).images))


@pytest.mark.parametrize("path", [None, [1, 500], [2, 1]])
def test_a_region_that_selects_no_image_is_counted(path, reading):
    built = report(kind="COMPREHENSIVE")
    (region,) = [
        item for each in built.iterall() if each.VR == "SQ" for item in each if item.get("ValueType") == "SCOORD"
    ]
    (ground,) = region.ContentSequence
    del ground.ReferencedSOPSequence, ground.ValueType
    if path:
        ground.ReferencedContentItemIdentifier = path
    found = reading(built)
    assert (found.drawn, found.ungrounded) == ((), 1)
