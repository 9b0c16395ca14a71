"""Writes audit entries: one for each deed, in the deed's own transaction."""

from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from overlays.governance.actor import Actor
from overlays.governance.events import SENTENCES, Event
from overlays.models import AuditEntry


def record(
    *, actor: Actor, at: datetime, event: Event, subject: str = "", study: str = "", **data: object
) -> AuditEntry:
    """Append one entry.

    Raises KeyError when the data lack a field of the event's sentence, so that no entry is ever stored that cannot be read, and
    TransactionManagementError outside a transaction: an entry and its deed stand or fall together.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"{event} is recorded outside the transaction of its deed")
    SENTENCES[event].format_map(data)
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
