"""Says which pipeline clients may post for a model."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.models import AIModel, Poster
from overlays.services.audit import record
from overlays.services.locking import hold_model_name
from overlays.services.release_waiting import release_waiting


def grant_poster(*, actor: Actor, at: datetime, model_id: int, client_id: str) -> Poster:
    """Let a pipeline client post for a model; what waits in quarantine for that alone is released.

    Raises NotPermitted, NotFound, Invalid, Conflict (it may already).
    """
    actor.require_everywhere(Action.MANAGE_MODELS)
    if not 1 <= len(client_id) <= 255 or not client_id.isprintable():
        raise Invalid("A client id has 1 to 255 characters, none of them a control character.")
    with transaction.atomic():
        model = AIModel.objects.filter(pk=model_id).first()
        if model is None:
            raise NotFound(f"There is no model {model_id}.")
        hold_model_name(model.name)
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
        for version in model.versions.order_by("pk"):
            release_waiting(actor, at, version)
    return poster


def revoke_poster(*, actor: Actor, at: datetime, model_id: int, client_id: str) -> None:
    """No longer let a client post for a model; what it posted stays. Raises NotPermitted, NotFound."""
    actor.require_everywhere(Action.MANAGE_MODELS)
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
