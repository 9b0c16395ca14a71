"""The question every viewer asks, over HTTP."""

import pytest

from overlays.services.review import accept
from tests.api.helpers import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(posted, radiologist, now):
    """An accepted version."""
    version = posted()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    return version


def test_the_answer_has_the_form_of_the_contract(accepted, clinician):
    study = accepted.study.study_instance_uid
    answer = Caller(clinician).get(f"studies/{study}/render-decisions").json()
    (overlay,) = answer.pop("overlays")
    assert set(answer) == {"study_instance_uid", "purpose", "decision_id", "evaluated_at", "expires_at", "policy"}
    assert (answer["purpose"], answer["policy"]) == ("clinical", {"name": "default", "version": 1})
    assert overlay["rendering_intent"] == {"code": "111150", "scheme": "DCM", "meaning": "Presentation Required"}
    assert overlay["reasons"] == [{"code": "accepted", "text": "Accepted by R. Lee on 2026-11-20."}]
    assert overlay["model"] == {
        "name": "LiverSeg",
        "version": "2.1.0",
        "manufacturer": "ACME AI",
        "status": "approved",
    }
    assert overlay["sources"]["verification"] == "verified"
    assert overlay["links"]["instance"].endswith(accepted.sop_instance_uid)


def test_a_decision_is_never_cached(accepted, clinician):
    answer = Caller(clinician).get(f"studies/{accepted.study.study_instance_uid}/render-decisions")
    assert answer["Cache-Control"] == "no-store"


def test_named_instances_are_answered_and_unknown_ones_withheld(accepted, clinician):
    wanted = [{"sop_instance_uid": accepted.sop_instance_uid, "sha256": accepted.sha256}, {"sop_instance_uid": "1.2.3"}]
    answer = Caller(clinician).post("render-decisions", {"purpose": "clinical", "instances": wanted}).json()
    assert [overlay["verdict"] for overlay in answer["overlays"]] == ["show", "withhold"]


def test_a_study_that_is_no_uid_is_refused_by_name(clinician):
    answer = Caller(clinician).get("studies/not-a-uid/render-decisions")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "StudyInstanceUID 'not-a-uid' is not a UID" in answer.json()["detail"]


def test_an_unknown_purpose_is_refused_with_the_ones_there_are(accepted, clinician):
    answer = Caller(clinician).get(f"studies/{accepted.study.study_instance_uid}/render-decisions", purpose="fun")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "'fun' is none of clinical, review, research" in answer.json()["detail"]


def test_the_review_purpose_is_refused_to_a_clinician(accepted, clinician):
    answer = Caller(clinician).get(f"studies/{accepted.study.study_instance_uid}/render-decisions", purpose="review")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/purpose"),
        ({"purpose": "clinical", "instances": []}, "/instances"),
        ({"purpose": "clinical", "instances": [{"sop_instance_uid": "x"}]}, "/instances/0/sop_instance_uid"),
        (
            {"purpose": "clinical", "instances": [{"sop_instance_uid": "1.2", "sha256": "short"}]},
            "/instances/0/sha256",
        ),
        ({"purpose": "clinical", "instances": [{"sop_instance_uid": "1.2"}] * 501}, "/instances"),
        ({"purpose": "clinical", "instances": [{"sop_instance_uid": "1.2"}], "extra": 1}, "/extra"),
    ],
    ids=["empty", "no instances", "no uid", "no digest", "too many", "unknown member"],
)
def test_a_body_that_is_wrong_is_told_where(clinician, body, pointer):
    answer = Caller(clinician).post("render-decisions", body)
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


def test_what_was_drawn_is_recorded(accepted, clinician):
    caller = Caller(clinician)
    decision = caller.get(f"studies/{accepted.study.study_instance_uid}/render-decisions").json()
    body = {"decision_id": decision["decision_id"], "sop_instance_uids": [accepted.sop_instance_uid]}
    answer = caller.post("display-receipts", body)
    assert (answer.status_code, answer.json()["recorded"]) == (201, 1)
