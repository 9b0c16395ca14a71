"""Accepting and rejecting."""

from dataclasses import replace
from uuid import uuid4

import pytest

from overlays.governance.actor import ActorKind
from overlays.governance.errors import Invalid, NotFound, NotPermitted, StaleView, TransitionRefused
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AuditEntry, OverlayVersion, Review
from overlays.services.change_status import set_status
from overlays.services.review import accept, reject
from overlays.services.take_into_review import record_opening, release_review, start_review
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(radiologist, now):
    """Accepts or rejects as the radiologist who saw the stored bytes."""

    def act(deed, version, **options):
        known = {
            "actor": radiologist,
            "at": now,
            "sop_instance_uid": version.sop_instance_uid,
            "seen_sha256": version.sha256,
        }
        return deed(**(known | options))

    return act


def state(version) -> str:
    return OverlayVersion.objects.get(pk=version.pk).review_state


def test_accepting_writes_a_review_and_the_state(say, posted):
    version = posted()
    review = say(accept, version, comment="Good.")
    assert (review.decision, review.reviewer_name, review.comment, state(version)) == (
        "accept",
        "R. Lee",
        "Good.",
        "accepted",
    )


def test_rejecting_keeps_the_coded_reason(say, posted):
    version = posted()
    review = say(reject, version, reason_code="FALSE-POSITIVE")
    assert (review.reason_code, review.reason_scheme, state(version)) == ("FALSE-POSITIVE", "99OVERLAYREG", "rejected")


def test_a_rejection_without_a_known_reason_writes_nothing(say, posted):
    version = posted()
    with pytest.raises(Invalid):
        say(reject, version, reason_code="BECAUSE")
    assert (Review.objects.count(), state(version)) == (0, "pending")


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_a_reader_who_saw_other_bytes_is_stopped(say, posted, seen):
    version = posted()
    with pytest.raises(StaleView, match="other bytes"):
        say(accept, version, seen_sha256=seen)
    assert (Review.objects.count(), state(version)) == (0, "pending")


def test_a_reader_whose_page_is_old_is_stopped(say, posted):
    version = posted()
    say(reject, version, reason_code="BOUNDARY")
    with pytest.raises(StaleView, match="meanwhile it is rejected"):
        say(accept, version, seen_state="pending")
    assert state(version) == "rejected"


def test_a_comment_that_is_too_long_is_refused(say, posted):
    version = posted()
    with pytest.raises(Invalid, match="2001"):
        say(accept, version, comment="x" * 2001)
    assert state(version) == "pending"


def test_a_reader_may_change_a_verdict_and_both_reviews_stay(say, posted):
    version = posted()
    say(accept, version)
    say(reject, version, reason_code="WRONG-SIDE", seen_state="accepted")
    assert [review.decision for review in version.reviews.all()] == ["accept", "reject"]
    assert state(version) == "rejected"


def test_only_readers_review(say, posted, clinician, steward, auditor, pipeline):
    version = posted()
    for actor in (clinician, steward, auditor, pipeline):
        with pytest.raises(NotPermitted):
            say(accept, version, actor=actor)
    assert state(version) == "pending"


def test_a_narrowed_reader_does_not_reach_other_studies(say, posted, radiologist):
    version = posted()
    with pytest.raises(NotFound):
        say(accept, version, actor=replace(radiologist, studies=frozenset({"1.2.3"})))


def test_an_unknown_version_is_not_found(radiologist, now):
    with pytest.raises(NotFound):
        accept(actor=radiologist, at=now, sop_instance_uid="1.2.3", seen_sha256="0" * 64)


def test_a_quarantined_version_cannot_be_accepted(say, posted):
    version = posted(model_version="9.9.9")
    with pytest.raises(TransitionRefused, match="quarantined cannot be accepted"):
        say(accept, version)


def test_what_is_withheld_from_readers_too_cannot_be_accepted(say, posted, steward, now):
    version = posted()
    set_status(
        actor=steward,
        at=now,
        model_version_id=version.model_version_id,
        status=ModelStatus.RECALLED,
        reason="wrong side",
    )
    with pytest.raises(TransitionRefused, match="withheld from readers too"):
        say(accept, version)
    assert (Review.objects.count(), state(version)) == (0, "pending")


def test_what_is_withheld_from_readers_too_can_be_rejected(say, post, registered):
    registered()
    sources = ct_series()
    post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
    post(to_bytes(sources[0]))
    version = OverlayVersion.objects.get()
    say(reject, version, reason_code="WRONG-PATIENT")
    assert state(version) == "rejected"


def test_accepting_a_newer_version_supersedes_the_older(say, posted):
    first, second = posted("first"), posted("second")
    say(accept, first)
    assert state(first) == "accepted"
    say(accept, second)
    assert (state(first), state(second)) == ("superseded", "accepted")


def test_a_superseded_version_cannot_be_rejected_any_more(say, posted):
    first, second = posted("first"), posted("second")
    say(accept, second)
    with pytest.raises(TransitionRefused, match="superseded cannot be rejected"):
        say(reject, first, reason_code="BOUNDARY")


def test_a_rejected_version_stays_rejected_when_a_newer_is_accepted(say, posted):
    first, second = posted("first"), posted("second")
    say(reject, first, reason_code="BOUNDARY")
    say(accept, second)
    assert state(first) == "rejected"


def test_an_older_version_cannot_overtake_an_accepted_newer_one(say, posted):
    first, second = posted("first"), posted("second")
    say(reject, first, reason_code="BOUNDARY")
    say(accept, second)
    with pytest.raises(TransitionRefused, match="Version 2 of this overlay is accepted"):
        say(accept, first, seen_state="rejected")


def test_a_verdict_is_not_overturned_by_who_did_not_see_it(say, posted):
    version = posted()
    say(accept, version)
    with pytest.raises(StaleView, match="accepted already"):
        say(reject, version, reason_code="BOUNDARY")
    assert state(version) == "accepted"


def test_what_would_not_be_shown_takes_nothing_off_the_screen(say, posted, registered):
    registered(version="2.2.0", status="shadow")
    first, shadow = posted("first"), posted("second", model_version="2.2.0")
    say(accept, first)
    say(accept, shadow)
    assert (state(first), state(shadow)) == ("accepted", "accepted")


def test_an_older_version_can_be_accepted_beside_one_that_is_not_shown(say, posted, registered):
    registered(version="2.2.0", status="shadow")
    first, shadow = posted("first"), posted("second", model_version="2.2.0")
    say(accept, shadow)
    say(accept, first)
    assert state(first) == "accepted"


def test_when_it_becomes_fit_to_be_shown_the_older_one_gives_way(say, posted, registered, steward, now):
    shadow_model = registered(version="2.2.0", status="shadow")
    first, shadow = posted("first"), posted("second", model_version="2.2.0")
    say(accept, first)
    say(accept, shadow)
    set_status(actor=steward, at=now, model_version_id=shadow_model.pk, status=ModelStatus.APPROVED, reason="tested")
    assert (state(first), state(shadow)) == ("superseded", "accepted")


def test_rejecting_what_took_its_place_brings_the_older_one_back_to_review(say, posted):
    first, second = posted("first"), posted("second")
    say(accept, first)
    say(accept, second)
    say(reject, second, reason_code="BOUNDARY", seen_state="accepted")
    assert (state(first), state(second)) == ("pending", "rejected")
    assert AuditEntry.objects.filter(event="version:restored", subject=first.sop_instance_uid).count() == 1


def test_of_several_that_gave_way_only_the_newest_comes_back(say, posted):
    first, second, third = posted("first"), posted("second"), posted("third")
    say(accept, third)
    say(reject, third, reason_code="BOUNDARY", seen_state="accepted")
    assert [state(version) for version in (first, second, third)] == ["superseded", "pending", "rejected"]


def test_a_machine_reviews_nothing(say, posted, radiologist):
    version = posted()
    bot = replace(radiologist, kind=ActorKind.CLIENT, key="client:bot")
    with pytest.raises(NotPermitted):
        say(accept, version, actor=bot)


def test_versions_of_one_post_never_supersede_one_another(say, posted):
    request = uuid4()
    first, second = posted("first", request=request), posted("second", request=request)
    say(accept, first)
    say(accept, second)
    assert (state(first), state(second)) == ("accepted", "accepted")


def test_each_act_leaves_an_entry_in_the_log(say, posted):
    first, second = posted("first"), posted("second")
    say(accept, first)
    say(accept, second)
    events = AuditEntry.objects.filter(event__startswith="version:").exclude(event="version:stored")
    assert [(entry.event, entry.subject) for entry in events] == [
        ("version:accepted", first.sop_instance_uid),
        ("version:accepted", second.sop_instance_uid),
        ("version:superseded", first.sop_instance_uid),
    ]


def test_taking_into_review_and_putting_back(radiologist, now, posted):
    version = posted()
    start_review(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid)
    assert state(version) == "in_review"
    release_review(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid)
    assert state(version) == "pending"


def test_a_version_in_review_cannot_be_taken_again(radiologist, now, posted):
    version = posted()
    start_review(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid)
    with pytest.raises(TransitionRefused):
        start_review(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid)


def test_opening_a_version_is_recorded(radiologist, now, posted):
    version = posted()
    record_opening(actor=radiologist, at=now, version=version)
    assert AuditEntry.objects.get(event="version:seen").subject == version.sop_instance_uid
