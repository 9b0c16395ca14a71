"""What a presentation state draws and advises is read for each of its images; what is not applied is said."""

import copy

import numpy as np
import pytest

from overlays.dicom.pictures import Window
from overlays.dicom.pictures_state import State, read_state
from overlays.dicom.stored import open_stored
from tests.builders import ct_series, to_bytes
from tests.builders.presentations import presentation


@pytest.fixture
def reading(tmp_path):
    def read(data_set, layers=("AI",), **more) -> State:
        path = tmp_path / "state.dcm"
        path.write_bytes(to_bytes(data_set))
        with open_stored(path) as stored:
            return read_state(stored.root, list(layers), **more)

    return read


def shapes(state: State, page: int = 0) -> list:
    return [graphic.shape for graphic in state.graphics.get(page, [])]


def test_every_image_is_a_page_with_the_window_of_the_state(reading):
    found = reading(presentation())
    assert [page.sop_instance_uid for page in found.pages] == [image.SOPInstanceUID for image in ct_series()]
    assert {page.advice.window for page in found.pages} == {Window(40.0, 400.0)}


def test_graphics_and_texts_lie_on_the_image_that_they_name(reading):
    found = reading(presentation())
    assert list(found.graphics) == [0]
    assert [shape.text for shape in shapes(found)] == ["", "", "AI: liver", "here"]
    assert [graphic.relative for graphic in found.graphics[0]] == [False, True, False, True]


def test_an_annotation_that_names_no_image_lies_on_all(reading):
    built = presentation()
    del built.GraphicAnnotationSequence[0].ReferencedImageSequence
    assert sorted(reading(built).graphics) == [0, 1, 2, 3]


def test_a_filled_graphic_is_an_area(reading):
    built = presentation()
    built.GraphicAnnotationSequence[0].GraphicObjectSequence[0].GraphicFilled = "Y"
    assert shapes(reading(built))[0].filled


@pytest.mark.parametrize(
    ("kind", "numbers", "corners"),
    [
        ("POINT", [5, 5], 1),
        ("CIRCLE", [5, 5, 9, 5], 64),
        ("ELLIPSE", [0, 5, 10, 5, 5, 3, 5, 7], 64),
        ("INTERPOLATED", [1, 1, 2, 5, 3, 1], 3),
    ],
)
def test_every_kind_of_graphic_has_its_shape(kind, numbers, corners, reading):
    built = presentation()
    graphic = built.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    graphic.GraphicType, graphic.GraphicData = kind, numbers
    assert len(shapes(reading(built))[0].points) == corners


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("SPIRAL", [1, 1]),
        ("CIRCLE", [1, 1]),
        ("POLYLINE", [1, 1, 2]),
        ("POLYLINE", [1, float("nan")]),
        ("POLYLINE", [1, 1e30]),
    ],
)
def test_a_graphic_that_is_none_is_left_out_and_counted(kind, numbers, reading):
    built = presentation()
    graphic = built.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    graphic.GraphicType, graphic.GraphicData = kind, numbers
    found = reading(built)
    assert (len(shapes(found)), found.dropped) == (3, 1)


def test_graphics_on_a_layer_that_is_not_known_are_counted(reading):
    assert reading(presentation(), layers=()).dropped == 4


def test_the_displayed_area_is_read_from_pixel_one(reading):
    built = presentation()
    area = built.DisplayedAreaSelectionSequence[0]
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [11, 21], [30, 40]
    assert reading(built).pages[0].area == (10.0, 20.0, 30.0, 40.0)


def test_the_palette_comes_with_every_image(reading):
    found = reading(presentation(kind="PSEUDO_COLOR"), layers=())
    assert {page.advice.palette.colours.shape for page in found.pages} == {(256, 3)}


@pytest.mark.parametrize("kind", ["BLENDING", "ADVANCED_BLENDING"])
def test_the_images_of_a_blending_are_pages_with_the_advice_of_their_input(kind, reading):
    found = reading(presentation(kind=kind), layers=())
    assert len(found.pages) == 4
    assert {page.advice.window for page in found.pages} == {Window(40.0, 400.0)}
    assert "not blended" in " ".join(found.not_applied)


def test_what_is_not_as_stored_or_not_applied_is_said(reading):
    built = presentation()
    built.ImageRotation, built.ImageHorizontalFlip = 90, "Y"
    built.SoftcopyVOILUTSequence[0].VOILUTSequence = []
    said = " ".join(reading(built).not_applied)
    assert "turned by 90° clockwise and then flipped" in said
    assert "values of interest" in said


@pytest.mark.parametrize(("shape", "inverse"), [("INVERSE", True), ("IDENTITY", False), (None, None)])
def test_the_polarity_of_the_state_is_advised_and_none_where_it_has_none(shape, inverse, reading):
    built = presentation()
    del built.PresentationLUTShape
    if shape:
        built.PresentationLUTShape = shape
    assert reading(built).pages[0].advice.inverse is inverse


def test_a_palette_of_the_state_takes_the_values_as_they_are(reading):
    assert reading(presentation(kind="PSEUDO_COLOR"), layers=()).pages[0].advice.inverse is False


def test_no_graphic_is_read_twice_for_an_image_that_is_named_twice(reading):
    built = presentation()
    annotation = built.GraphicAnnotationSequence[0]
    annotation.ReferencedImageSequence = [annotation.ReferencedImageSequence[0]] * 2
    assert len(shapes(reading(built))) == 4
    assert np.isfinite(shapes(reading(built))[0].points).all()


def on_frames(item, *numbers):
    """The same reference, to these frames alone."""
    made = copy.deepcopy(item)
    made.ReferencedFrameNumber = list(numbers)
    return made


def of_two_frames():
    """A state for frames 1 and 2 of its first image."""
    built = presentation()
    images = built.ReferencedSeriesSequence[0]
    images.ReferencedImageSequence = [on_frames(images.ReferencedImageSequence[0], 1, 2)]
    return built, images.ReferencedImageSequence[0]


def test_a_window_for_one_frame_is_that_frames_alone(reading):
    built, image = of_two_frames()
    first, second = (copy.deepcopy(built.SoftcopyVOILUTSequence[0]) for _ in range(2))
    first.ReferencedImageSequence, second.ReferencedImageSequence = [on_frames(image, 1)], [on_frames(image, 2)]
    second.WindowCenter, second.WindowWidth = 1000, 200
    built.SoftcopyVOILUTSequence = [first, second]
    assert [page.advice.window for page in reading(built).pages] == [Window(40.0, 400.0), Window(1000.0, 200.0)]


def test_a_window_for_another_frame_leaves_the_frame_its_own(reading):
    built, image = of_two_frames()
    built.SoftcopyVOILUTSequence[0].ReferencedImageSequence = [on_frames(image, 2)]
    assert [page.advice.window for page in reading(built).pages] == [None, Window(40.0, 400.0)]


def test_a_displayed_area_for_one_frame_is_that_frames_alone(reading):
    built, image = of_two_frames()
    area = built.DisplayedAreaSelectionSequence[0]
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [11, 21], [30, 40]
    area.ReferencedImageSequence = [on_frames(image, 2)]
    assert [page.area for page in reading(built).pages] == [None, (10.0, 20.0, 30.0, 40.0)]


def test_graphics_without_a_frame_lie_on_all_frames_of_their_image(reading):
    built, _ = of_two_frames()
    assert sorted(reading(built).graphics) == [0, 1]


def test_an_image_that_is_named_as_a_whole_has_a_page_for_each_of_its_frames(reading):
    first = ct_series()[0].SOPInstanceUID
    found = reading(presentation(), frames={first: 3})
    assert [(page.sop_instance_uid == first, page.frame) for page in found.pages[:4]] == [
        (True, 1),
        (True, 2),
        (True, 3),
        (False, 1),
    ]


def test_graphics_of_a_frame_that_cannot_be_read_are_not_drawn(reading):
    built = presentation()
    reference = built.GraphicAnnotationSequence[0].ReferencedImageSequence[0]
    reference.add_new("ReferencedFrameNumber", "LO", "first")
    found = reading(built)
    assert (found.graphics, found.dropped) == ({}, 4)


def test_graphics_in_the_total_pixel_matrix_are_not_drawn_in_a_frame(reading):
    built = presentation()
    built.GraphicAnnotationSequence[0].GraphicObjectSequence[0].GraphicAnnotationUnits = "MATRIX"
    found = reading(built)
    assert (len(shapes(found)), found.dropped) == (3, 1)


def test_the_function_of_the_window_is_part_of_the_advice(reading):
    built = presentation()
    built.SoftcopyVOILUTSequence[0].VOILUTFunction = "SIGMOID"
    found = reading(built)
    assert (found.pages[0].advice.window.function, found.not_applied) == ("SIGMOID", [])


def test_a_function_of_the_window_that_is_not_applied_is_said(reading):
    built = presentation()
    built.SoftcopyVOILUTSequence[0].VOILUTFunction = "CUBIC"
    assert "CUBIC" in " ".join(reading(built).not_applied)


@pytest.mark.parametrize(("degrees", "flip"), [(45, "N"), (0, "X")])
def test_a_turn_that_there_is_none_of_is_not_known(degrees, flip, reading):
    built = presentation()
    built.ImageRotation, built.ImageHorizontalFlip = degrees, flip
    found = reading(built)
    assert found.turn is None
    assert "here they lie as stored" in " ".join(found.not_applied)
