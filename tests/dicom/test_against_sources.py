"""Tests the comparison of an object with the sources that the registry knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from overlays.dicom.against_sources import compare
from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Family, Grid, Instance, KnownSource, Reference
from overlays.dicom.rules.policy import rule_policy
from overlays.dicom.rules.rule import Stage
from overlays.dicom.rules.table import TABLE
from tests.builders import (
    annotations,
    capture,
    ct_series,
    key_objects,
    presentation,
    report,
    segmentation,
    slide_image,
    sources_of,
    to_bytes,
    uid,
)
from tests.builders.contradictions import CONTRADICTIONS, Contradiction

OTHER = uid("other")


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory):
    def reading(data_set) -> Instance:
        path: Path = tmp_path_factory.mktemp("compare") / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


@pytest.fixture(scope="session")
def instance(read) -> Instance:
    return read(segmentation())


@pytest.fixture(scope="session")
def known() -> KnownSource:
    return sources_of(ct_series())[0]


def with_reference(instance: Instance, **changes: object) -> Instance:
    return replace(instance, references=tuple(replace(reference, **changes) for reference in instance.references))


@pytest.mark.parametrize("contradiction", CONTRADICTIONS, ids=lambda contradiction: contradiction.name)
def test_a_contradiction_fires_its_rule_alone(contradiction: Contradiction, tmp_path: Path) -> None:
    assert {finding.rule for finding in contradiction.findings(tmp_path)} == {contradiction.rule}


@pytest.mark.parametrize("rule", [rule.id for rule in TABLE if rule.stage in (Stage.SOURCES, Stage.MODEL)])
def test_every_rule_about_more_than_the_object_has_a_contradiction(rule: str) -> None:
    assert any(contradiction.rule == rule for contradiction in CONTRADICTIONS)


def test_sources_that_agree_give_no_finding(instance: Instance) -> None:
    assert compare(instance, sources_of(ct_series())) == ()


def test_no_known_source_gives_no_finding(instance: Instance) -> None:
    assert compare(instance, []) == ()


def test_the_patients_are_not_named_in_the_sentence(instance: Instance, known: KnownSource) -> None:
    findings = compare(instance, [replace(known, patient_id="SECRET", patient_name="Roe^Richard")])
    told = " ".join(finding.sentence for finding in findings)
    assert not [secret for secret in ("SECRET", "Roe", "PAT-1", "Doe") if secret in told]


def test_a_study_claimed_in_the_reference_is_compared_too(instance: Instance, known: KnownSource) -> None:
    findings = compare(with_reference(instance, study_instance_uid=OTHER), [known])
    assert [finding.rule for finding in findings] == ["SRC-003"]


@pytest.mark.parametrize("name", ["doe^jane", "Doe^Jane^^", "Doe^Jane="])
def test_another_spelling_of_the_name_is_the_same_person(name: str, instance: Instance, known: KnownSource) -> None:
    assert compare(instance, [replace(known, patient_name=name)]) == ()


def test_a_frame_that_the_source_has_may_be_referred_to(instance: Instance, known: KnownSource) -> None:
    assert compare(with_reference(instance, frame_numbers=(1, 500)), [replace(known, number_of_frames=500)]) == ()


def test_a_known_source_without_a_grid_is_not_compared_by_it(instance: Instance, known: KnownSource) -> None:
    assert compare(instance, [replace(known, grid=None)]) == ()


def test_a_resampled_grid_is_a_warning_that_names_what_differs(instance: Instance, known: KnownSource) -> None:
    other = Grid(rows=64, columns=64, pixel_spacing=(1.5, 1.5), orientation=(1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    sentence = compare(instance, [replace(known, grid=other)])[0].sentence
    assert sentence.startswith("Its pixel spacing and orientation differ")


def test_a_known_source_that_is_not_referred_to_is_still_compared_by_patient(
    instance: Instance, known: KnownSource
) -> None:
    stranger = replace(known, sop_instance_uid=OTHER, patient_id="PAT-2")
    assert [finding.rule for finding in compare(instance, [stranger])] == ["SRC-001"]


def test_references_without_series_are_not_compared_by_series(instance: Instance, known: KnownSource) -> None:
    bare = replace(instance, references=(Reference(sop_instance_uid=known.sop_instance_uid),), extent=())
    assert compare(bare, [known]) == ()


OTHERS = {
    Family.PRESENTATION_STATE: lambda: presentation(kind="ADVANCED_BLENDING"),
    Family.KEY_OBJECTS: key_objects,
    Family.SECONDARY_CAPTURE: capture,
}


@pytest.mark.parametrize("family", OTHERS)
def test_sources_that_agree_give_no_finding_on_other_families(family: Family, read) -> None:
    assert compare(read(OTHERS[family]()), sources_of(ct_series())) == ()


@pytest.mark.parametrize("family", OTHERS)
def test_another_patient_is_a_contradiction_in_every_family(family: Family, read, known: KnownSource) -> None:
    findings = compare(read(OTHERS[family]()), [replace(known, patient_id="PAT-2")])
    assert [finding.rule for finding in findings] == ["SRC-001"]


@pytest.mark.parametrize("family", [Family.PRESENTATION_STATE, Family.KEY_OBJECTS])
def test_a_source_in_another_study_is_none_where_the_object_says_so(family: Family, read, known: KnownSource) -> None:
    made = with_reference(read(OTHERS[family]()), study_instance_uid=OTHER)
    assert compare(made, [replace(known, study_instance_uid=OTHER)]) == ()


def _with_prior(made: Instance) -> Instance:
    """Its last reference is to an image of an earlier study."""
    *own, last = made.references
    return replace(made, references=(*own, replace(last, study_instance_uid=OTHER)))


def _prior(made: Instance, known: KnownSource) -> KnownSource:
    last = made.references[-1]
    return replace(
        known,
        sop_instance_uid=last.sop_instance_uid,
        sop_class_uid=last.sop_class_uid,
        series_instance_uid=last.series_instance_uid,
        study_instance_uid=OTHER,
    )


def test_a_report_may_compare_with_an_earlier_study_that_it_names(read, known: KnownSource) -> None:
    made = _with_prior(read(report()))
    assert compare(made, [known, _prior(made, known)]) == ()


def test_a_report_of_another_study_alone_is_a_contradiction(read, known: KnownSource) -> None:
    made = _with_prior(read(report()))
    assert [finding.rule for finding in compare(made, [_prior(made, known)])] == ["SRC-003"]


@pytest.mark.parametrize("family", OTHERS)
def test_a_source_in_another_study_than_the_object_says_is_a_contradiction(
    family: Family, read, known: KnownSource
) -> None:
    findings = compare(read(OTHERS[family]()), [replace(known, study_instance_uid=OTHER)])
    assert [finding.rule for finding in findings] == ["SRC-003"]


def test_blended_images_may_be_registered_from_other_frames_of_reference(read, known: KnownSource) -> None:
    made = read(presentation(kind="ADVANCED_BLENDING"))
    assert compare(made, [replace(known, frame_of_reference_uid=OTHER)]) == ()


def test_a_capture_is_not_compared_by_its_grid(read, known: KnownSource) -> None:
    assert compare(read(capture()), [replace(known, grid=replace(known.grid, rows=512))]) == ()


def test_the_place_in_the_sources_is_not_asked_when_one_of_them_is_not_known(
    instance: Instance, known: KnownSource
) -> None:
    aside = replace(known, grid=replace(known.grid, position=(500.0, 0.0, 0.0)))
    assert compare(instance, [aside]) == ()


def test_a_segmentation_of_a_part_lies_in_its_sources(read) -> None:
    images = ct_series()
    cut = read(segmentation(sources=images[1:3]))
    assert compare(replace(cut, references=read(segmentation()).references), sources_of(images)) == ()


def test_segments_that_are_there_may_be_referred_to(read, known: KnownSource) -> None:
    made = segmentation()
    described = replace(
        known,
        sop_instance_uid=made.SOPInstanceUID,
        sop_class_uid=made.SOPClassUID,
        series_instance_uid=made.SeriesInstanceUID,
        segment_numbers=frozenset((1, 2)),
    )
    assert compare(read(report()), [described]) == ()


def test_what_says_that_it_is_lossy_may_have_lossy_sources(read, known: KnownSource) -> None:
    made = segmentation()
    made.LossyImageCompression = "01"
    assert compare(read(made), [replace(known, lossy=True)]) == ()


def test_a_rule_that_is_switched_off_is_not_told(instance: Instance, known: KnownSource) -> None:
    other = replace(known, sop_class_uid=OTHER)
    assert compare(instance, [other], policy=rule_policy({"SRC-006": "off"})) == ()


def _frames_naming(made: Instance, change) -> Instance:
    return replace(
        made, frame_planes=tuple(replace(plane, sources=change(plane.sources)) for plane in made.frame_planes)
    )


def test_a_frame_made_of_all_sources_lies_between_them(instance: Instance) -> None:
    known = sources_of(ct_series())
    everything = tuple(source.sop_instance_uid for source in known)
    assert compare(_frames_naming(instance, lambda _: everything), known) == ()


def test_a_frame_is_not_placed_by_sources_of_which_one_is_not_known(instance: Instance) -> None:
    known = sources_of(ct_series())
    elsewhere = _frames_naming(instance, lambda _: (known[-1].sop_instance_uid, OTHER))
    assert compare(elsewhere, known) == ()


def test_a_frame_across_its_sources_lies_beside_none(instance: Instance) -> None:
    known = sources_of(ct_series())
    upright = tuple(replace(plane, orientation=(1.0, 0.0, 0.0, 0.0, 0.0, 1.0)) for plane in instance.frame_planes)
    turned = _frames_naming(replace(instance, frame_planes=upright), lambda _: (known[-1].sop_instance_uid,))
    assert compare(turned, known) == ()


def test_annotations_beyond_the_matrix_of_their_slide_are_told(read) -> None:
    made = read(annotations())
    slide = slide_image()
    known = replace(
        sources_of(ct_series())[0],
        sop_instance_uid=slide.SOPInstanceUID,
        sop_class_uid=slide.SOPClassUID,
        series_instance_uid=slide.SeriesInstanceUID,
        study_instance_uid=slide.StudyInstanceUID,
        frame_of_reference_uid=slide.FrameOfReferenceUID,
        number_of_frames=16,
        grid=None,
    )
    assert compare(made, [replace(known, matrix=(256, 256))]) == ()
    assert [finding.rule for finding in compare(made, [replace(known, matrix=(30, 256))])] == ["SRC-018"]
