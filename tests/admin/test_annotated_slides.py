"""Annotations are drawn on the image, the frame and the matrix that they count their coordinates in, and on no other."""

import copy

import numpy as np
import pytest

from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.drawings import drawing_of
from tests.builders import to_bytes
from tests.builders.annotations import annotations
from tests.builders.images import slide_image
from tests.builders.structure_sets import reference
from tests.builders.uids import uid


@pytest.fixture
def drawn(registered, post):
    """Stores annotations with images, before or after them; their drawing."""

    def store(built, *images, first=False):
        registered()
        for each in (built, *images) if first else (*images, built):
            found = post(to_bytes(each))
            assert found.refusal is None, found.findings
        return drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    return store


def annotated(slide):
    return annotations(source=slide, model_name="LiverSeg", model_version="2.1.0")


def in_space(slide):
    """The same in millimetres, on the slide."""
    made = annotations(source=slide, kind="3D", model_name="LiverSeg", model_version="2.1.0")
    for group in made.AnnotationGroupSequence:
        (data,) = [each for each in group if each.keyword.endswith("PointCoordinatesData")]
        kind = "<f8" if data.keyword.startswith("Double") else "<f4"
        points = np.frombuffer(data.value, kind).reshape(-1, 2 if "CommonZCoordinateValue" in group else 3).copy()
        points[:, :2] = (20, 40) - points[:, :2]
        data.value = points.tobytes()
    return made


def other_level(slide, *, space=None):
    """Another image of the series, of the same size."""
    made = copy.deepcopy(slide)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = uid("level")
    made.FrameOfReferenceUID = space or slide.FrameOfReferenceUID
    return made


def also_naming(built, image):
    built.ReferencedSeriesSequence[0].ReferencedInstanceSequence.append(reference(image))
    return built


def below(drawing) -> str:
    (plane,) = drawing.planes
    if plane.picture is None:
        return ""
    return SourceInstance.objects.get(bytes__sha256=plane.image_sha256).sop_instance_uid


def first_points(drawing) -> np.ndarray:
    return drawing.planes[0].marks.shapes[1][0].points


@pytest.mark.parametrize("turned", [False, True])
def test_pixels_are_those_of_the_image_that_is_referred_to(turned, drawn):
    slide = slide_image()
    level = other_level(slide)
    images = (level, slide) if turned else (slide, level)

    assert below(drawn(also_naming(annotated(slide), level), *images)) == slide.SOPInstanceUID


def test_pixels_of_an_image_that_is_not_held_are_drawn_on_no_other_one(drawn):
    slide = slide_image()
    level = other_level(slide)

    drawing = drawn(also_naming(annotated(slide), level), level)

    assert below(drawing) == ""
    assert "does not hold the image" in drawing.note


def test_pixels_of_a_frame_are_drawn_on_that_frame(drawn):
    slide = slide_image()
    built = annotated(slide)
    built.PixelOriginInterpretation = "FRAME"
    built.ReferencedImageSequence[0].ReferencedFrameNumber = 7

    drawing = drawn(built, slide)

    picture = drawing.planes[0].picture
    assert (below(drawing), picture.number, picture.slide) == (slide.SOPInstanceUID, 7, None)
    assert first_points(drawing)[0].tolist() == pytest.approx([28.0, 40.0])
    assert drawing.planes[0].marks.scale == 1024 / 64


@pytest.mark.parametrize("frame", [None, [3, 4], 17])
def test_pixels_of_no_one_frame_are_drawn_on_none_and_that_is_said(frame, drawn):
    slide = slide_image()
    built = annotated(slide)
    built.PixelOriginInterpretation = "FRAME"
    if frame:
        built.ReferencedImageSequence[0].ReferencedFrameNumber = frame

    drawing = drawn(built, slide)

    assert below(drawing) == ""
    assert "no frame of the image" in drawing.note


def test_points_in_space_are_drawn_on_a_slide_of_their_frame_of_reference_alone(drawn):
    slide = slide_image()
    foreign = other_level(slide, space=uid("other space"))

    drawing = drawn(also_naming(in_space(slide), foreign), foreign, slide, first=True)

    assert (below(drawing), drawing.note) == (slide.SOPInstanceUID, "")


def test_points_in_the_space_of_no_slide_are_drawn_on_none_and_that_is_said(drawn):
    slide = slide_image()
    foreign = other_level(slide, space=uid("other space"))

    drawing = drawn(also_naming(in_space(slide), foreign), foreign, first=True)

    assert below(drawing) == ""
    assert "frame of reference" in drawing.note
