"""Records that derived content left the registry: which versions, for whom, for which purpose."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.services.audit import record
from overlays.services.soon_durable import soon_durable

ACTION_OF_PURPOSE: dict[Purpose, Action] = {
    Purpose.CLINICAL: Action.RETRIEVE_CLINICAL,
    Purpose.REVIEW: Action.RETRIEVE_REVIEW,
}
"""What an actor must be allowed, to retrieve for each purpose that has a DICOMweb address."""


def record_retrieval(
    *, actor: Actor, at: datetime, purpose: Purpose, study: str, sop_instance_uids: Sequence[str], form: str
) -> None:
    """One entry for one answer. ``form`` says what left: instance, metadata, frames, bulkdata, rendered. Raises NotPermitted."""
    actor.require(ACTION_OF_PURPOSE[purpose])
    with soon_durable(), transaction.atomic(savepoint=False):
        record(
            actor=actor,
            at=at,
            event=Event.INSTANCES_RETRIEVED,
            subject=sop_instance_uids[0] if len(sop_instance_uids) == 1 else "",
            study=study,
            count=len(sop_instance_uids),
            purpose=purpose.value,
            form=form,
            instances=list(sop_instance_uids),
        )
