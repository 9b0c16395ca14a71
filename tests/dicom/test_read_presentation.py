"""Tests what is read of how a presentation state wants its images shown."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import DisplayAdvice, GraphicLayer, Instance
from overlays.dicom.read_presentation import MAX_LAYERS, MAX_TEXTS
from tests.builders import ct_series, presentation, to_bytes


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def test_a_layer_has_its_graphics_and_texts(read) -> None:
    assert read(presentation()).display == DisplayAdvice(
        layers=(
            GraphicLayer(
                name="AI", order=1, description="Outline of the model", graphics=2, texts=("AI: liver", "here")
            ),
        ),
        windows=((40.0, 400.0),),
    )


def test_a_layer_that_only_an_annotation_names_is_told(read) -> None:
    made = presentation()
    made.GraphicAnnotationSequence[0].GraphicLayer = "OTHER"
    layers = read(made).display.layers
    assert [(layer.name, layer.order, layer.graphics) for layer in layers] == [("AI", 1, 0), ("OTHER", None, 2)]


def test_several_windows_are_told_in_their_order(read) -> None:
    made = presentation()
    made.SoftcopyVOILUTSequence[0].WindowCenter = [40, -600]
    made.SoftcopyVOILUTSequence[0].WindowWidth = [400, 1500]
    assert read(made).display.windows == ((40.0, 400.0), (-600.0, 1500.0))


@pytest.mark.parametrize(
    ("kind", "blending"),
    [
        ("PSEUDO_COLOR", ()),
        ("BLENDING", ("UNDERLYING and SUPERIMPOSED, opacity 0.5",)),
        ("ADVANCED_BLENDING", ("FOREGROUND, opacity 0.5",)),
    ],
)
def test_palette_and_blending_are_told(read, kind: str, blending: tuple[str, ...]) -> None:
    display = read(presentation(kind=kind)).display
    assert (display.palette, display.blending) == ("own", blending)


def test_the_windows_of_blended_sets_are_told(read) -> None:
    assert read(presentation(kind="BLENDING")).display.windows == ((40.0, 400.0), (40.0, 400.0))


def test_a_palette_known_by_its_uid_is_told_by_it(read) -> None:
    made = presentation(kind="PSEUDO_COLOR")
    made.PaletteColorLookupTableUID = "1.2.840.10008.1.5.1"
    assert read(made).display.palette == "1.2.840.10008.1.5.1"


def test_a_state_without_palette_has_none(read) -> None:
    assert read(presentation(kind="COLOR")).display.palette == ""


def test_layers_and_texts_without_end_are_cut(read) -> None:
    made = presentation()
    annotation = made.GraphicAnnotationSequence[0]
    annotation.TextObjectSequence = [annotation.TextObjectSequence[0]] * (MAX_TEXTS + 5)
    made.GraphicLayerSequence = [made.GraphicLayerSequence[0]] * (MAX_LAYERS + 5)
    layers = read(made).display.layers
    assert [(layer.name, len(layer.texts)) for layer in layers] == [("AI", MAX_TEXTS)]


def test_who_made_a_state_and_when_is_told(read) -> None:
    instance = read(presentation())
    assert (instance.content_creator, instance.content_date, instance.content_time) == (
        "AI^LiverSeg",
        "20260103",
        "120000",
    )


@pytest.mark.parametrize("kind", ["GRAYSCALE", "PSEUDO_COLOR", "BLENDING", "ADVANCED_BLENDING"])
def test_every_image_of_a_state_is_a_source_with_its_series(read, kind: str) -> None:
    images = ct_series()
    references = read(presentation(kind=kind)).references
    assert [reference.sop_instance_uid for reference in references] == [image.SOPInstanceUID for image in images]
    assert {(reference.study_instance_uid, reference.series_instance_uid) for reference in references} == {
        (images[0].StudyInstanceUID, images[0].SeriesInstanceUID)
    }
