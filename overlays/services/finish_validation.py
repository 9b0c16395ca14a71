"""Finishes the validation of a large version after its post was answered; until then it is withheld."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound, Unavailable
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.queries.registered_models import may_post_for, model_named, version_of
from overlays.queries.stored_bytes import path_of
from overlays.services.audit import record
from overlays.services.highdicom_reading import REFUSED_BY_LIBRARY, NotRead, read_with_highdicom
from overlays.services.locking import locked_version, share_model_name
from overlays.services.supersede import supersede_if_overtaken


def finish_validation(*, actor: Actor, at: datetime, sop_instance_uid: str) -> str:
    """Let highdicom read the stored version, and move it on: to pending or quarantined, or withdrawn when it cannot be read.

    Returns the state afterwards. Doing it twice does nothing more. Raises NotPermitted, NotFound; Unavailable when the decoder had no
    answer within its limits, which says nothing about the object: the version goes on waiting.
    """
    actor.require(Action.STORE_INSTANCES)
    version = OverlayVersion.objects.filter(sop_instance_uid=sop_instance_uid).first()
    if version is None:
        raise NotFound(f"There is no version {sop_instance_uid}.")
    if version.review_state != ReviewState.VALIDATING:
        return version.review_state
    try:
        found, said = read_with_highdicom(path_of(version.sha256)), ""
    except NotRead as not_read:
        if not_read.finding.rule != REFUSED_BY_LIBRARY:
            raise Unavailable(not_read.finding.sentence) from not_read  # no fault of the object's: it is tried again
        found, said = (not_read.finding,), not_read.finding.sentence
    with transaction.atomic():
        share_model_name(version.claimed_name)
        version = locked_version(actor, sop_instance_uid)
        if version.review_state != ReviewState.VALIDATING:
            return version.review_state
        if version.model_version is None and not version.author:
            _match(version)
        known = version.model_version is not None or version.author
        act = ReviewAct.WITHDRAW if said else ReviewAct.VALIDATE if known else ReviewAct.VALIDATE_UNREGISTERED
        version.review_state = after(ReviewState.VALIDATING, act).value
        version.save(update_fields=["review_state", "model_version"])
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_WITHDRAWN if said else Event.VERSION_VALIDATED,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            number=version.number,
            reason=said,
            findings=[each.as_json() for each in found],
        )
        if act is ReviewAct.VALIDATE:
            supersede_if_overtaken(actor, at, version)
    return version.review_state


def _match(version: OverlayVersion) -> None:
    """Look for the model version again: it may have been registered while the object was being read."""
    model = model_named(version.claimed_name, version.claimed_manufacturer) if version.claimed_name else None
    if model and may_post_for(model, version.stored_by_client):
        version.model_version = version_of(model, version.claimed_version)
