"""Lets an auditor read the audit log, and records that it was read."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.models import AuditEntry
from overlays.services.audit import record

MOST_ENTRIES = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries: those after an id, and those that agree with every text that is given."""

    after: int = 0
    limit: int = 200
    event: str = ""
    actor_key: str = ""
    study_instance_uid: str = ""
    subject: str = ""
    correlation_id: str = ""


def read_audit(*, actor: Actor, at: datetime, wanted: Wanted) -> list[AuditEntry]:
    """The entries in the order they were written, at most ``limit`` (1 to 1000) of them. Raises NotPermitted.

    A narrowed grant sees the entries of its own studies alone.
    """
    actor.require(Action.READ_AUDIT)
    texts = ("event", "actor_key", "study_instance_uid", "subject", "correlation_id")
    given = {name: getattr(wanted, name) for name in texts if getattr(wanted, name)}
    entries = AuditEntry.objects.filter(pk__gt=wanted.after, **given)
    if actor.studies is not None:
        entries = entries.filter(study_instance_uid__in=actor.studies)
    found = list(entries.order_by("pk")[: max(1, min(wanted.limit, MOST_ENTRIES))])
    with transaction.atomic():
        record(actor=actor, at=at, event=Event.AUDIT_READ, entries=len(found), after=wanted.after, asked=given)
    return found


def record_reading(*, actor: Actor, at: datetime, asked: list[str]) -> None:
    """Record that the log was opened on a page; ``asked`` names the filters, whose values people type. Raises NotPermitted."""
    actor.require(Action.READ_AUDIT)
    with transaction.atomic():
        record(actor=actor, at=at, event=Event.AUDIT_READ, asked=asked)
