"""A reader sees what each family holds: its pictures, its words, its label; and judges it on the page."""

import copy
import io
import warnings

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image
from pydicom.dataset import Dataset

from overlays.models import OverlayVersion
from overlays.queries.drawings import drawing_of
from tests.builders import ct_series, to_bytes
from tests.builders.annotations import annotations
from tests.builders.families import FAMILIES, Made
from tests.builders.images import slide_image
from tests.builders.presentations import presentation
from tests.builders.structure_sets import structure_set

pytestmark = pytest.mark.slow

TOLD = {
    "segmentation": ["Segments", "Liver"],
    "report": ["Imaging Measurement Report", "123.4", "Content, item by item", "POLYGON of 4 points"],
    "basic text": ["No lesion of the liver was found.", "inferred from", "Finding"],
    "float map": ["What the values mean", "Quantities", "1 × stored + 0"],
    "integer map": ["What the values mean", "0.001 × stored + 0"],
    "presentation": ["AI: liver", "Outline of the model", "centre 40, width 400", "Layers"],
    "pseudo-color": ["held by the object itself"],
    "key objects": ["Of Interest", "Largest lesion", "IMAGE"],
    "structure set": ["Regions of interest", "UNAPPROVED, says the object", "Spleen"],
    "annotations": ["Doubtful nuclei", "5 × polygon", "ellipse", "Area"],
    "capture": ["Drawn by a model", "Text burned in"],
    "capture of frames": ["Frame", "Made of"],
}
"""What of the builder's objects stands on their page."""
PAGES = {
    "report": 4,
    "presentation": 4,
    "pseudo-color": 4,
    "key objects": 2,
    "basic text": 1,
    "annotations": 1,
    "capture": 1,
}
UNMARKED = {"pseudo-color", "key objects", "basic text", "capture", "capture of frames"}
"""Families whose pages are pictures with nothing on them."""


@pytest.fixture
def shown(registered, post):
    """Stores an object with what it names; its version."""

    def store(made: Made) -> OverlayVersion:
        for data_set in (*made.sources, made.result):
            found = post(to_bytes(data_set))
            assert found.refusal is None, found.findings
        return OverlayVersion.objects.get(sop_instance_uid=made.result.SOPInstanceUID)

    registered()
    return store


def page_of(version: OverlayVersion) -> str:
    return reverse("admin:overlays_overlayversion_review", args=[version.pk])


def picture_at(client, name: str, *parts: object) -> np.ndarray:
    answer = client.get(reverse(f"admin:overlays_overlayversion_{name}", args=parts))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png"), answer.content
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_page_says_what_the_object_holds_under_its_label(name, reader, shown) -> None:
    text = reader.get(page_of(shown(FAMILIES[name]()))).content.decode()

    for words in TOLD[name]:
        assert words in text, words
    assert "AI · LiverSeg 2.1.0 · not reviewed" in text
    assert "Nobody has reviewed it." in text


@pytest.mark.parametrize("name", FAMILIES)
def test_each_page_of_a_drawing_has_its_picture_and_something_on_some_page(name, reader, shown) -> None:
    version = shown(FAMILIES[name]())
    drawing = drawing_of(version)

    assert len(drawing.planes) == PAGES.get(name, 4)
    drawn = 0
    for index, plane in enumerate(drawing.planes):
        assert picture_at(reader, "image", version.pk, drawing.key, index, drawing.windows[0]).size
        style = next(iter(drawing.scales)) if drawing.scales else "outline"
        for number in plane.marks.numbers:
            layer = picture_at(reader, "layer", version.pk, drawing.key, index, number, style)
            drawn += int((layer[:, :, 3] > 0).sum())
    assert (drawn > 0) is (name not in UNMARKED)


@pytest.mark.parametrize("name", [each for each in FAMILIES if each not in ("report", "basic text")])
def test_the_worklist_shows_a_thumbnail(name, reader, shown) -> None:
    version = shown(FAMILIES[name]())

    text = reader.get(reverse("admin:overlays_overlayversion_changelist")).content.decode()
    picture = picture_at(reader, "thumbnail", version.pk, version.sha256[:16])

    assert f"/{version.pk}/thumbnail/{version.sha256[:16]}.png" in text
    assert 0 < max(picture.shape[:2]) <= 160


@pytest.mark.parametrize("name", FAMILIES)
def test_a_reader_accepts_it_on_the_page(name, reader, shown) -> None:
    version = shown(FAMILIES[name]())
    sent = {"act": "accept", "seen_sha256": version.sha256, "seen_state": "pending"}

    answer = reader.post(page_of(version), sent, follow=True)

    assert "Clinic: Shown" in answer.content.decode()


@pytest.mark.parametrize("name", FAMILIES)
def test_the_kind_is_named_in_the_worklist_and_can_be_chosen(name, reader, shown) -> None:
    made = FAMILIES[name]()
    shown(made)
    address = reverse("admin:overlays_overlayversion_changelist")

    assert "LiverSeg 2.1.0" in reader.get(address, {"kind": made.family}).content.decode()
    other = "SEG" if made.family != "SEG" else "PM"
    assert (
        "Nothing here" in reader.get(address, {"kind": other, "state": "all"}).content.decode() or made.family == "SR"
    )


def test_nothing_of_a_recalled_one_is_on_the_page(reader, registered, post) -> None:
    registered(status="recalled")
    made = FAMILIES["structure set"]()
    for data_set in (*made.sources, made.result):
        post(to_bytes(data_set))
    version = OverlayVersion.objects.get(sop_instance_uid=made.result.SOPInstanceUID)

    text = reader.get(page_of(version)).content.decode()

    assert "Regions of interest" not in text
    assert (
        reader.get(
            reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, version.sha256[:16]])
        ).status_code
        == 404
    )


def test_contours_without_their_images_are_drawn_on_a_dark_ground(reader, registered, post) -> None:
    registered()
    built = structure_set()
    post(to_bytes(built))
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    drawing = drawing_of(version)

    assert [plane.picture for plane in drawing.planes] == [None] * 4
    assert "dark ground" in drawing.note
    assert picture_at(reader, "layer", version.pk, drawing.key, 0, 1, "fill")[:, :, 3].any()


def test_a_contour_beside_the_images_that_are_held_has_a_page_of_its_own(registered, post) -> None:
    registered()
    images = ct_series()
    for image in images[1:]:
        post(to_bytes(image))
    built = structure_set(sources=images)
    post(to_bytes(built))

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert [plane.picture is None for plane in drawing.planes] == [True, False, False, False]
    assert all(plane.marks.amount for plane in drawing.planes)


@pytest.mark.parametrize("with_names", [True, False])
def test_contours_of_missing_slices_are_drawn_on_no_neighbour_and_the_page_says_so(
    with_names, registered, post
) -> None:
    registered()
    images = ct_series(slices=8)
    built = structure_set(sources=images)
    for region in built.ROIContourSequence:
        for contour in region.ContourSequence:
            if not with_names:
                del contour.ContourImageSequence
    for each in (images[0], images[7], built):
        assert post(to_bytes(each)).refusal is None

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert [plane.picture is None for plane in drawing.planes] == [False, *[True] * 6, False]
    assert [plane.marks.amount for plane in drawing.planes] == [2] * 8
    assert "on a dark ground" in drawing.note


def test_regions_of_another_frame_of_reference_than_the_images_are_drawn_on_none_of_them(registered, post) -> None:
    registered()
    images = ct_series()
    built = structure_set(sources=images)
    built.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "2.25.99"
    other = Dataset()
    other.FrameOfReferenceUID = "2.25.99"
    built.ReferencedFrameOfReferenceSequence.append(other)
    for contour in built.ROIContourSequence[1].ContourSequence:
        del contour.ContourImageSequence
    for each in (built, *images):
        assert post(to_bytes(each)).refusal is None

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert [plane.marks.numbers for plane in drawing.planes if plane.picture] == [(1,)] * 4
    assert [plane.marks.numbers for plane in drawing.planes if not plane.picture] == [(2,)] * 4
    assert "4 shapes lie in a frame of reference of no image that is held here" in drawing.note


def test_a_map_is_drawn_in_the_scale_that_is_asked_for(reader, shown) -> None:
    version = shown(FAMILIES["float map"]())
    key = drawing_of(version).key

    pictures = [picture_at(reader, "layer", version.pk, key, 1, 1, scale) for scale in ("middle", "whole")]

    assert pictures[0].tobytes() != pictures[1].tobytes()
    assert (
        reader.get(reverse("admin:overlays_overlayversion_layer", args=[version.pk, key, 1, 1, "outline"])).status_code
        == 404
    )


def test_a_map_whose_values_are_no_numbers_is_empty_and_says_so(reader, shown) -> None:
    made = FAMILIES["float map"]()
    made.result.FloatPixelData = np.full(len(made.result.FloatPixelData) // 4, np.nan, "<f4").tobytes()
    version = shown(made)
    drawing = drawing_of(version)

    assert "hold no number at all" in drawing.note
    assert not picture_at(reader, "layer", version.pk, drawing.key, 0, 1, "middle")[:, :, 3].any()
    assert reader.get(page_of(version)).status_code == 200


def test_the_page_of_a_map_says_what_is_transparent_and_which_mapping_is_drawn(shown) -> None:
    made = FAMILIES["float map"]()
    for groups in (made.result.SharedFunctionalGroupsSequence[0], *made.result.PerFrameFunctionalGroupsSequence):
        if items := groups.get("RealWorldValueMappingSequence"):
            items.append(copy.deepcopy(items[0]))
            items[1].LUTLabel = "SECOND"
    note = drawing_of(shown(made)).note

    assert "Zero and what is no number are transparent" in note
    assert "several mappings of their values: the first is drawn" in note


def test_the_window_of_a_presentation_state_is_applied_until_another_is_chosen(reader, shown) -> None:
    version = shown(FAMILIES["presentation"]())
    key = drawing_of(version).key

    pictures = [picture_at(reader, "image", version.pk, key, 0, window) for window in ("state", "lung")]

    assert pictures[0].tobytes() != pictures[1].tobytes()


def test_the_palette_of_a_presentation_state_colours_the_image(reader, shown) -> None:
    made = FAMILIES["pseudo-color"]()
    made.result.BluePaletteColorLookupTableData = bytes(512)
    version = shown(made)

    picture = picture_at(reader, "image", version.pk, drawing_of(version).key, 0, "state")

    assert picture[:, :, 0].any()
    assert not picture[:, :, 2].any()


def test_steps_of_a_blending_are_listed(reader, registered, post) -> None:
    registered()
    for image in ct_series():
        post(to_bytes(image))
    built = presentation(kind="ADVANCED_BLENDING")
    post(to_bytes(built))
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    text = reader.get(page_of(version)).content.decode()

    assert "FOREGROUND, opacity 0.5" in text
    assert "not blended" in text


@pytest.mark.parametrize("name", ["presentation", "structure set", "annotations", "basic text", "key objects"])
def test_what_an_object_says_cannot_become_markup(name, reader, shown) -> None:
    made, hostile = FAMILIES[name](), "<script>alert(1)</script>"
    result = made.result
    match name:
        case "presentation":
            result.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue = hostile
        case "structure set":
            result.StructureSetROISequence[0].ROIName = hostile
        case "annotations":
            result.AnnotationGroupSequence[0].AnnotationGroupLabel = hostile
        case _:
            sentences = ("Largest lesion", "No lesion of the liver was found.")
            (written,) = [each for each in result.iterall() if each.keyword == "TextValue" and each.value in sentences]
            written.value = hostile
    version = shown(made)

    text = reader.get(page_of(version)).content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_a_contour_of_very_many_points_is_left_out_and_counted(registered, post) -> None:
    registered()
    images = ct_series()
    for image in images:
        post(to_bytes(image))
    built = structure_set(sources=images)
    contour = built.ROIContourSequence[0].ContourSequence[0]
    points = 400_000
    contour.NumberOfContourPoints = points
    contour.ContourData = ["1", "2", contour.ContourData[2]] * points
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a value beyond 64 kB is written with unknown representation
        data = to_bytes(built)
    outcome = post(data)
    assert outcome.refusal is None, outcome.findings

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert "1 contours are not drawn: too many points" in drawing.note
    assert sum(plane.marks.amount for plane in drawing.planes) == 7


def test_graphics_far_outside_the_image_draw_nothing_and_break_nothing(reader, shown) -> None:
    made = FAMILIES["presentation"]()
    for graphic in made.result.GraphicAnnotationSequence[0].GraphicObjectSequence:
        graphic.GraphicAnnotationUnits = "PIXEL"
        graphic.GraphicData = [5e8 + number for number in range(len(graphic.GraphicData))]
    del made.result.GraphicAnnotationSequence[0].TextObjectSequence
    version = shown(made)
    drawing = drawing_of(version)

    assert not picture_at(reader, "layer", version.pk, drawing.key, 0, 1, "fill")[:, :, 3].any()
    assert "2 shapes lie outside their picture and cannot be seen." in reader.get(page_of(version)).content.decode()


def test_annotations_beside_their_slide_are_drawn_where_they_can_be_seen(reader, shown) -> None:
    slide = slide_image()
    built = annotations(source=slide, kind="3D", model_name="LiverSeg", model_version="2.1.0")
    for group in built.AnnotationGroupSequence:
        word = "DoublePointCoordinatesData" if "DoublePointCoordinatesData" in group else "PointCoordinatesData"
        kind = "<f8" if word.startswith("Double") else "<f4"
        group[word].value = (np.frombuffer(group[word].value, kind) - 500).astype(kind).tobytes()
    version = shown(Made("ANN", (slide,), built))
    drawing = drawing_of(version)

    assert "lie outside the slide that they name" in drawing.note
    assert picture_at(reader, "layer", version.pk, drawing.key, 0, 1, "outline")[:, :, 3].any()


def test_a_long_text_is_shown_to_its_end(reader, shown) -> None:
    made = FAMILIES["basic text"]()
    (written,) = [each for each in made.result.iterall() if each.value == "No lesion of the liver was found."]
    written.value = "Normal. " * 2500 + "Aortic dissection."

    assert "Aortic dissection." in reader.get(page_of(shown(made))).content.decode()


def test_that_a_text_is_cut_is_said(reader, shown) -> None:
    made = FAMILIES["basic text"]()
    (written,) = [each for each in made.result.iterall() if each.value == "No lesion of the liver was found."]
    written.value = "Normal. " * 9000

    text = reader.get(page_of(shown(made))).content.decode()

    assert "The text is cut here: the object holds more of it." in text
    assert "too long to be shown whole" in text


def test_a_title_that_contradicts_its_code_stands_beside_it(reader, shown) -> None:
    made = FAMILIES["key objects"]()
    made.result.ConceptNameCodeSequence[0].CodeMeaning = "Rejected for Quality Reasons"

    assert "Rejected for Quality Reasons (113000, DCM)" in reader.get(page_of(shown(made))).content.decode()


def test_a_long_text_of_a_presentation_state_is_listed_to_its_end(reader, shown) -> None:
    made = FAMILIES["presentation"]()
    made.result.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue = (
        "x " * 502 + "Aortic dissection."
    )

    assert "Aortic dissection." in reader.get(page_of(shown(made))).content.decode()
