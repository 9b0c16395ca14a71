"""Changes the status of a model version."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor, ActorKind
from overlays.governance.errors import Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import require_status_change
from overlays.governance.vocabulary import ModelStatus
from overlays.models import ModelStatusChange, ModelVersion, OverlayVersion
from overlays.services.audit import record
from overlays.services.supersede import settle_accepted


def set_status(
    *, actor: Actor, at: datetime, model_version_id: int, status: ModelStatus, reason: str
) -> ModelStatusChange:
    """Change the status of a model version; the next render decision follows it.

    Raises NotPermitted, NotFound, Invalid (no reason), TransitionRefused (the table has no such step; a recall lifted by who made it).
    """
    actor.require_everywhere(Action.MANAGE_MODELS)
    if not 1 <= len(reason.strip()) <= 2000:
        raise Invalid("A change of status has a reason, of 1 to 2000 characters.")
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().filter(pk=model_version_id).first()
        if version is None:
            raise NotFound(f"There is no model version {model_version_id}.")
        before = ModelStatus(version.status)
        last = version.status_changes.order_by("-pk").first()
        require_status_change(
            before,
            status,
            recalled_by=last.actor_key if last else "",
            actor_key=actor.key,
            is_person=actor.kind is ActorKind.PERSON,
        )
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
            about=version,
            model=version.model.name,
            version=version.version,
            before=before.value,
            after=status.value,
            reason=change.reason,
        )
        settle_accepted(actor, at, OverlayVersion.objects.filter(model_version=version))
    return change
