"""Writes audit entries: one for each deed, in the deed's own transaction."""

from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from overlays.governance.actor import Actor
from overlays.governance.changes import changes_decisions
from overlays.governance.events import SENTENCES, Event
from overlays.models import AuditEntry, ModelVersion
from overlays.services.tell_change import tell_change


def record(
    *,
    actor: Actor,
    at: datetime,
    event: Event,
    subject: str = "",
    study: str = "",
    about: ModelVersion | None = None,
    **data: object,
) -> AuditEntry:
    """Append one entry; an event that can change a render decision is also told to the viewers that are showing something.

    The subject of such an event is the SOP Instance UID of a version, unless it is ``about`` a model version.

    Raises KeyError when the data lack a field of the event's sentence, so that no entry is ever stored that cannot be read, and
    TransactionManagementError outside a transaction: an entry and its deed stand or fall together.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"{event} is recorded outside the transaction of its deed")
    SENTENCES[event].format_map(data)
    if changes_decisions(event):
        tell_change(event=event, at=at, study=study, sop_instance_uid="" if about else subject, model_version=about)
    return AuditEntry.objects.create(
        event=event.value,
        at=at,
        actor_kind=actor.kind.value,
        actor_key=actor.key,
        actor_name=actor.name,
        client_id=actor.client_id,
        correlation_id=actor.correlation_id,
        study_instance_uid=study,
        subject=subject,
        data=data,
    )
