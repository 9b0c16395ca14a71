"""Records how many instances of one request were refused beyond those that have an audit entry each."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.services.audit import record


def record_refusals(*, actor: Actor, at: datetime, count: int) -> None:
    """Append the entry; which instances they are, the entries with the same correlation id and the answer tell."""
    actor.require(Action.STORE_INSTANCES if actor.may(Action.STORE_INSTANCES) else Action.STORE_CORRECTION)
    with transaction.atomic():
        record(
            actor=actor,
            at=at,
            event=Event.INSTANCE_REFUSED,
            rules=f"{count} more of the same request",
            refusal="",
            count=count,
        )
