"""A reader judges what the page shows, and nothing else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from overlays.governance.vocabulary import ModelStatus
from overlays.models import AuditEntry, OverlayVersion, Review
from overlays.services.change_status import set_status
from overlays.services.review import accept, reject
from overlays.services.take_into_review import start_review
from tests.builders import ct_series, report, segmentation, to_bytes


def _address(version: OverlayVersion) -> str:
    return reverse("admin:overlays_overlayversion_review", args=[version.pk])


def _form(version: OverlayVersion, act: str, **fields: str) -> dict[str, str]:
    return {"act": act, "seen_sha256": version.sha256, "seen_state": version.review_state, **fields}


def _state(version: OverlayVersion) -> str:
    return OverlayVersion.objects.get(pk=version.pk).review_state


def test_accepting_through_the_page_changes_what_clinicians_are_shown(reader, stored) -> None:
    version = stored()
    assert "Clinic: Withheld" in reader.get(_address(version)).content.decode()

    answer = reader.post(_address(version), _form(version, "accept", comment="fine"), follow=True)

    assert "Clinic: Shown" in answer.content.decode()
    assert Review.objects.get().comment == "fine"


def test_rejecting_through_the_page_keeps_the_coded_reason(reader, stored) -> None:
    version = stored()

    reader.post(_address(version), _form(version, "reject", reason="WRONG-SIDE"))

    review = Review.objects.get()
    assert (review.decision, review.reason_code, review.seen_sha256) == ("reject", "WRONG-SIDE", version.sha256)
    assert _state(version) == "rejected"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"seen_state": "in_review"}, "The version was in review when you opened it; meanwhile it is pending."),
        ({"seen_sha256": "0" * 64}, "You saw other bytes than the stored ones"),
    ],
)
def test_a_judgement_of_something_else_than_the_present_is_refused_with_the_input_kept(
    changed, sentence, reader, stored
) -> None:
    version = stored()
    sent = _form(version, "reject", reason="BOUNDARY", comment="too wide at the dome") | changed

    answer = reader.post(_address(version), sent)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert sentence in text
    assert "too wide at the dome" in text
    assert '<option value="BOUNDARY" selected>' in text
    assert (Review.objects.count(), _state(version)) == (0, "pending")


def test_an_act_that_the_state_does_not_allow_is_refused(reader, stored, radiologist, now) -> None:
    version = stored()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)

    answer = reader.post(_address(version), _form(version, "accept", comment="again") | {"seen_state": "accepted"})

    assert answer.status_code == 409
    assert Review.objects.count() == 1


def test_a_rejection_without_a_reason_is_asked_for_one(reader, stored) -> None:
    version = stored()

    answer = reader.post(_address(version), _form(version, "reject", comment="hm"))

    assert answer.status_code == 400
    assert "Choose the reason for the rejection." in answer.content.decode()


def test_a_comment_that_is_too_long_is_told_so(reader, stored) -> None:
    version = stored()

    answer = reader.post(_address(version), _form(version, "accept", comment="x" * 2001))

    assert answer.status_code == 400
    assert "A comment may have 2000 characters; this one has 2001." in answer.content.decode()


@pytest.mark.parametrize("field", ["comment", "reason"])
def test_a_control_character_is_refused_with_a_sentence(field, reader, stored) -> None:
    version = stored()
    sent = _form(version, "reject", reason="BOUNDARY", comment="too wide") | {field: "a\x00b"}

    answer = reader.post(_address(version), sent)

    assert answer.status_code == 400
    assert f"The field {field} holds the control character U+0000" in answer.content.decode()
    assert _state(version) == "pending"


@pytest.mark.parametrize("act", ["accept", "reject"])
@pytest.mark.parametrize("state", ["", "asleep"])
def test_a_verdict_without_the_state_it_was_given_on_is_refused(act, state, reader, stored) -> None:
    version = stored()

    answer = reader.post(_address(version), _form(version, act, reason="BOUNDARY") | {"seen_state": state})

    assert answer.status_code == 400
    assert "The form does not say in which state you saw the version." in answer.content.decode()


def test_accepting_on_a_stale_page_says_what_happened_meanwhile(reader, stored, radiologist, now) -> None:
    older = stored(uid_seed="one")
    sent = _form(older, "accept")
    newer = stored(uid_seed="two", status="")
    accept(actor=radiologist, at=now, sop_instance_uid=newer.sop_instance_uid, seen_sha256=newer.sha256)

    answer = reader.post(_address(older), sent)

    assert answer.status_code == 409
    assert "The version was pending when you opened it; meanwhile it is superseded." in answer.content.decode()


def test_what_is_withheld_from_readers_is_told_why_it_cannot_be_accepted(reader, stored) -> None:
    version = stored(status="recalled")

    text = reader.post(_address(version), _form(version, "accept")).content.decode()

    assert "cannot be accepted, since it is withheld from readers too." in text


def test_an_unknown_act_changes_nothing(reader, stored) -> None:
    version = stored()

    assert reader.post(_address(version), _form(version, "shred")).status_code == 400
    assert _state(version) == "pending"


def test_after_a_decision_the_next_one_that_waits_is_offered(reader, stored) -> None:
    first, second = stored(uid_seed="one"), stored(uid_seed="two", status="", content_label="OTHER")

    text = reader.post(_address(first), _form(first, "accept"), follow=True).content.decode()

    assert f'<a class="ov-next" href="{_address(second)}">' in text


def test_accept_and_next_leads_to_the_next_one(reader, stored) -> None:
    first, second = stored(uid_seed="one"), stored(uid_seed="two", status="", content_label="OTHER")

    answer = reader.post(_address(first), _form(first, "accept", then="next"))

    assert answer.headers["Location"] == _address(second)


def test_next_of_nothing_leads_back_to_the_list(reader, stored) -> None:
    version = stored()

    answer = reader.post(_address(version), _form(version, "accept", then="next"))

    assert answer.headers["Location"] == reverse("admin:overlays_overlayversion_changelist")


def test_a_version_is_taken_into_review_and_put_back(reader, stored) -> None:
    version = stored()

    reader.post(_address(version), _form(version, "start"))
    taken = _state(version)
    reader.post(_address(version), _form(version, "release"))

    assert (taken, _state(version)) == ("in_review", "pending")


def test_opening_the_page_is_recorded(reader, stored) -> None:
    version = stored()

    reader.get(_address(version))

    entry = AuditEntry.objects.get(event="version:seen")
    assert (entry.subject, entry.actor_name) == (version.sop_instance_uid, "R. Lee")


def test_asking_for_the_headers_of_the_page_is_no_opening(reader, stored) -> None:
    version = stored()

    assert reader.head(_address(version)).status_code == 200

    assert not AuditEntry.objects.filter(event="version:seen").exists()


def test_the_label_and_the_warning_stand_over_the_image(reader, stored) -> None:
    version = stored()

    text = reader.get(_address(version)).content.decode()

    assert '<p class="ov-burn ov-burn-top">AI · LiverSeg 2.1.0 · not reviewed</p>' in text
    assert '<p class="ov-burn ov-burn-warning">Nobody has reviewed it.</p>' in text


def test_a_recalled_version_is_not_drawn_and_its_reason_is_told(reader, stored) -> None:
    version = stored(status="recalled")

    text = reader.get(_address(version)).content.decode()

    assert "Its model version is recalled." in text
    assert "/drawing/" not in text
    assert 'id="reject-form"' in text
    assert 'id="accept-form"' not in text


def test_a_version_that_contradicts_its_sources_is_not_drawn_and_the_page_says_why(reader, registered, post) -> None:
    registered()
    series = ct_series()
    built = segmentation(sources=series, patient_id="SOMEBODY-ELSE")
    assert post(to_bytes(built)).refusal is None
    post(to_bytes(series[0]))
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    text = reader.get(_address(version)).content.decode()

    assert "It contradicts its source images: other patient, study or frame of reference." in text
    assert "/drawing/" not in text
    assert 'id="reject-form"' in text


def test_opening_a_page_that_draws_nothing_is_no_sight_of_the_overlay(reader, stored) -> None:
    reader.get(_address(stored(status="recalled")))

    assert not AuditEntry.objects.filter(event="version:seen").exists()


def test_what_is_not_drawn_cannot_be_accepted(reader, stored) -> None:
    version = stored(status="recalled")

    answer = reader.post(_address(version), _form(version, "accept"))

    assert answer.status_code == 409
    assert _state(version) == "pending"


def test_a_version_that_is_recalled_while_it_is_read_can_still_be_rejected(reader, stored, steward, now) -> None:
    version = stored()
    set_status(
        actor=steward, at=now, model_version_id=version.model_version_id, status=ModelStatus.RECALLED, reason="leaks"
    )

    reader.post(_address(version), _form(version, "reject", reason="BOUNDARY"))

    assert _state(version) == "rejected"


def test_a_quarantined_version_offers_no_decision(reader, stored) -> None:
    version = stored(status="", model_version="9.9")

    text = reader.get(_address(version)).content.decode()

    assert "No registered model version stands behind it." in text
    assert "there is nothing to decide here" in text


def test_a_report_shows_its_measurements_and_what_it_measured(reader, stored, images, post) -> None:
    measured = stored()
    built = report(sources=images)
    assert post(to_bytes(built)).refusal is None
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    text = reader.get(_address(version)).content.decode()

    assert "123.4" in text
    assert "Verification flag" in text
    assert f'Referenced segmentation</dt><dd><a href="{_address(measured)}">' in text


def test_the_page_names_the_maker_the_bytes_and_where_the_name_was_read(reader, stored) -> None:
    version = stored()

    text = reader.get(_address(version)).content.decode()

    for fact in (version.sha256, "ACME AI", "(0062,0007)", "Liver pipeline (client:liver-pipeline)", "4</td>"):
        assert fact in text


def test_the_history_of_reviews_and_acts_is_on_the_page(reader, stored, radiologist, now) -> None:
    version = stored()
    uid, sha = version.sop_instance_uid, version.sha256
    reject(
        actor=radiologist, at=now, sop_instance_uid=uid, seen_sha256=sha, reason_code="BOUNDARY", comment="dome is off"
    )

    text = reader.get(_address(version)).content.decode()

    assert "dome is off" in text
    assert "R. Lee rejected version 1: Boundary is wrong." in text


def test_what_a_file_says_cannot_become_markup(reader, stored) -> None:
    version = stored(segments=("<script>alert(1)</script>", "</script>Spleen"))

    text = reader.get(_address(version)).content.decode()

    assert "<script>alert" not in text
    assert "</script>Spleen" not in text


def test_the_page_costs_the_same_number_of_queries_whatever_happened_before(reader, stored, radiologist, now) -> None:
    first = stored(uid_seed="one")
    with CaptureQueriesContext(connection) as alone:
        reader.get(_address(first))
    for seed in ("two", "three", "four"):
        later = stored(uid_seed=seed, status="")
        start_review(actor=radiologist, at=now, sop_instance_uid=later.sop_instance_uid)
        uid, sha = later.sop_instance_uid, later.sha256
        reject(actor=radiologist, at=now, sop_instance_uid=uid, seen_sha256=sha, reason_code="BOUNDARY")
    reader.get(_address(first))
    with CaptureQueriesContext(connection) as among_others:
        reader.get(_address(first))

    assert len(among_others) <= len(alone) <= 36


def test_a_version_that_is_not_there_is_not_found(reader) -> None:
    assert reader.get(reverse("admin:overlays_overlayversion_review", args=[4711])).status_code == 404
