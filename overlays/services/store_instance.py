"""Takes one received instance through every check and stores it, or says all that is wrong with it."""

from datetime import datetime
from uuid import UUID

from django.db import OperationalError, transaction

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Family, Instance
from overlays.governance.actor import Actor
from overlays.governance.errors import NotPermitted
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.services.audit import record
from overlays.services.examine import SUBMIT, examine
from overlays.services.look_up_sources import look_up_sources
from overlays.services.outcomes import Outcome, rules_broken
from overlays.services.spool import Received
from overlays.services.store_source import store_source
from overlays.services.store_version import store_version

DEADLOCK = "40P01"
"""SQLSTATE of PostgreSQL: this transaction was chosen to give way, and may be tried again."""


def store_instance(
    *,
    actor: Actor,
    at: datetime,
    received: Received,
    post: UUID,
    posted_to: str | None = None,
    record_refusal: bool = True,
) -> Outcome:
    """Store one instance.

    ``post`` is the id of the request: versions of one post never supersede one another. ``posted_to`` is the study of the address,
    where it names one. Idempotent by SOP Instance UID and digest. Whatever is refused leaves nothing but an audit entry,
    or not even that where the caller records refusals together (``record_refusal=False``).

    Raises NotPermitted when the actor may not post at all.
    """
    if not any(actor.may(action) for action in SUBMIT):
        raise NotPermitted(f"{actor.name} may not {Action.STORE_INSTANCES}.", action=str(Action.STORE_INSTANCES))

    def keep(instance: Instance, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return _store(actor, at, received, post, instance, findings)

    found = examine(actor=actor, received=received, posted_to=posted_to, keep=keep)
    if found.refusal is not None and record_refusal:
        _record_refusal(actor, at, found)
    return found


def _store(
    actor: Actor,
    at: datetime,
    received: Received,
    post: UUID,
    instance: Instance,
    findings: tuple[Finding, ...],
) -> tuple[Finding, ...]:
    looked = look_up_sources(instance)
    for last in (False, True):
        try:
            with transaction.atomic():
                if instance.family is Family.IMAGE:
                    return store_source(actor=actor, at=at, received=received, instance=instance, findings=findings)
                return store_version(
                    actor=actor,
                    at=at,
                    received=received,
                    post=post,
                    instance=instance,
                    findings=findings,
                    looked=looked,
                )
        except OperationalError as error:
            # A version that arrives locks its own line before those of the versions that name it: two such posts can cross.
            if last or getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
    raise AssertionError("the second try returns or raises")


def _record_refusal(actor: Actor, at: datetime, refused: Outcome) -> None:
    was_read = bool(refused.study_instance_uid)  # else its UIDs are but a claim of the file meta information
    with transaction.atomic():
        record(
            actor=actor,
            at=at,
            event=Event.INSTANCE_REFUSED,
            subject=refused.sop_instance_uid[:64] if was_read else "",
            study=refused.study_instance_uid[:64],
            rules=rules_broken(refused.findings),
            refusal=str(refused.refusal),
        )
