"""Asking what may be rendered, and saying what was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from overlays.governance.errors import Invalid, NotFound, NotPermitted
from overlays.governance.vocabulary import ModelStatus, Purpose
from overlays.models import AuditEntry, DisplayReceipt, OverlayVersion, RenderDecision
from overlays.services.change_status import set_status
from overlays.services.decide import decide_for_instances, decide_for_study
from overlays.services.record_display import record_display
from overlays.services.review import accept

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(clinician, now):
    """Asks about a study, as the clinician for the clinical purpose unless told otherwise."""

    def decide(version, **options):
        known = {
            "actor": clinician,
            "at": now,
            "decision_id": uuid4(),
            "study": version.study.study_instance_uid,
            "purpose": Purpose.CLINICAL,
        }
        return decide_for_study(**(known | options))

    return decide


@pytest.fixture
def accepted(posted, radiologist, now) -> OverlayVersion:
    """An accepted version."""
    version = posted()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    return version


def verdicts(answer) -> list[str]:
    return [str(ruling.verdict) for ruling in answer.rulings]


def codes(answer) -> list[str]:
    return [code for ruling in answer.rulings for code, _ in ruling.reasons]


def test_a_pending_version_is_withheld(ask, posted):
    answer = ask(posted())
    assert (verdicts(answer), codes(answer)) == (["withhold"], ["pending"])


def test_an_accepted_version_is_shown_with_its_label(ask, accepted):
    answer = ask(accepted)
    assert verdicts(answer) == ["show"]
    assert answer.rulings[0].label == "AI · LiverSeg 2.1.0 · accepted by R. Lee, 2026-11-20"


def test_a_newer_version_that_waits_adds_a_warning_to_the_accepted_one(ask, accepted, posted):
    posted("second")
    answer = ask(accepted)
    assert verdicts(answer) == ["show_with_warning", "withhold"]
    assert answer.rulings[0].warning == "A newer version of it waits for review."


def test_one_of_the_same_post_adds_no_warning(ask, posted, radiologist, now):
    request = uuid4()
    first = posted("first", request=request)
    posted("second", request=request)
    accept(actor=radiologist, at=now, sop_instance_uid=first.sop_instance_uid, seen_sha256=first.sha256)
    assert verdicts(ask(first)) == ["show", "withhold"]


def test_a_suspended_model_version_takes_its_overlays_off_the_screen(ask, accepted, steward, now):
    set_status(
        actor=steward,
        at=now,
        model_version_id=accepted.model_version_id,
        status=ModelStatus.SUSPENDED,
        reason="drift",
    )
    answer = ask(accepted)
    assert (verdicts(answer), codes(answer)) == (["withhold"], ["model_suspended"])


def test_reviewers_see_pending_versions_with_a_warning(ask, posted, radiologist):
    assert verdicts(ask(posted(), actor=radiologist, purpose=Purpose.REVIEW)) == ["show_with_warning"]


def test_research_sees_nothing(ask, accepted):
    assert verdicts(ask(accepted, purpose=Purpose.RESEARCH)) == ["withhold"]


def test_the_review_purpose_is_for_reviewers(ask, posted):
    with pytest.raises(NotPermitted):
        ask(posted(), purpose=Purpose.REVIEW)


def test_a_pipeline_asks_for_nothing(ask, posted, pipeline):
    with pytest.raises(NotPermitted):
        ask(posted(), actor=pipeline)


def test_a_narrowed_grant_finds_other_studies_empty(ask, accepted, clinician):
    assert verdicts(ask(accepted, actor=replace(clinician, studies=frozenset({"1.2.3"})))) == []


def test_an_unknown_study_has_no_overlays(clinician, now):
    answer = decide_for_study(actor=clinician, at=now, decision_id=uuid4(), study="1.2.3", purpose=Purpose.CLINICAL)
    assert answer.rulings == ()


@pytest.fixture
def ask_for(clinician, now):
    """Asks about named instances."""

    def decide(*wanted, **options):
        known = {"actor": clinician, "at": now, "decision_id": uuid4(), "purpose": Purpose.CLINICAL}
        return decide_for_instances(wanted=wanted, **(known | options))

    return decide


def test_an_unknown_instance_is_withheld(ask_for):
    answer = ask_for(("1.2.3", None))
    assert (verdicts(answer), codes(answer)) == (["withhold"], ["not_registered"])


def test_an_instance_out_of_reach_is_told_like_an_unknown_one(ask_for, accepted, clinician):
    answer = ask_for((accepted.sop_instance_uid, None), actor=replace(clinician, studies=frozenset()))
    assert codes(answer) == ["not_registered"]


def test_instances_are_answered_in_the_order_asked(ask_for, accepted):
    answer = ask_for(("1.2.3", None), (accepted.sop_instance_uid, None))
    assert verdicts(answer) == ["withhold", "show"]


def test_the_right_digest_is_shown(ask_for, accepted):
    assert verdicts(ask_for((accepted.sop_instance_uid, accepted.sha256))) == ["show"]


def test_a_digest_that_differs_is_withheld(ask_for, accepted):
    answer = ask_for((accepted.sop_instance_uid, "0" * 64))
    assert (verdicts(answer), codes(answer)) == (["withhold"], ["digest_differs"])


def test_a_fault_inside_the_gate_withholds(ask, accepted, monkeypatch):
    def broken(*_):
        raise RuntimeError("unknown state")

    monkeypatch.setattr("overlays.queries.gate.rule", broken)
    answer = ask(accepted)
    assert (verdicts(answer), codes(answer)) == (["withhold"], ["internal_fault"])


def test_every_decision_is_remembered_as_it_was_given(ask, accepted):
    answer = ask(accepted)
    kept = RenderDecision.objects.get(pk=answer.decision_id)
    assert kept.rulings == [[accepted.sop_instance_uid, "show", ["accepted"], accepted.sha256]]
    assert (kept.policy, kept.policy_version, kept.actor_name) == ("default", 1, "C. Ward")


def test_the_day_of_a_label_is_the_day_where_the_registry_stands(ask, posted, radiologist, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    version = posted()
    late = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    accept(actor=radiologist, at=late, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    assert ask(version).rulings[0].label.endswith("2026-11-21")


def test_a_decision_expires(ask, accepted, settings, now):
    settings.OVERLAYS_DECISION_SECONDS = 90
    assert ask(accepted).expires_at == now + timedelta(seconds=90)


def test_a_decision_costs_one_question_and_one_entry(ask, accepted, posted, django_assert_num_queries):
    assert accepted.study.study_instance_uid  # fetched for the test, not for the decision
    with django_assert_num_queries(2):
        ask(accepted)
    for number in range(3):
        posted(f"more {number}")
    with django_assert_num_queries(2):
        ask(accepted)


class TestReceipts:
    """What was drawn."""

    def test_what_was_drawn_is_recorded(self, ask, accepted, clinician, now):
        answer = ask(accepted)
        record_display(
            actor=clinician,
            at=now,
            decision_id=answer.decision_id,
            sop_instance_uids=[accepted.sop_instance_uid],
        )
        assert DisplayReceipt.objects.get().sop_instance_uid == accepted.sop_instance_uid
        assert AuditEntry.objects.filter(event="display:recorded").count() == 1

    def test_a_display_after_the_decision_expired_is_told_apart(self, ask, accepted, clinician, now):
        answer = ask(accepted)
        for late in (timedelta(0), timedelta(days=1)):
            record_display(
                actor=clinician,
                at=answer.expires_at + late,
                decision_id=answer.decision_id,
                sop_instance_uids=[accepted.sop_instance_uid],
            )
        entries = AuditEntry.objects.filter(event="display:recorded")
        assert [entry.data["after_expiry"] for entry in entries] == [False, True]

    def test_what_was_withheld_cannot_have_been_drawn(self, ask, posted, clinician, now):
        version = posted()
        answer = ask(version)
        with pytest.raises(Invalid, match="did not let these be shown"):
            record_display(
                actor=clinician,
                at=now,
                decision_id=answer.decision_id,
                sop_instance_uids=[version.sop_instance_uid],
            )
        assert not DisplayReceipt.objects.exists()

    def test_a_decision_is_its_askers_own(self, ask, accepted, radiologist, now):
        answer = ask(accepted)
        with pytest.raises(NotFound):
            record_display(
                actor=radiologist,
                at=now,
                decision_id=answer.decision_id,
                sop_instance_uids=[accepted.sop_instance_uid],
            )
