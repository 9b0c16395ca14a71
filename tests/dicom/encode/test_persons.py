"""What a person made says so, and claims no model that took no part."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.description import read_description
from overlays.dicom.encode.encoders import encode
from overlays.dicom.encode.refusal import EncodingRefused
from overlays.dicom.encode.segmentation import encode_mask
from overlays.dicom.inspect import inspect
from overlays.dicom.model_identity import claimed_model
from tests.dicom.encode import works
from tests.dicom.encode.wishes import LIVER, PREDECESSOR, document, labels, placed, sources, work, written

READER = "R. Lee"
MODEL = document()["model"]
SECTIONS = {
    "report": {"groups": [{"tracking_id": "Liver", "finding": LIVER}]},
    "presentation_state": {
        "annotations": [
            {
                "image": str(sources()[0].SOPInstanceUID),
                "graphics": [{"type": "POINT", "points": [[1, 1]]}],
            }
        ]
    },
}


def described(reader: str = READER, model: dict | None = None, **algorithm: str):
    """The description of a segmentation; ``algorithm`` goes into each segment."""
    document_ = document()
    del document_["model"]
    for segment in document_["segmentation"]["segments"]:
        segment |= algorithm
    return read_description(json.dumps(document_ | ({"model": model} if model else {})).encode(), reader=reader)


def corrected(**more) -> Dataset:
    made = replace(work(), description=described(**more), predecessor=PREDECESSOR)
    return encode_mask(placed(labels()), made).dataset


def others(kind: str, model: dict | None = None) -> Dataset:
    text = {"kind": kind, "sources": {"series": sources()[0].SeriesInstanceUID}, kind: SECTIONS[kind]}
    text |= {"model": model} if model else {}
    made = replace(work(), description=read_description(json.dumps(text).encode(), reader=READER))
    return encode(replace(made, predecessor=PREDECESSOR)).dataset


def models_named(built: Dataset) -> set[str]:
    return {name for name in ("LiverSeg", "ACME AI") if name in str(built)}


@pytest.mark.parametrize("model", [None, MODEL])
def test_what_was_drawn_by_hand_names_no_model(model):
    built = corrected(model=model)
    assert models_named(built) == set()
    assert {item.SegmentAlgorithmType for item in built.SegmentSequence} == {"MANUAL"}


def test_it_names_the_person_as_creator_and_operator():
    built = corrected()
    encoder = built.ContributingEquipmentSequence[-1]
    assert (built.ContentCreatorName, built.OperatorsName, encoder.OperatorsName) == (READER,) * 3


def test_its_creator_is_the_person_whoever_is_said_to_be():
    text = document() | {"content_creator": "Somebody^Else"}
    assert read_description(json.dumps(text).encode(), reader=READER).content_creator == READER


def test_a_model_that_took_part_is_named_and_did_not_make_it_alone():
    built = corrected(model=MODEL, algorithm_type="SEMIAUTOMATIC")
    first, *rest = built.ContributingEquipmentSequence
    assert (built.ContentCreatorName, first.ManufacturerModelName) == (READER, "LiverSeg")
    assert first.ContributionDescription == "Took part in making the result"
    assert "LiverSeg" not in {item.get("ManufacturerModelName") for item in rest}


def test_a_model_that_took_part_is_to_be_named():
    with pytest.raises(EncodingRefused) as refused:
        described(algorithm_type="SEMIAUTOMATIC")
    assert [(fault.path, fault.sentence) for fault in refused.value.faults] == [
        ("$", "model is missing: segment 1 is SEMIAUTOMATIC.")
    ]


def test_a_pipeline_names_its_model_always():
    with pytest.raises(EncodingRefused):
        described(reader="", algorithm_type="MANUAL")


def test_of_a_pipeline_too_manual_segments_name_no_model(tmp_path):
    built = corrected(reader="", model=MODEL, algorithm_type="MANUAL")
    assert not [item for item in built.ContributingEquipmentSequence if item.get("ManufacturerModelName") == "LiverSeg"]
    assert claimed_model(inspect(written(built, tmp_path), bounds=Bounds()).instance, None)[0] is None


@pytest.mark.parametrize("kind", SECTIONS)
def test_reports_and_drawings_of_a_person_name_no_model(kind):
    built = others(kind)
    assert models_named(built) == set()
    assert "AI" not in {layer.GraphicLayer for layer in built.get("GraphicLayerSequence", ())}
    assert READER in str(built)


@pytest.mark.parametrize("kind", SECTIONS)
def test_a_model_that_a_person_names_for_them_took_part(kind):
    assert models_named(others(kind, MODEL)) == {"LiverSeg", "ACME AI"}


@pytest.mark.parametrize(
    "make",
    [
        corrected,
        lambda: corrected(model=MODEL, algorithm_type="SEMIAUTOMATIC"),
        lambda: others("report"),
        lambda: others("report", MODEL),
        lambda: others("presentation_state"),
    ],
    ids=["by hand", "with a model", "report", "report with a model", "presentation state"],
)
def test_it_breaks_no_rule(make, tmp_path: Path):
    path = written(make(), tmp_path)
    assert (works.errors(path), works.errors_of_dciodvfy(path)) == ([], [])
