"""Registers models and their versions; what waited in quarantine for a version is released."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.models import AIModel, ModelVersion
from overlays.services.audit import record
from overlays.services.locking import hold_model_name
from overlays.services.release_waiting import release_waiting

LONGEST_TEXT = 64
"""Characters of a name or version: Algorithm Name and Algorithm Version are LO (PS3.5 6.2)."""


def _named(value: str, what: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise Invalid(f"{what} has 1 to {LONGEST_TEXT} characters; this has {len(text)}.")
    return text


def register_model(*, actor: Actor, at: datetime, name: str, manufacturer: str = "", intended_use: str = "") -> AIModel:
    """Register a model. Raises NotPermitted, Invalid, Conflict (registered already)."""
    actor.require_everywhere(Action.MANAGE_MODELS)
    name, manufacturer = _named(name, "A model's name"), manufacturer.strip()
    if len(manufacturer) > LONGEST_TEXT:
        raise Invalid(f"A manufacturer has at most {LONGEST_TEXT} characters; this has {len(manufacturer)}.")
    with transaction.atomic():
        hold_model_name(name)
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
    """Register a version of a model; what it made, and clients that may post for it stored, is released to review.

    Raises NotPermitted, NotFound, Invalid, Conflict (registered already).
    """
    actor.require_everywhere(Action.MANAGE_MODELS)
    version = _named(version, "A model's version")
    with transaction.atomic():
        model = AIModel.objects.filter(pk=model_id).first()
        if model is None:
            raise NotFound(f"There is no model {model_id}.")
        hold_model_name(model.name)
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
        release_waiting(actor, at, registered)
    return registered
