"""Finishes the validation of a large version after its post was answered; until then it is withheld."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.queries.stored_bytes import path_of
from overlays.services.audit import record
from overlays.services.highdicom_reading import NotRead, read_with_highdicom
from overlays.services.locking import locked_version


def finish_validation(*, actor: Actor, at: datetime, sop_instance_uid: str) -> str:
    """Let highdicom read the stored version, and move it on: to pending or quarantined, or withdrawn when it cannot be read.

    Returns the state afterwards. Doing it twice does nothing more. Raises NotPermitted, NotFound.
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
        found, said = (not_read.finding,), not_read.finding.sentence
    with transaction.atomic():
        version = locked_version(actor, sop_instance_uid)
        if version.review_state != ReviewState.VALIDATING:
            return version.review_state
        known = version.model_version is not None or version.author
        act = ReviewAct.WITHDRAW if said else ReviewAct.VALIDATE if known else ReviewAct.VALIDATE_UNREGISTERED
        version.review_state = after(ReviewState.VALIDATING, act).value
        version.save(update_fields=["review_state"])
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
    return version.review_state
