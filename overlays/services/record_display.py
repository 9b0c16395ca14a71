"""Takes a viewer's word that it drew something."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid, NotFound
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Verdict
from overlays.models import DisplayReceipt, OverlayVersion, RenderDecision
from overlays.services.audit import record


def record_display(
    *, actor: Actor, at: datetime, decision_id: UUID, sop_instance_uids: Sequence[str]
) -> list[DisplayReceipt]:
    """Record that the instances were drawn under a decision that this actor was given.

    A narrowed grant records for its own studies alone, though the person was given the decision with a wider one. Raises NotPermitted;
    NotFound when there is no such decision of this actor; Invalid, naming them, for instances that the decision did not let be shown.
    """
    actor.require(Action.RECORD_DISPLAY)
    decision = RenderDecision.objects.filter(pk=decision_id, actor_key=actor.key).first()
    if decision is None or not _reaches(actor, decision):
        raise NotFound(f"There is no decision {decision_id} that was given to {actor.name}.")
    shown = {uid for uid, verdict, *_ in decision.rulings if verdict != Verdict.WITHHOLD}
    if actor.studies is not None:
        reached = OverlayVersion.objects.filter(study__study_instance_uid__in=actor.studies, sop_instance_uid__in=shown)
        shown &= set(reached.values_list("sop_instance_uid", flat=True))
    if others := sorted(set(sop_instance_uids) - shown):
        raise Invalid(f"The decision {decision_id} did not let these be shown: {', '.join(others)}.")
    with transaction.atomic():
        receipts = DisplayReceipt.objects.bulk_create(
            DisplayReceipt(
                decision=decision,
                sop_instance_uid=uid,
                displayed_at=at,
                actor_key=actor.key,
                actor_name=actor.name,
            )
            for uid in dict.fromkeys(sop_instance_uids)
        )
        record(
            actor=actor,
            at=at,
            event=Event.DISPLAY_RECORDED,
            subject=str(decision_id),
            study=decision.study_instance_uid,
            count=len(receipts),
            after_expiry=at > decision.expires_at,
            instances=[receipt.sop_instance_uid for receipt in receipts],
        )
    return receipts


def _reaches(actor: Actor, decision: RenderDecision) -> bool:
    """Whether it is on a study within the grant, or on named instances, which are looked at one by one."""
    return not decision.study_instance_uid or actor.may_reach(decision.study_instance_uid)
