"""Registering models, changing their status, saying who may post."""

from dataclasses import replace

import pytest

from overlays.governance.errors import Conflict, Invalid, NotFound, NotPermitted, TransitionRefused
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AuditEntry, ModelStatusChange, OverlayVersion, Poster
from overlays.services import background
from overlays.services.change_status import set_status
from overlays.services.posters import grant_poster, revoke_poster
from overlays.services.register_model import register_model, register_model_version
from overlays.services.review import accept
from tests.builders import segmentation, to_bytes

pytestmark = pytest.mark.django_db


def test_a_model_is_registered_once(steward, now):
    register_model(actor=steward, at=now, name="LiverSeg", manufacturer="ACME AI")
    with pytest.raises(Conflict, match="registered already"):
        register_model(actor=steward, at=now, name="LiverSeg", manufacturer="ACME AI")


def test_two_makers_may_use_one_name(steward, now):
    first = register_model(actor=steward, at=now, name="LiverSeg", manufacturer="ACME AI")
    assert register_model(actor=steward, at=now, name="LiverSeg", manufacturer="Other").pk != first.pk


@pytest.mark.parametrize("name", ["", "   ", "x" * 65])
def test_a_name_that_cannot_stand_in_an_object_is_refused(steward, now, name):
    with pytest.raises(Invalid):
        register_model(actor=steward, at=now, name=name)


def test_only_stewards_register(radiologist, now):
    with pytest.raises(NotPermitted):
        register_model(actor=radiologist, at=now, name="LiverSeg")


def test_a_version_of_no_model_is_not_found(steward, now):
    with pytest.raises(NotFound):
        register_model_version(actor=steward, at=now, model_id=1, version="1.0")


def test_a_new_version_is_registered_and_no_more(registered):
    assert registered(status="registered").status == "registered"


def test_a_status_changes_with_who_when_and_why(registered, steward, now):
    version = registered(status="shadow")
    set_status(
        actor=steward, at=now, model_version_id=version.pk, status=ModelStatus.APPROVED, reason="acceptance test passed"
    )
    last = ModelStatusChange.objects.order_by("-pk")[0]
    assert (last.before, last.after, last.actor_name, last.changed_at, last.reason) == (
        "shadow",
        "approved",
        "S. Stern",
        now,
        "acceptance test passed",
    )


def test_a_change_without_a_reason_is_refused(registered, steward, now):
    version = registered(status="shadow")
    with pytest.raises(Invalid):
        set_status(actor=steward, at=now, model_version_id=version.pk, status=ModelStatus.APPROVED, reason="  ")


def test_a_step_that_the_table_lacks_is_refused(registered, steward, now):
    version = registered(status="registered")
    with pytest.raises(TransitionRefused):
        set_status(actor=steward, at=now, model_version_id=version.pk, status=ModelStatus.APPROVED, reason="hurry")
    version.refresh_from_db()
    assert version.status == "registered"


def test_a_recall_is_lifted_by_a_second_person(registered, steward, now):
    version = registered(status="recalled")
    lift = {"at": now, "model_version_id": version.pk, "status": ModelStatus.SUSPENDED, "reason": "mended"}
    with pytest.raises(TransitionRefused, match="second person"):
        set_status(actor=steward, **lift)
    set_status(actor=replace(steward, key="user:33"), **lift)
    version.refresh_from_db()
    assert version.status == "suspended"


def test_registering_a_version_releases_what_waited_for_it(posted, registered):
    waiting = posted(model_version="9.9.9")
    released = registered(version="9.9.9")
    waiting.refresh_from_db()
    assert (waiting.review_state, waiting.model_version) == ("pending", released)


def test_registering_another_makers_model_releases_nothing(posted, registered):
    waiting = posted(model_version="9.9.9")
    registered(version="9.9.9", manufacturer="Somebody else")
    waiting.refresh_from_db()
    assert waiting.review_state == "quarantined"


def test_what_a_client_stored_that_may_not_post_for_the_model_stays_in_quarantine(
    post, sources, registered, steward, now
):
    post(to_bytes(segmentation(sources=sources, model_name="ForeignNet")))
    model = register_model(actor=steward, at=now, name="ForeignNet", manufacturer="ACME AI")
    register_model_version(actor=steward, at=now, model_id=model.pk, version="2.1.0")
    assert OverlayVersion.objects.get().review_state == "quarantined"
    grant_poster(actor=steward, at=now, model_id=model.pk, client_id="liver-pipeline")
    assert OverlayVersion.objects.get().review_state == "pending"


def test_what_was_released_stands_on_the_models_line(post, sources, registered, steward, now):
    post(to_bytes(segmentation(sources=sources, uid_seed="first")))
    registered()
    post(to_bytes(segmentation(sources=sources, uid_seed="second")))
    assert [version.number for version in OverlayVersion.objects.order_by("pk")] == [1, 2]


def test_an_older_version_that_is_released_late_gives_way_at_once(posted, registered, radiologist, now):
    waiting, accepted = posted("first", model_version="9.9.9"), posted("second")
    accept(actor=radiologist, at=now, sop_instance_uid=accepted.sop_instance_uid, seen_sha256=accepted.sha256)
    registered(version="9.9.9")
    waiting.refresh_from_db()
    assert waiting.review_state == "superseded"


def test_a_large_one_that_is_still_being_read_is_matched_when_its_version_is_registered(posted, registered, settings):
    settings.OVERLAYS_READ_LATER_BYTES = 1
    waiting = posted(model_version="9.9.9")
    released = registered(version="9.9.9")
    background.run("finish_validation", waiting.sop_instance_uid)
    waiting.refresh_from_db()
    assert (waiting.review_state, waiting.model_version) == ("pending", released)


def test_a_narrowed_steward_changes_nothing_that_concerns_every_study(registered, steward, now):
    version = registered()
    narrowed = replace(steward, studies=frozenset({"1.2.3"}))
    with pytest.raises(NotPermitted, match="narrowed"):
        set_status(actor=narrowed, at=now, model_version_id=version.pk, status=ModelStatus.RECALLED, reason="mine")


def test_a_release_is_in_the_log(posted, registered):
    waiting = posted(model_version="9.9.9")
    registered(version="9.9.9")
    assert AuditEntry.objects.get(event="version:released").subject == waiting.sop_instance_uid


def test_who_may_post_is_granted_and_revoked(registered, steward, now):
    model = registered().model
    grant_poster(actor=steward, at=now, model_id=model.pk, client_id="other")
    revoke_poster(actor=steward, at=now, model_id=model.pk, client_id="liver-pipeline")
    assert list(Poster.objects.values_list("client_id", flat=True)) == ["other"]


def test_a_grant_is_given_once(registered, steward, now):
    with pytest.raises(Conflict):
        grant_poster(actor=steward, at=now, model_id=registered().model.pk, client_id="liver-pipeline")


def test_what_was_not_granted_cannot_be_revoked(registered, steward, now):
    with pytest.raises(NotFound):
        revoke_poster(actor=steward, at=now, model_id=registered().model.pk, client_id="other")


def test_a_revoked_pipelines_versions_stay(posted, registered, steward, now):
    version = posted()
    revoke_poster(actor=steward, at=now, model_id=version.model_version.model_id, client_id="liver-pipeline")
    assert OverlayVersion.objects.filter(pk=version.pk).exists()
