"""Tests which model version an object is believed to be made by."""

import pytest

from overlays.dicom.findings import Severity
from overlays.dicom.instance import (
    AlgorithmClaim,
    Equipment,
    Family,
    Instance,
    Patient,
    SeriesAttributes,
    StudyAttributes,
)
from overlays.dicom.model_identity import ModelClaim, claimed_model

SEGMENT = AlgorithmClaim(rank=1, place="segment", name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
CONTRIBUTOR = AlgorithmClaim(rank=2, place="contributor", name="LiverSeg", version="2.1.0")
EQUIPMENT = AlgorithmClaim(rank=3, place="equipment", name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
DECLARED = AlgorithmClaim(rank=1, place="request", name="LiverSeg", version="2.1.0")


def made_by(*claims: AlgorithmClaim) -> Instance:
    return Instance(
        family=Family.SEGMENTATION,
        sop_class_uid="",
        sop_instance_uid="",
        study_instance_uid="",
        series_instance_uid="",
        transfer_syntax_uid="",
        modality="SEG",
        patient=Patient(),
        study=StudyAttributes(),
        series=SeriesAttributes(),
        equipment=Equipment(),
        algorithms=claims,
    )


def changed(claim: AlgorithmClaim, **values: str) -> AlgorithmClaim:
    return AlgorithmClaim(
        **{**{word: getattr(claim, word) for word in ("rank", "place", "name", "version", "manufacturer")}, **values}
    )


@pytest.mark.parametrize("claims", [(SEGMENT, CONTRIBUTOR, EQUIPMENT), (EQUIPMENT, CONTRIBUTOR, SEGMENT)])
def test_the_best_place_is_believed_whatever_the_order(claims: tuple[AlgorithmClaim, ...]) -> None:
    claim, findings = claimed_model(made_by(*claims), None)
    assert claim == ModelClaim(name="LiverSeg", version="2.1.0", manufacturer="ACME AI", place="segment")
    assert findings == ()


def test_what_the_client_declares_is_believed_last() -> None:
    claim, findings = claimed_model(made_by(EQUIPMENT), changed(DECLARED, version="9"))
    assert claim.version == "2.1.0"
    assert [finding.rule for finding in findings] == ["MOD-001"]


def test_a_declaration_alone_is_enough() -> None:
    claim, findings = claimed_model(made_by(), DECLARED)
    assert (claim.name, claim.version, claim.place) == ("LiverSeg", "2.1.0", "request")
    assert findings == ()


@pytest.mark.parametrize("values", [{"name": "SpleenSeg"}, {"version": "2.2.0"}])
def test_places_that_contradict_each_other_are_told(values: dict[str, str]) -> None:
    claim, findings = claimed_model(made_by(SEGMENT, changed(EQUIPMENT, **values)), None)
    assert claim.place == "segment"
    assert [(finding.rule, finding.path) for finding in findings] == [("MOD-001", "equipment")]


@pytest.mark.parametrize("values", [{"version": ""}, {"name": "liverseg "}, {"manufacturer": ""}])
def test_what_a_place_leaves_out_contradicts_nothing(values: dict[str, str]) -> None:
    assert claimed_model(made_by(SEGMENT, changed(EQUIPMENT, **values)), None)[1] == ()


def test_a_version_that_the_best_place_leaves_out_comes_from_the_next() -> None:
    claim, findings = claimed_model(made_by(changed(SEGMENT, version=""), EQUIPMENT), None)
    assert claim.version == "2.1.0"
    assert findings == ()


def test_no_place_at_all_is_told_and_gives_nothing() -> None:
    claim, findings = claimed_model(made_by(), None)
    assert claim is None
    assert [finding.rule for finding in findings] == ["MOD-002"]


def test_a_name_without_version_is_told() -> None:
    claim, findings = claimed_model(made_by(changed(EQUIPMENT, version="")), None)
    assert claim.version == ""
    assert [finding.rule for finding in findings] == ["MOD-002"]


@pytest.mark.parametrize("what", ["name", "version", "manufacturer"])
def test_a_model_is_not_known_by_more_than_64_characters(what: str) -> None:
    _, findings = claimed_model(made_by(changed(SEGMENT, **{what: "x" * 65})), None)
    assert [(finding.rule, finding.severity, finding.path) for finding in findings] == [
        ("MOD-003", Severity.ERROR, "segment")
    ]
    assert claimed_model(made_by(changed(SEGMENT, **{what: "x" * 64})), None)[1] == ()
