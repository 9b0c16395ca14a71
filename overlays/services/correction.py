"""Finds the version that a reader's object corrects."""

from overlays.dicom.instance import Instance
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.models import AuditEntry, OverlayVersion, RenderDecision
from overlays.services.line import source_series
from overlays.services.outcomes import Refusal, Refused
from overlays.services.registry_findings import finding

_DECISIONS_LOOKED_AT = 50


def _shown_to(actor: Actor, study_instance_uid: str) -> set[str]:
    """SOP Instance UIDs of the study that the person was offered by a decision, or opened on the review page."""
    opened = AuditEntry.objects.filter(
        actor_key=actor.key, event=Event.VERSION_SEEN.value, study_instance_uid=study_instance_uid
    ).values_list("subject", flat=True)
    decisions = RenderDecision.objects.filter(actor_key=actor.key, study_instance_uid=study_instance_uid).order_by(
        "-evaluated_at"
    )[:_DECISIONS_LOOKED_AT]
    offered = {uid for decision in decisions for uid, verdict, *_ in decision.rulings if verdict != "withhold"}
    return offered | set(opened)


def corrected_version(*, actor: Actor, instance: Instance) -> OverlayVersion:
    """The version that the object names as its predecessor; else the newest of its source series that its author was shown.

    Raises Refused where neither is found.
    """
    versions = OverlayVersion.objects.select_related("overlay").filter(
        study__study_instance_uid=instance.study_instance_uid
    )
    if instance.predecessors:
        parent = versions.filter(sop_instance_uid__in=instance.predecessors).order_by("-number").first()
        if parent:
            return parent
    else:
        wanted = source_series(instance)
        shown = versions.filter(sop_instance_uid__in=_shown_to(actor, instance.study_instance_uid))
        for candidate in shown.order_by("-stored_at", "-number"):
            if candidate.overlay.source_series == wanted:
                return candidate
    raise Refused(Refusal.RULES_BROKEN, (finding("REG-007"),))
