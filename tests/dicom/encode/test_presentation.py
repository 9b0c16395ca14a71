"""Display advice becomes a presentation state."""

import pydicom
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.presentation import encode_presentation_state
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.inspect import inspect
from overlays.dicom.model_identity import claimed_model
from tests.builders import ct_series
from tests.dicom.encode.works import errors, errors_of_dciodvfy, predecessor_of, work, written

WINDOW = {"center": 40, "width": 400, "explanation": "soft tissue"}
PALETTE = [{"at": 0, "colour": "#000000"}, {"at": 0.5, "colour": "#ff0000"}, {"at": 1, "colour": "#ffffff"}]
SQUARE = [[10, 10], [20, 10], [20, 20], [10, 10]]


@pytest.fixture(scope="module")
def images() -> list:
    return ct_series()


def annotation(image, **more) -> dict:
    return {
        "image": str(image.SOPInstanceUID),
        "graphics": [{"type": "POLYLINE", "points": SQUARE}],
        "texts": [{"text": "lesion", "anchor": [22, 10]}],
    } | more


def encode(images, predecessor=None, **section):
    return encode_presentation_state(
        work("presentation_state", section, sources=images, predecessor=predecessor, content_label="AI_PR")
    )


def sections(images) -> dict[str, dict]:
    """One of each kind, by name."""
    return {
        "window": {"window": WINDOW},
        "drawing": {"annotations": [annotation(images[1])]},
        "palette": {"form": "PSEUDO_COLOR", "palette": PALETTE},
        "all": {
            "form": "PSEUDO_COLOR",
            "palette": PALETTE,
            "window": WINDOW,
            "layers": [{"name": "LESIONS", "description": "What was found", "colour": "#ffcc00"}, {"name": "AI"}],
            "annotations": [
                annotation(images[0], layer="AI"),
                annotation(
                    images[1],
                    graphics=[
                        {"type": "POINT", "points": [[1, 1]]},
                        {"type": "CIRCLE", "points": [[30, 30], [35, 30]], "filled": True},
                        {"type": "ELLIPSE", "points": [[20, 30], [40, 30], [30, 25], [30, 35]]},
                        {
                            "type": "POLYLINE",
                            "points": SQUARE,
                            "tracking_id": "Lesion 1",
                            "tracking_uid": "1.2.826.0.1.3680043.8.498.5",
                        },
                    ],
                ),
            ],
        },
    }


NAMES = list(sections(ct_series(slices=2)))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_sound(images, name, tmp_path):
    path = written(encode(images, **sections(images)[name]), tmp_path)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_what_is_drawn_is_where_it_was_said(images, tmp_path):
    found = pydicom.dcmread(written(encode(images, annotations=[annotation(images[1])]), tmp_path))
    item = found.GraphicAnnotationSequence[0]
    assert item.ReferencedImageSequence[0].ReferencedSOPInstanceUID == images[1].SOPInstanceUID
    assert list(item.GraphicObjectSequence[0].GraphicData) == [value for point in SQUARE for value in point]
    assert item.TextObjectSequence[0].UnformattedTextValue == "lesion"


def test_every_image_that_is_drawn_on_bears_the_models_name(images):
    both = [annotation(images[0]), annotation(images[1])]
    label = encode(images, annotations=both).dataset.GraphicAnnotationSequence[-1]
    named = [item.ReferencedSOPInstanceUID for item in label.ReferencedImageSequence]
    assert named == [images[0].SOPInstanceUID, images[1].SOPInstanceUID]
    assert label.TextObjectSequence[0].UnformattedTextValue == "AI · LiverSeg 2.1.0"


def test_whole_numbers_may_be_written_with_a_point(images, tmp_path):
    path = written(encode(images, annotations=[annotation(images[0], frame=1.0)]), tmp_path)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_a_window_alone_draws_nothing(images):
    built = encode(images, window=WINDOW).dataset
    assert "GraphicAnnotationSequence" not in built
    window = built.SoftcopyVOILUTSequence[0]
    assert (float(window.WindowCenter), float(window.WindowWidth)) == (40, 400)


def test_a_palette_goes_through_its_stops(images):
    built = encode(images, form="PSEUDO_COLOR", palette=PALETTE, window=WINDOW).dataset
    red = built.RedPaletteColorLookupTableData
    assert (int.from_bytes(red[:2], "little"), int.from_bytes(red[-2:], "little")) == (0, 65535)
    assert len(red) == 512
    assert float(built.SoftcopyVOILUTSequence[0].WindowWidth) == 400


def test_its_layers_are_read_from_it(images, tmp_path):
    instance = inspect(written(encode(images, **sections(images)["all"]), tmp_path), bounds=Bounds()).instance
    assert {layer.name for layer in instance.display.layers} == {"LESIONS", "AI"}


def test_its_sources_are_the_images(images, tmp_path):
    instance = inspect(written(encode(images, window=WINDOW), tmp_path), bounds=Bounds()).instance
    assert {each.sop_instance_uid for each in instance.references} == {str(image.SOPInstanceUID) for image in images}


def test_its_model_version_is_read_from_it(images, tmp_path):
    instance = inspect(written(encode(images, window=WINDOW), tmp_path), bounds=Bounds()).instance
    claim, findings = claimed_model(instance, None)
    assert ((claim.name, claim.version, claim.manufacturer), findings) == (("LiverSeg", "2.1.0", "ACME AI"), ())


def test_a_correction_names_its_predecessor(images, tmp_path):
    before = encode(images, window=WINDOW).dataset
    path = written(encode(images, predecessor=predecessor_of(before), window=WINDOW), tmp_path)
    assert inspect(path, bounds=Bounds()).instance.predecessors == (str(before.SOPInstanceUID),)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_the_same_work_gives_the_same_bytes(images, tmp_path):
    section = sections(images)["all"]
    first = written(encode(images, **section), tmp_path).read_bytes()
    assert written(encode(images, **section), tmp_path).read_bytes() == first


NOTE = {"text": "x", "anchor": [1, 1]}


def on(**annotation) -> dict:
    """A section that draws on an image which there is not."""
    return {"annotations": [{"image": "1.2.3"} | annotation]}


def drawn(kind: str, points: list, **more) -> dict:
    return on(graphics=[{"type": kind, "points": points} | more])


@pytest.mark.parametrize(
    ("section", "path", "said"),
    [
        ({}, "", "says something"),
        ({"palette": PALETTE}, ".palette", "PSEUDO_COLOR"),
        ({"form": "PSEUDO_COLOR", "window": WINDOW}, ".palette", "PSEUDO_COLOR"),
        ({"form": "PSEUDO_COLOR", "palette": PALETTE[::-1]}, ".palette", "rising"),
        ({"window": WINDOW, "layers": [{"name": "AI"}, {"name": "AI"}]}, ".layers", "same name"),
        ({"window": WINDOW, "layers": [{"name": "ai"}]}, ".layers[0].name", "A-Z"),
        (on(texts=[NOTE]), ".annotations[0].image", "not among"),
        (on(), ".annotations[0]", "graphics or texts"),
        (on(layer="OTHER", texts=[NOTE]), ".annotations[0].layer", "no layer OTHER"),
        (drawn("CIRCLE", SQUARE), ".annotations[0].graphics[0].points", "2 points"),
        (drawn("POINT", [[1, 1]], filled=True), ".annotations[0].graphics[0].filled", "not filled"),
        (drawn("POINT", [[1, 1]], tracking_id="a"), ".annotations[0].graphics[0]", "come together"),
        ({"shutter": 1}, "", "not known"),
    ],
)
def test_a_section_that_says_nonsense_is_refused(images, section, path, said):
    with pytest.raises(EncodingRefused) as caught:
        encode(images, **section)
    assert caught.value.reason is Reason.DESCRIPTION
    assert [
        fault for fault in caught.value.faults if fault.path == f"$.presentation_state{path}" and said in fault.sentence
    ]


def test_a_point_outside_the_image_is_refused_with_its_size(images):
    outside = annotation(images[0], graphics=[{"type": "POINT", "points": [[65, 1]]}])
    with pytest.raises(EncodingRefused) as caught:
        encode(images, annotations=[outside])
    assert "64 columns and 64 rows" in caught.value.faults[0].sentence


def test_a_frame_that_there_is_not_is_refused(images):
    with pytest.raises(EncodingRefused) as caught:
        encode(images, annotations=[annotation(images[0], frame=2)])
    assert caught.value.faults[0].path.endswith(".frame")


def test_coloured_images_are_refused():
    images = ct_series(slices=1)
    images[0].SamplesPerPixel = 3
    with pytest.raises(EncodingRefused, match="not grey") as caught:
        encode(images, window=WINDOW)
    assert caught.value.reason is Reason.SOURCES
