"""Answers for an archive whether somebody may do an operation there, and records the answer."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.archive_access import Access, access
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.services.audit import record
from overlays.services.soon_durable import soon_durable


def authorize_archive(*, actor: Actor, at: datetime, holder: Actor, data_store: str, operation: str) -> Access:
    """Whether ``holder``, whose token the archive was shown, may do the operation; ``actor`` is the archive's authorizer, which asks.

    Raises NotPermitted where the asker may not ask.
    """
    actor.require(Action.AUTHORIZE_ARCHIVE)
    found = access(holder, data_store=data_store, operation=operation, roles=settings.OVERLAYS_HEALTHIMAGING_ROLES)
    with soon_durable(), transaction.atomic(savepoint=False):
        record(
            actor=actor,
            at=at,
            event=Event.ARCHIVE_ASKED,
            subject=holder.key,
            holder=holder.key,
            client=holder.client_id,
            operation=operation,
            datastore=data_store,
            answer=found.why,
        )
    return found
