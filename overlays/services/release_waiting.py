"""Lets versions out of quarantine once their model version is registered and their client may post for it."""

from datetime import datetime

from django.db.models import QuerySet

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import ModelVersion, Overlay, OverlayVersion
from overlays.services.audit import record
from overlays.services.line import line_key
from overlays.services.locking import lock_overlays
from overlays.services.supersede import supersede_if_overtaken

_WAITING = [ReviewState.QUARANTINED.value, ReviewState.VALIDATING.value]


def release_waiting(actor: Actor, at: datetime, registered: ModelVersion) -> None:
    """Give what waits for this model version to its model, and send what is quarantined to review.

    Runs in the caller's transaction, which holds the model's name. A maker, where both sides name one, must agree. What is still being
    validated is matched now and goes to review when it has passed.
    """
    lock_overlays(_waiting_for(registered).values_list("overlay_id", flat=True))
    for version in _waiting_for(registered).select_related("overlay", "study").order_by("overlay_id", "number"):
        version.model_version = registered
        if version.review_state == ReviewState.QUARANTINED:
            version.review_state = after(ReviewState(version.review_state), ReviewAct.REGISTER).value
        version.save(update_fields=["review_state", "model_version"])
        _give_to_model(version.overlay, registered)
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_RELEASED,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            model_version=str(registered),
        )
        if version.review_state == ReviewState.PENDING:
            supersede_if_overtaken(actor, at, version)


def _waiting_for(registered: ModelVersion) -> QuerySet[OverlayVersion]:
    model = registered.model
    waiting = OverlayVersion.objects.filter(
        review_state__in=_WAITING,
        model_version=None,
        author="",
        claimed_name=model.name,
        claimed_version=registered.version,
        stored_by_client__in=model.posters.values("client_id"),
    )
    if model.manufacturer:
        waiting = waiting.filter(claimed_manufacturer__in=["", model.manufacturer])
    return waiting


def _give_to_model(overlay: Overlay, registered: ModelVersion) -> None:
    """Name the model of a line that was made before its model was known, unless the model has such a line already."""
    if overlay.model_id is not None:
        return
    overlay.model = registered.model
    key = line_key(overlay, registered.model)
    if not Overlay.objects.filter(line=key).exists():
        overlay.line = key
    overlay.save(update_fields=["model", "line"])
