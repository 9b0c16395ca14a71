"""A presentation state that turns its images turns what it draws with them; what lies in shares of the screen is drawn after."""

import numpy as np
import pytest

from overlays.dicom.pictures import drawn
from overlays.models import OverlayVersion
from overlays.queries.drawing import WINDOWS
from overlays.queries.drawings import drawing_of
from overlays.queries.stored_bytes import path_of
from tests.admin.test_families import picture_at
from tests.builders import ct_series, to_bytes
from tests.builders.presentations import presentation

SIDE = 64


@pytest.fixture
def turned(registered, post):
    """Stores a state with one line, from which a function makes what is wanted; its version."""

    def store(units, change) -> OverlayVersion:
        registered()
        built = presentation()
        annotation = built.GraphicAnnotationSequence[0]
        del annotation.TextObjectSequence
        line = annotation.GraphicObjectSequence[0]
        annotation.GraphicObjectSequence = [line]
        line.GraphicType, line.NumberOfGraphicPoints, line.GraphicAnnotationUnits = "POLYLINE", 2, units
        line.GraphicData = [0.1, 0.1, 0.3, 0.1] if units == "DISPLAY" else [4, 50, 4, 60]
        change(built)
        for each in (*ct_series(), built):
            found = post(to_bytes(each))
            assert found.refusal is None, found.findings
        return OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    return store


def turn(degrees, flip="N", first=(1, 1), last=(SIDE, SIDE)):
    def change(built):
        built.ImageRotation, built.ImageHorizontalFlip = degrees, flip
        area = built.DisplayedAreaSelectionSequence[0]
        area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = list(first), list(last)

    return change


def line_of(version) -> list:
    (shape,) = drawing_of(version).planes[0].marks.shapes[1]
    return shape.points.round(3).tolist()


def test_the_image_is_turned_in_every_window(reader, turned) -> None:
    version = turned("PIXEL", turn(90, "Y", (1, 1), (SIDE, SIDE)))
    drawing = drawing_of(version)
    stored = path_of(drawing.planes[0].image_sha256)

    for name in ("own", "soft"):
        picture = picture_at(reader, "image", version.pk, drawing.key, 0, name)[:, :, 0]
        assert np.array_equal(picture, np.fliplr(np.rot90(drawn(stored, window=WINDOWS[name][1]), -1)))


def test_graphics_in_pixels_turn_with_their_image(turned) -> None:
    assert line_of(turned("PIXEL", turn(90, "N", (1, SIDE), (SIDE, 1)))) == [[14, 4], [4, 4]]


def test_graphics_in_shares_of_the_screen_are_drawn_after_the_turn(turned) -> None:
    found = line_of(turned("DISPLAY", turn(90, "N", (1, SIDE), (SIDE, 1))))
    assert found == [[6.4, 6.4], [19.2, 6.4]]


def test_a_flipped_displayed_area_has_its_upper_left_corner_on_the_right_of_the_image(turned) -> None:
    # The right half of the image, which is the left one when flipped.
    found = line_of(turned("DISPLAY", turn(0, "Y", (SIDE, 1), (33, SIDE))))
    assert found == [[3.2, 6.4], [9.6, 6.4]]


def test_graphics_in_shares_of_a_screen_that_is_not_known_are_not_drawn_and_that_is_said(turned) -> None:
    drawing = drawing_of(turned("DISPLAY", turn(90, "N", (1, 1), (SIDE, SIDE))))

    assert sum(plane.marks.amount for plane in drawing.planes) == 0
    assert "1 graphics are not drawn" in drawing.note


def test_that_images_are_turned_is_said(turned) -> None:
    assert "turned by 270° clockwise and then flipped" in drawing_of(turned("PIXEL", turn(270, "Y"))).note


def test_graphics_in_shares_of_an_area_that_is_not_stated_are_not_drawn_and_that_is_said(turned) -> None:
    def without(built):
        area = built.DisplayedAreaSelectionSequence[0]
        area.ReferencedImageSequence = built.ReferencedSeriesSequence[0].ReferencedImageSequence[1:]

    drawing = drawing_of(turned("DISPLAY", without))

    assert sum(plane.marks.amount for plane in drawing.planes) == 0
    assert "1 graphics are not drawn" in drawing.note
