"""Tests the inspection of whole files."""

import random
from pathlib import Path

import pytest
from pydicom import config
from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import refuses
from overlays.dicom.inspect import Inspection, inspect
from overlays.dicom.instance import Family
from tests.builders import ct_series, deflated, report, segmentation, to_bytes
from tests.builders.mutations import BASES, base_bytes

SECRETS = ("PAT-1", "Doe", "19700101")


def inspected(content: bytes, folder: Path) -> Inspection:
    path = folder / "object.dcm"
    path.write_bytes(content)
    return inspect(path, bounds=Bounds(), scratch=folder)


@pytest.mark.parametrize("part", range(20))
def test_a_truncated_object_is_refused_with_findings(part: int, tmp_path: Path) -> None:
    content = base_bytes("binary")
    found = inspected(content[: len(content) * part // 20], tmp_path)
    assert found.instance is None
    assert refuses(found.findings)


@pytest.mark.parametrize("part", range(1, 20))
def test_a_truncated_deflated_object_is_refused_with_findings(part: int, tmp_path: Path) -> None:
    content = base_bytes("deflated")
    assert refuses(inspected(content[: len(content) * part // 20], tmp_path).findings)


@pytest.mark.parametrize("seed", range(40))
def test_damage_gives_findings_or_an_instance_and_never_an_exception(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        content = bytearray(base_bytes(chance.choice(tuple(BASES))))
        for _ in range(chance.choice((1, 3, 10))):
            at = chance.randrange(132, min(len(content), 6000))
            if chance.random() < 0.6:
                content[at] = chance.choice((0, 1, 0x5C, 0x7F, 0xFF))
            else:
                del content[at : at + chance.choice((1, 2, 8))]
        found = inspected(bytes(content), tmp_path)
        assert found.instance is not None or refuses(found.findings)


def test_all_faults_are_told_and_not_the_first(tmp_path: Path) -> None:
    broken = segmentation()
    broken.Modality = "CT"
    broken.ContentLabel = ""
    broken.SegmentSequence[0].SegmentLabel = ""
    del broken.PatientID
    found = inspected(to_bytes(broken), tmp_path)
    assert {finding.rule for finding in found.findings} == {"IDN-002", "IDN-003", "SEG-012", "SEG-021"}


def test_a_finding_names_tag_and_value(tmp_path: Path) -> None:
    broken = segmentation()
    broken.SegmentSequence[1].SegmentAlgorithmType = "ROBOT"
    finding = inspected(to_bytes(broken), tmp_path).findings[0]
    assert finding.path == "(0062,0002)[2].(0062,0008) SegmentAlgorithmType"
    assert "'ROBOT'" in finding.sentence


def test_a_refused_object_that_can_be_read_still_gives_its_instance(tmp_path: Path) -> None:
    broken = segmentation()
    broken.ContentLabel = ""
    found = inspected(to_bytes(broken), tmp_path)
    assert refuses(found.findings)
    assert found.instance.family is Family.SEGMENTATION


def test_the_class_that_is_not_taken_in_gives_no_instance(tmp_path: Path) -> None:
    image = ct_series()[0]
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.5"
    assert inspected(to_bytes(image), tmp_path).instance is None


def test_pixel_data_lies_where_the_layout_says(tmp_path: Path) -> None:
    made = segmentation()
    content = to_bytes(made)
    pixels = inspected(content, tmp_path).instance.pixels
    assert content[pixels.offset : pixels.offset + pixels.length] == made.PixelData


def test_the_layout_of_a_deflated_object_says_so(tmp_path: Path) -> None:
    found = inspected(deflated(to_bytes(segmentation())), tmp_path)
    assert found.instance.pixels.deflated
    assert not found.instance.pixels.encapsulated
    assert list(tmp_path.iterdir()) == [tmp_path / "object.dcm"]


@pytest.mark.parametrize("value", ["0" * 65, "x" * 65])
def test_findings_never_repeat_what_identifies_the_patient(value: str, tmp_path: Path) -> None:
    with config.disable_value_validation():
        broken = segmentation(patient_id="PAT-1" + value)
        broken.PatientSex = "f"
    found = inspected(to_bytes(broken), tmp_path)
    assert {finding.rule for finding in found.findings} >= {"TXT-003"}
    assert not [finding for finding in found.findings if any(secret in finding.sentence for secret in SECRETS)]


def test_every_family_is_read(tmp_path: Path) -> None:
    families = [
        inspected(to_bytes(made), tmp_path).instance.family for made in (segmentation(), report(), ct_series()[0])
    ]
    assert families == [Family.SEGMENTATION, Family.STRUCTURED_REPORT, Family.IMAGE]


def test_a_file_that_is_not_there_is_not_a_finding(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "nothing.dcm", bounds=Bounds())


def test_a_source_image_is_not_refused_for_text_of_an_undeclared_character_set(tmp_path: Path) -> None:
    image = ct_series()[0]
    image.SpecificCharacterSet = "ISO_IR 100"
    image.StudyDescription = "Schädel"
    content = to_bytes(image).replace(b"ISO_IR 100", b"ISO_IR 6  ", 1)
    assert inspected(content, tmp_path).findings == ()


def test_a_source_image_is_not_refused_for_a_uid_deep_inside(tmp_path: Path) -> None:
    image = ct_series()[0]
    with config.disable_value_validation():
        reference = Dataset()
        reference.ReferencedSOPInstanceUID = "1.02.3"
        image.ReferencedImageSequence = [reference]
    assert inspected(to_bytes(image), tmp_path).findings == ()
