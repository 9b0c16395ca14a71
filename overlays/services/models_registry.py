"""Registers models and their versions, changes the status of a version, and says who may post for a model."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import ReviewAct, after, require_status_change
from overlays.governance.vocabulary import ModelStatus, ReviewState
from overlays.models import AIModel, ModelStatusChange, ModelVersion, Overlay, OverlayVersion, Poster
from overlays.services.audit import record

LONGEST_TEXT = 64
"""Characters of a name or version: Algorithm Name and Algorithm Version are LO (PS3.5 6.2)."""


def _named(value: str, what: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise Invalid(f"{what} has 1 to {LONGEST_TEXT} characters; this has {len(text)}.")
    return text


def register_model(*, actor: Actor, at: datetime, name: str, manufacturer: str = "", intended_use: str = "") -> AIModel:
    """Register a model. Raises NotPermitted, Invalid, Conflict (registered already)."""
    actor.require(Action.MANAGE_MODELS)
    name, manufacturer = _named(name, "A model's name"), manufacturer.strip()
    if len(manufacturer) > LONGEST_TEXT:
        raise Invalid(f"A manufacturer has at most {LONGEST_TEXT} characters; this has {len(manufacturer)}.")
    with transaction.atomic():
        model, made = AIModel.objects.get_or_create(
            name=name,
            manufacturer=manufacturer,
            defaults={"intended_use": intended_use, "registered_at": at, "registered_by": actor.name},
        )
        if not made:
            raise Conflict(f"The model {name} of {manufacturer or 'no named manufacturer'} is registered already.")
        record(actor=actor, at=at, event=Event.MODEL_REGISTERED, subject=f"model:{model.pk}", model=name)
    return model


def register_model_version(*, actor: Actor, at: datetime, model_id: int, version: str) -> ModelVersion:
    """Register a version of a model; quarantined overlay versions that it made are released to review.

    Raises NotPermitted, NotFound, Invalid, Conflict (registered already).
    """
    actor.require(Action.MANAGE_MODELS)
    version = _named(version, "A model's version")
    with transaction.atomic():
        model = AIModel.objects.filter(pk=model_id).first()
        if model is None:
            raise NotFound(f"There is no model {model_id}.")
        registered, made = ModelVersion.objects.get_or_create(
            model=model, version=version, defaults={"registered_at": at, "registered_by": actor.name}
        )
        if not made:
            raise Conflict(f"{registered} is registered already.")
        record(
            actor=actor,
            at=at,
            event=Event.MODEL_VERSION_REGISTERED,
            subject=f"model-version:{registered.pk}",
            model=model.name,
            version=version,
        )
        _release_quarantined(actor, at, registered)
    return registered


def _release_quarantined(actor: Actor, at: datetime, registered: ModelVersion) -> None:
    """Release what waited for this version. A maker, where both sides name one, must agree."""
    waiting = OverlayVersion.objects.filter(
        review_state=ReviewState.QUARANTINED.value,
        claimed_name=registered.model.name,
        claimed_version=registered.version,
    ).select_related("overlay", "study")
    if registered.model.manufacturer:
        waiting = waiting.filter(claimed_manufacturer__in=["", registered.model.manufacturer])
    for version in waiting.order_by("pk"):
        Overlay.objects.select_for_update().get(pk=version.overlay_id)
        version.review_state = after(ReviewState(version.review_state), ReviewAct.REGISTER).value
        version.model_version = registered
        version.save(update_fields=["review_state", "model_version"])
        Overlay.objects.filter(pk=version.overlay_id, model=None).update(model=registered.model)
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_RELEASED,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            model_version=str(registered),
        )


def set_status(
    *, actor: Actor, at: datetime, model_version_id: int, status: ModelStatus, reason: str
) -> ModelStatusChange:
    """Change the status of a model version; the next render decision follows it.

    Raises NotPermitted, NotFound, Invalid (no reason), TransitionRefused (the table has no such step; a recall lifted by who made it).
    """
    actor.require(Action.MANAGE_MODELS)
    if not 1 <= len(reason.strip()) <= 2000:
        raise Invalid("A change of status has a reason, of 1 to 2000 characters.")
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().filter(pk=model_version_id).first()
        if version is None:
            raise NotFound(f"There is no model version {model_version_id}.")
        before = ModelStatus(version.status)
        last = version.status_changes.order_by("-pk").first()
        require_status_change(before, status, recalled_by=last.actor_key if last else "", actor_key=actor.key)
        version.status = status.value
        version.save(update_fields=["status"])
        change = ModelStatusChange.objects.create(
            model_version=version,
            before=before.value,
            after=status.value,
            reason=reason.strip(),
            changed_at=at,
            actor_key=actor.key,
            actor_name=actor.name,
        )
        record(
            actor=actor,
            at=at,
            event=Event.MODEL_STATUS_CHANGED,
            subject=f"model-version:{version.pk}",
            model=version.model.name,
            version=version.version,
            before=before.value,
            after=status.value,
            reason=change.reason,
        )
    return change


def grant_poster(*, actor: Actor, at: datetime, model_id: int, client_id: str) -> Poster:
    """Let a pipeline client post for a model. Raises NotPermitted, NotFound, Invalid, Conflict (it may already)."""
    actor.require(Action.MANAGE_MODELS)
    if not 1 <= len(client_id) <= 255:
        raise Invalid("A client id has 1 to 255 characters.")
    with transaction.atomic():
        model = AIModel.objects.filter(pk=model_id).first()
        if model is None:
            raise NotFound(f"There is no model {model_id}.")
        poster, made = Poster.objects.get_or_create(model=model, client_id=client_id)
        if not made:
            raise Conflict(f"The client {client_id} may post for {model.name} already.")
        record(
            actor=actor,
            at=at,
            event=Event.POSTER_GRANTED,
            subject=f"model:{model.pk}",
            client_id=client_id,
            model=model.name,
        )
    return poster


def revoke_poster(*, actor: Actor, at: datetime, model_id: int, client_id: str) -> None:
    """No longer let a client post for a model; what it posted stays. Raises NotPermitted, NotFound."""
    actor.require(Action.MANAGE_MODELS)
    with transaction.atomic():
        poster = Poster.objects.select_related("model").filter(model_id=model_id, client_id=client_id).first()
        if poster is None:
            raise NotFound(f"The client {client_id} may not post for model {model_id} as it is.")
        poster.delete()
        record(
            actor=actor,
            at=at,
            event=Event.POSTER_REVOKED,
            subject=f"model:{model_id}",
            client_id=client_id,
            model=poster.model.name,
        )
