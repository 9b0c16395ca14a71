"""What is done after the answer: large objects are withheld until highdicom has read them."""

from uuid import uuid4

import pytest

from overlays.governance.vocabulary import Purpose
from overlays.models import AuditEntry, OverlayVersion
from overlays.queries.stored_bytes import path_of
from overlays.services import background
from overlays.services.decide import decide_for_study
from overlays.services.highdicom_reading import NotRead
from overlays.services.registry_findings import finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(settings, posted) -> OverlayVersion:
    """A version that counts as large."""
    settings.OVERLAYS_READ_LATER_BYTES = 1
    return posted()


def state(version) -> str:
    return OverlayVersion.objects.get(pk=version.pk).review_state


def test_a_large_object_is_still_validating_when_its_post_is_answered(large):
    assert large.review_state == "validating"
    assert "REG-014" in {finding["rule"] for finding in large.findings}


@pytest.mark.parametrize("purpose", [Purpose.CLINICAL, Purpose.REVIEW])
def test_until_it_has_passed_it_is_withheld(large, radiologist, now, purpose):
    study = large.study.study_instance_uid
    answer = decide_for_study(actor=radiologist, at=now, decision_id=uuid4(), study=study, purpose=purpose)
    assert [str(ruling.verdict) for ruling in answer.rulings] == ["withhold"]


def test_when_highdicom_has_read_it_it_waits_for_review(large):
    background.run("finish_validation", large.sop_instance_uid)
    assert state(large) == "pending"
    assert AuditEntry.objects.filter(event="version:validated", subject=large.sop_instance_uid).count() == 1


def test_one_of_an_unregistered_model_is_quarantined_then(settings, posted):
    settings.OVERLAYS_READ_LATER_BYTES = 1
    version = posted(model_version="9.9.9")
    background.run("finish_validation", version.sop_instance_uid)
    assert state(version) == "quarantined"


def test_what_highdicom_cannot_read_is_withdrawn_with_the_reason(large):
    stored = path_of(large.sha256)
    stored.chmod(0o600)
    stored.write_bytes(b"not DICOM any more")
    background.run("finish_validation", large.sop_instance_uid)
    assert state(large) == "withdrawn"
    assert "highdicom cannot read" in AuditEntry.objects.get(event="version:withdrawn").data["reason"]


def test_a_decoder_that_has_no_answer_withdraws_nothing(large, monkeypatch):
    def busy(path):
        raise NotRead(finding("REG-013", said="Every decoder is at work."))

    monkeypatch.setattr("overlays.services.finish_validation.read_with_highdicom", busy)
    assert background.run("finish_validation", large.sop_instance_uid) is False
    assert state(large) == "validating"


def test_doing_it_twice_does_nothing_more(large):
    for _ in range(2):
        background.run("finish_validation", large.sop_instance_uid)
    assert AuditEntry.objects.filter(event="version:validated").count() == 1


def test_the_job_waits_for_the_commit(settings, registered, sources, post, django_capture_on_commit_callbacks):
    from tests.builders import segmentation, to_bytes

    settings.OVERLAYS_READ_LATER_BYTES = 1
    registered()
    with django_capture_on_commit_callbacks() as waiting:
        post(to_bytes(segmentation(sources=sources)))
    assert len(waiting) == 1


def test_what_an_earlier_process_left_is_taken_up_again(large, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        assert background.take_up_again() == 1
    assert len(waiting) == 1


def test_an_unknown_job_is_refused_at_once():
    with pytest.raises(KeyError):
        background.enqueue("paint", "1.2.3")


def test_a_job_that_fails_does_not_end_the_thread_and_stays_to_be_done(large, monkeypatch, caplog):
    def broken(**_):
        raise RuntimeError("the store is away")

    monkeypatch.setitem(background.JOBS, "finish_validation", broken)
    background.run("finish_validation", large.sop_instance_uid)
    assert state(large) == "validating"
    assert "RuntimeError" in caplog.text
