"""Asking what is wrong with an instance: everything that storing would say, and nothing of it stored."""

from dataclasses import replace

import pytest

from overlays.governance.actor import Actor
from overlays.models import (
    AuditEntry,
    Overlay,
    OverlayVersion,
    Series,
    SourceInstance,
    StoredBytes,
    StoredInstance,
    Study,
)
from tests.api.helpers import Caller
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

TABLES = (Overlay, OverlayVersion, Series, SourceInstance, StoredBytes, StoredInstance, Study)


@pytest.fixture
def validate(pipeline):
    """Posts an instance to be validated; as the pipeline, unless told otherwise."""

    def send(data: bytes, actor: Actor = pipeline, content_type: str = "application/dicom"):
        return Caller(actor).send("validations", data, content_type)

    return send


def rules(answer) -> set[str]:
    return {found["rule"] for found in answer.json()["findings"]}


def kept(folder) -> tuple:
    files = sorted(str(path) for path in folder.rglob("*") if path.is_file())
    return (*(table.objects.count() for table in TABLES), files)


def test_a_sound_result_of_a_registered_model_would_wait_for_review(validate, sources, registered):
    registered()
    seg = segmentation(sources=sources)
    found = validate(to_bytes(seg)).json()
    assert found == {
        "would_store": True,
        "already_stored": False,
        "refusal": None,
        "instance": {
            "sop_class_uid": seg.SOPClassUID,
            "sop_instance_uid": seg.SOPInstanceUID,
            "study_instance_uid": seg.StudyInstanceUID,
            "series_instance_uid": seg.SeriesInstanceUID,
            "family": "SEG",
        },
        "model": {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI", "status": "approved"},
        "review_state": "pending",
        "verification": "verified",
        "findings": [],
    }


def test_nothing_of_it_is_stored(validate, sources, registered, own_store):
    registered()
    before = kept(own_store)
    assert validate(to_bytes(segmentation(sources=sources))).json()["would_store"]
    assert kept(own_store) == before


def test_a_source_image_is_not_stored_either(validate, own_store):
    found = validate(to_bytes(ct_series()[0])).json()
    assert (found["would_store"], found["review_state"], kept(own_store)) == (True, None, (0,) * len(TABLES) + ([],))


def test_that_it_was_asked_is_in_the_log(validate, sources):
    seg = segmentation(sources=sources, patient_id="SOMEBODY-ELSE")
    validate(to_bytes(seg))
    entry = AuditEntry.objects.get(event="instance:checked")
    assert (entry.actor_name, entry.study_instance_uid, entry.subject) == (
        "Liver pipeline",
        seg.StudyInstanceUID,
        seg.SOPInstanceUID,
    )
    assert "SRC-001" in entry.data["rules"]


def test_a_model_version_that_is_not_registered_would_be_quarantined(validate, sources):
    found = validate(to_bytes(segmentation(sources=sources))).json()
    assert (found["would_store"], found["review_state"], found["model"]["status"]) == (True, "quarantined", None)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda seg: setattr(seg, "PatientID", "SOMEBODY-ELSE"), "SRC-001"),
        (lambda seg: setattr(seg, "FrameOfReferenceUID", "1.2.826.0.1.3680043.8.498.1"), "SRC-005"),
        (lambda seg: setattr(seg, "SegmentSequence", seg.SegmentSequence[:1]), "FRM-"),
        (lambda seg: setattr(seg, "PixelData", seg.PixelData[:-64]), "IMG-"),
    ],
    ids=["patient", "frame of reference", "segments", "pixels"],
)
def test_it_says_what_storing_says(validate, post, sources, registered, change, rule):
    registered()
    seg = segmentation(sources=sources)
    change(seg)
    found = validate(to_bytes(seg)).json()
    stored = post(to_bytes(seg))
    assert found["findings"] == [each.as_json() for each in stored.findings]
    assert (found["would_store"], found["refusal"]) == (False, stored.refusal)
    assert any(each["rule"].startswith(rule) for each in found["findings"])


def test_bytes_that_are_stored_already_are_told_to_be_so(validate, posted, sources):
    posted("first")
    found = validate(to_bytes(segmentation(sources=sources, uid_seed="first"))).json()
    assert (found["would_store"], found["already_stored"]) == (True, True)


def test_other_bytes_under_a_known_uid_are_told(validate, posted, sources):
    posted("first")
    other = segmentation(sources=sources, uid_seed="first")
    other.SeriesDescription = "Changed"
    assert rules(validate(to_bytes(other))) == {"REG-002"}


def test_a_series_of_another_study_is_told(validate, sources):
    other = ct_series(uid_seed="elsewhere", series_uid=str(sources[0].SeriesInstanceUID))[0]
    assert rules(validate(to_bytes(other))) == {"REG-006"}


def test_an_image_of_another_patient_is_told(validate, sources):
    stranger = ct_series(uid_seed="other", study_uid=str(sources[0].StudyInstanceUID), patient_id="SOMEBODY-ELSE")[0]
    assert rules(validate(to_bytes(stranger))) == {"REG-011"}


def test_a_client_that_may_not_post_for_the_model_is_told(validate, sources, registered, pipeline):
    registered()
    stranger = replace(pipeline, key="client:other", client_id="other")
    assert rules(validate(to_bytes(segmentation(sources=sources)), actor=stranger)) == {"REG-003"}


def test_a_reader_asks_about_a_correction(validate, posted, sources, radiologist):
    posted("first")
    before = segmentation(sources=sources, uid_seed="first")
    mine = segmentation(sources=sources, uid_seed="mine", predecessor=before)
    found = validate(to_bytes(mine), actor=radiologist).json()
    assert (found["would_store"], found["model"], found["review_state"]) == (True, None, "pending")


def test_a_correction_of_nothing_is_told(validate, sources, radiologist):
    assert rules(validate(to_bytes(segmentation(sources=sources)), actor=radiologist)) == {"REG-007"}


def test_what_is_no_dicom_is_told(validate):
    found = validate(b"This is not DICOM." * 20).json()
    assert (found["would_store"], found["instance"]["sop_instance_uid"]) == (False, "")


def test_a_narrowed_grant_is_told_of_its_studies_alone(validate, posted, sources, pipeline):
    posted("first")
    other = segmentation(sources=sources, uid_seed="first")
    other.SeriesDescription = "Changed"
    found = validate(to_bytes(other), actor=replace(pipeline, studies=frozenset({"1.2.3"})))
    assert rules(found) == {"REG-004"}


def test_a_narrowed_grant_is_not_told_where_a_source_lies(validate, sources, pipeline, registered):
    registered()
    seg = segmentation(sources=sources, study_uid="1.2.3")
    answer = validate(to_bytes(seg), actor=replace(pipeline, studies=frozenset({"1.2.3"})))
    assert "REG-018" in rules(answer)
    assert not [each for each in answer.json()["findings"] if each["rule"].startswith("SRC")]


def test_no_finding_tells_a_patients_values(validate, sources):
    said = validate(to_bytes(segmentation(sources=sources, patient_id="ELSE-9", patient_name="Roe^Rita"))).content
    assert not [value for value in (b"ELSE-9", b"Roe", b"PAT-1", b"Doe") if value in said]


def test_a_viewer_may_not_ask(validate, clinician):
    assert validate(to_bytes(segmentation()), actor=clinician).status_code == 403


def test_another_media_type_is_refused(validate):
    answer = validate(b"{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


def test_a_body_over_the_limit_is_refused_and_gone(validate, settings, own_store):
    settings.OVERLAYS_MAX_INSTANCE_BYTES = 1000
    assert validate(to_bytes(segmentation())).status_code == 413
    assert not [path for path in own_store.rglob("*") if path.is_file()]


def test_large_objects_are_told_to_be_read_later(validate, sources, registered, settings):
    registered()
    settings.OVERLAYS_READ_LATER_BYTES = 1000
    found = validate(to_bytes(segmentation(sources=sources)))
    assert (found.json()["review_state"], rules(found)) == ("validating", {"REG-014"})


def test_no_spooled_file_is_left_behind(validate, own_store):
    validate(to_bytes(segmentation()))
    assert not [path for path in own_store.rglob("*") if path.is_file()]
