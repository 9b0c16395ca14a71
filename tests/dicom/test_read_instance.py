"""Tests what is read of an object."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import AlgorithmClaim, Code, Instance, Measurement
from tests.builders import ct_series, report, segmentation, to_bytes, uid
from tests.builders.mutations import MUTATIONS


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def test_patient_and_study_are_read(read) -> None:
    instance = read(segmentation())
    assert (instance.patient.patient_id, instance.patient.name, instance.study.accession_number) == (
        "PAT-1",
        "Doe^Jane",
        "ACC-1",
    )


def test_a_name_is_decoded_under_its_character_set(read) -> None:
    made = segmentation(patient_name="Yamada^Tarou=山田^太郎=やまだ^たろう")
    assert read(made).patient.name == "Yamada^Tarou=山田^太郎=やまだ^たろう"


def test_a_name_in_japanese_code_extensions_is_decoded(read) -> None:
    made = segmentation()
    made.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    made.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert read(made).patient.name == "Yamada^Tarou=山田^太郎=やまだ^たろう"


def test_segments_are_read_with_codes_and_colours(read) -> None:
    first, second = read(segmentation()).segments
    assert (first.number, first.label, first.algorithm_type) == (1, "Liver", "AUTOMATIC")
    assert first.property_type == Code(value="10200004", scheme="SCT", meaning="Liver")
    assert first.rgb == (30, 200, 30)
    assert second.rgb == (30, 30, 200)


def test_sources_are_read_once_each_with_series_and_study(read) -> None:
    images = ct_series()
    references = read(segmentation(sources=images)).references
    assert {reference.sop_instance_uid for reference in references} == {image.SOPInstanceUID for image in images}
    assert {(r.series_instance_uid, r.study_instance_uid) for r in references} == {
        (images[0].SeriesInstanceUID, images[0].StudyInstanceUID)
    }


def test_the_grid_is_read_of_a_segmentation_and_of_an_image(read) -> None:
    for made in (segmentation(), ct_series()[0]):
        grid = read(made).grid
        assert (grid.rows, grid.columns, grid.pixel_spacing) == (64, 64, (0.75, 0.75))
        assert grid.orientation == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def test_predecessors_are_read_once_from_both_sequences(read) -> None:
    old = segmentation(uid_seed="old")
    assert read(segmentation(predecessor=old)).predecessors == (old.SOPInstanceUID,)


def test_algorithms_are_read_best_place_first(read) -> None:
    claims = read(segmentation()).algorithms
    assert [claim.rank for claim in claims] == [1, 3]
    assert claims[0] == AlgorithmClaim(
        rank=1,
        place="(0062,0002)[1].(0062,0007) SegmentationAlgorithmIdentificationSequence",
        name="LiverSeg",
        version="2.1.0",
        manufacturer="ACME AI",
    )


def test_an_encoder_library_in_contributing_equipment_names_no_algorithm(read) -> None:
    made = segmentation()
    assert "highdicom" in [item.get("ManufacturerModelName") for item in made.ContributingEquipmentSequence]
    assert 2 not in [claim.rank for claim in read(made).algorithms]


def test_processing_equipment_names_an_algorithm(read) -> None:
    made = segmentation()
    item = made.ContributingEquipmentSequence[-1]
    item.Manufacturer, item.ManufacturerModelName, item.SoftwareVersions = "Other", "SpleenSeg", "9"
    claim = next(claim for claim in read(made).algorithms if claim.rank == 2)
    assert (claim.name, claim.version, claim.manufacturer) == ("SpleenSeg", "9", "Other")


def test_the_algorithm_of_a_report_is_read_from_its_content(read) -> None:
    claim = read(report(model_name="Volumetry", model_version="3")).algorithms[0]
    assert (claim.rank, claim.name, claim.version) == (1, "Volumetry", "3")


def test_a_report_is_summarised_for_people(read) -> None:
    instance = read(report())
    assert (instance.template, instance.document_title.value, instance.completion_flag) == (
        "1500",
        "126000",
        "COMPLETE",
    )
    group = instance.measurement_groups[0]
    assert (group.tracking_id, group.tracking_uid, group.finding) == ("Liver", uid("report", "volume"), "Liver")
    assert group.measurements == (Measurement(name="Volume", value="123.4", unit="mm3", code="118565006, SCT"),)


def test_the_evidence_of_a_report_is_its_references(read) -> None:
    images, about = ct_series(), segmentation()
    named = [reference.sop_instance_uid for reference in read(report(sources=images, about=about)).references]
    assert set(named) == {made.SOPInstanceUID for made in (*images, about)}


def test_attributes_for_searches_are_in_the_json_model(read) -> None:
    attributes = read(segmentation()).attributes
    assert attributes["00080060"] == {"vr": "CS", "Value": ["SEG"]}
    assert attributes["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}
    assert attributes["00280010"] == {"vr": "US", "Value": [64]}
    assert attributes["00080090"] == {"vr": "PN"}


def test_attributes_for_searches_hold_no_pixels_and_nothing_private(read) -> None:
    made = segmentation()
    made.private_block(0x0071, "ACME", create=True).add_new(0x01, "LO", "note")
    attributes = read(made).attributes
    assert not {"7FE00010", "00711001", "00710010"} & set(attributes)


def test_attributes_for_searches_hold_of_sequences_what_can_be_searched(read) -> None:
    attributes = read(segmentation(segments=("Liver",))).attributes
    assert [tag for tag, value in attributes.items() if value["vr"] == "SQ"] == ["00620002", "0018A001"]
    (segment,) = attributes["00620002"]["Value"]
    assert set(segment) == {"00620003", "0062000F"}
    assert segment["0062000F"]["Value"][0]["00080104"] == {"vr": "LO", "Value": ["Liver"]}


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_implicit_and_explicit_say_the_same(read, syntax: str) -> None:
    explicit, other = read(segmentation()), read(segmentation(transfer_syntax=syntax))
    assert (other.segments, other.references, other.attributes) == (
        explicit.segments,
        explicit.references,
        explicit.attributes,
    )


def test_a_position_that_cannot_be_reckoned_with_is_none(tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(next(each for each in MUTATIONS if each.name == "a place of an image without end").content())
    grid = inspect(path, bounds=Bounds()).instance.grid
    assert grid.position is None
    assert grid.pixel_spacing is not None
