"""Registers models and their versions; what waited in quarantine for a version is released."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import AIModel, ModelVersion, Overlay, OverlayVersion
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
