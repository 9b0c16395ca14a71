"""The synthetic CT is reproducible, looks like what it claims to be, and is legal DICOM."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from pydicom import dcmread

from overlays.management.demo.phantom import Phantom, abdomen
from overlays.management.demo.phantom_canvas import Geometry
from overlays.management.demo.phantom_ct import StudyOfPhantom, ct_series
from overlays.management.demo.phantom_model import predicted, probabilities
from overlays.management.demo.phantom_objects import (
    Kind,
    ModelOfPhantom,
    measure,
    report,
    segmentation,
)
from overlays.management.demo.phantom_trunk import Structure

COARSE = Geometry(slices=16, rows=64, columns=64, pixel_spacing=6.0, slice_spacing=16.0, top=128.0)
CREATED = datetime(2026, 11, 2, 9, 41, 7)
STUDY = StudyOfPhantom(
    seed="test", patient_id="P-1", patient_name="Phantom^Ada", performed=datetime(2026, 11, 2, 9, 30)
)
MODEL = ModelOfPhantom(name="LiverSeg", version="2.1.0", manufacturer="ACME AI", parameters={"weights": "sha256:1234"})
VALIDATOR = Path(sys.executable).with_name("dciodvfy")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return abdomen(7, COARSE)


@pytest.fixture(scope="module")
def sources(phantom):
    return ct_series(phantom.hounsfield, phantom.geometry, STUDY)


def encode(phantom, sources, kind=Kind.BINARY):
    masks = phantom.masks
    if kind is Kind.FRACTIONAL:
        masks = {structure: probabilities(mask, 3) for structure, mask in masks.items()}
    return segmentation(sources, masks, STUDY, MODEL, created=CREATED, series=kind, series_number=100, kind=kind)


@pytest.fixture(scope="module")
def segments(phantom, sources):
    return encode(phantom, sources)


@pytest.fixture(scope="module")
def document(phantom, sources, segments):
    values = {
        structure: measure(phantom.hounsfield, phantom.geometry, mask) for structure, mask in phantom.masks.items()
    }
    return report(sources, segments, values, STUDY, MODEL, created=CREATED, series="sr", series_number=101)


def complaints(dataset, path: Path) -> list[str]:
    dataset.save_as(path, enforce_file_format=True)
    told = subprocess.run([VALIDATOR, "-new", path], capture_output=True, text=True, check=False).stderr
    return [line for line in told.splitlines() if line.startswith("Error")]


def test_the_same_seed_gives_the_same_numbers(phantom):
    assert np.array_equal(abdomen(7, COARSE).hounsfield, phantom.hounsfield)


def test_another_seed_gives_other_numbers(phantom):
    assert not np.array_equal(abdomen(8, COARSE).hounsfield, phantom.hounsfield)


@pytest.mark.parametrize(
    ("structure", "low", "high"),
    [
        (Structure.LIVER, 80, 130),
        (Structure.SPLEEN, 95, 140),
        (Structure.LEFT_KIDNEY, 130, 210),
        (Structure.RIGHT_KIDNEY, 130, 210),
        (Structure.LESION, 40, 95),
        (Structure.AORTA, 110, 190),
    ],
)
def test_an_organ_has_the_attenuation_of_its_tissue(phantom, structure, low, high):
    _, attenuation = measure(phantom.hounsfield, phantom.geometry, phantom.masks[structure])

    assert low < attenuation < high


def test_the_lungs_are_at_the_head_end(phantom):
    air = ((phantom.hounsfield > -900) & (phantom.hounsfield < -820)).sum(axis=(1, 2))

    assert air[:4].min() > 3 * air[-4:].max()


def test_the_liver_is_at_the_patients_right(phantom):
    columns = np.argwhere(phantom.masks[Structure.LIVER])[:, 2]

    assert columns.mean() < COARSE.columns / 2


def test_the_model_agrees_with_the_truth_but_not_wholly(phantom):
    truth = phantom.masks[Structure.LIVER]
    found = predicted(truth, 1)
    dice = 2 * (truth & found).sum() / (truth.sum() + found.sum())

    assert 0.7 < dice < 1


def test_the_model_misses_the_lower_end(phantom):
    truth = phantom.masks[Structure.LIVER]
    used = np.flatnonzero(truth.any(axis=(1, 2)))

    assert not predicted(truth, 1, missed=0.3)[used[-2] :].any()


def test_the_model_invents_a_ball(phantom):
    truth = phantom.masks[Structure.LESION]

    assert (predicted(truth, 1, invented=8) & ~predicted(truth, 1)).any()


def test_a_model_finds_nothing_of_what_is_not_there():
    assert not predicted(np.zeros((4, 8, 8), bool), 1, missed=0.5, invented=3).any()


def test_the_ct_is_legal(sources, tmp_path):
    assert complaints(sources[3], tmp_path / "ct.dcm") == []


def test_the_ct_stores_hounsfield_units(phantom, sources):
    image = sources[5]

    assert np.array_equal(image.pixel_array.astype(int) + int(image.RescaleIntercept), phantom.hounsfield[5])


@pytest.mark.parametrize("kind", list(Kind))
def test_a_segmentation_is_legal(phantom, sources, kind, tmp_path):
    assert complaints(encode(phantom, sources, kind), tmp_path / "seg.dcm") == []


def test_the_report_is_legal(document, tmp_path):
    assert complaints(document, tmp_path / "sr.dcm") == []


def test_the_segmentation_names_its_model_in_every_place(segments):
    algorithms = [item.SegmentationAlgorithmIdentificationSequence[0] for item in segments.SegmentSequence]
    purposes = {
        item.ManufacturerModelName: item.PurposeOfReferenceCodeSequence[0].CodeValue
        for item in segments.ContributingEquipmentSequence
    }

    assert {(item.AlgorithmName, item.AlgorithmVersion) for item in algorithms} == {("LiverSeg", "2.1.0")}
    assert purposes["LiverSeg"] == "109102"
    assert (segments.ManufacturerModelName, segments.SoftwareVersions) == ("LiverSeg", "2.1.0")


def test_a_kidney_has_its_side(segments):
    sides = {
        item.SegmentLabel: item.SegmentedPropertyTypeCodeSequence[0]
        .SegmentedPropertyTypeModifierCodeSequence[0]
        .CodeMeaning
        for item in segments.SegmentSequence
        if "kidney" in item.SegmentLabel
    }

    assert sides == {"Left kidney": "Left", "Right kidney": "Right"}


def test_highdicom_reads_the_masks_back(phantom, segments, tmp_path):
    path = tmp_path / "seg.dcm"
    segments.save_as(path)
    uids = [item.ReferencedSOPInstanceUID for item in segments.ReferencedSeriesSequence[0].ReferencedInstanceSequence]
    read = hd.seg.segread(path).get_pixels_by_source_instance([STUDY.uid("ct", "image", i) for i in range(16)])

    assert set(uids) <= {STUDY.uid("ct", "image", index) for index in range(16)}
    assert np.array_equal(np.moveaxis(read, -1, 0).astype(bool), np.stack(list(phantom.masks.values())))


def test_a_report_measures_each_segment(document, tmp_path):
    path = tmp_path / "sr.dcm"
    document.save_as(path)
    groups = hd.sr.srread(path).content.get_volumetric_roi_measurement_groups()

    assert [len(group.get_measurements()) for group in groups] == [2] * len(Structure)


@pytest.mark.parametrize("make", ["segmentation", "report"])
def test_the_same_arguments_give_the_same_bytes(phantom, sources, document, tmp_path, make):
    first, second = tmp_path / "first.dcm", tmp_path / "second.dcm"
    again = encode(phantom, sources)
    if make == "report":
        values = {
            structure: measure(phantom.hounsfield, phantom.geometry, mask) for structure, mask in phantom.masks.items()
        }
        again = report(sources, again, values, STUDY, MODEL, created=CREATED, series="sr", series_number=101)
        document.save_as(first)
    else:
        encode(phantom, sources).save_as(first)
    again.save_as(second)

    assert first.read_bytes() == second.read_bytes()
    assert dcmread(second).InstanceCreationDate == "20261102"
