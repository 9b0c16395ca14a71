"""Finds the version that a reader's object corrects."""

from overlays.dicom.instance import Instance
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.policy import DEFAULT_POLICY
from overlays.governance.vocabulary import Purpose, ReviewState
from overlays.models import AuditEntry, OverlayVersion, RenderDecision
from overlays.queries.showable import words_shown
from overlays.services.line import content_set, source_series, targets
from overlays.services.outcomes import Refusal, Refused
from overlays.services.registry_findings import finding

_DECISIONS_LOOKED_AT = 50
_CORRECTABLE = [*words_shown(DEFAULT_POLICY.purposes[Purpose.REVIEW].states), ReviewState.SUPERSEDED.value]
"""Superseded ones too: a reader may still have the one on the screen that gave way in the meantime."""


def _shown_to(actor: Actor, study_instance_uid: str) -> set[str]:
    """SOP Instance UIDs that the person was offered by a decision on the study or on named instances, or opened on the review page."""
    opened = AuditEntry.objects.filter(
        actor_key=actor.key, event=Event.VERSION_SEEN.value, study_instance_uid=study_instance_uid
    ).values_list("subject", flat=True)
    decisions = RenderDecision.objects.filter(
        actor_key=actor.key, study_instance_uid__in=["", study_instance_uid]
    ).order_by("-evaluated_at")[:_DECISIONS_LOOKED_AT]
    offered = {uid for decision in decisions for uid, verdict, *_ in decision.rulings if verdict != "withhold"}
    return offered | set(opened)


def _alike(instance: Instance, candidate: OverlayVersion) -> bool:
    """Whether the two are about the same thing: same source series and targets, and something in common of what they say, by
    code or by name.

    Two that say nothing of what they are about, as presentation states without graphics, are alike.
    """
    mine, theirs = content_set(instance), candidate.overlay.segments
    common = {code for _, code in mine if code} & {code for _, code in theirs if code}
    common |= {label for label, _ in mine} & {label for label, _ in theirs}
    same_content = bool(common) or not (mine or theirs)
    same_targets = candidate.overlay.about in ("", targets(instance))
    return candidate.overlay.source_series == source_series(instance) and same_targets and same_content


def corrected_version(*, actor: Actor, instance: Instance) -> OverlayVersion:
    """The version that the object names as its predecessor; else the newest one like it that its author was shown.

    Only versions of the same kind that a reader may see can be corrected. Raises Refused where none is found.
    """
    versions = OverlayVersion.objects.select_related("overlay").filter(
        study__study_instance_uid=instance.study_instance_uid,
        overlay__kind=str(instance.family),
        review_state__in=_CORRECTABLE,
    )
    if instance.predecessors:
        parent = versions.filter(sop_instance_uid__in=instance.predecessors).order_by("-number").first()
        if parent:
            return parent
    else:
        shown = versions.filter(sop_instance_uid__in=_shown_to(actor, instance.study_instance_uid))
        for candidate in shown.order_by("-stored_at", "-number"):
            if _alike(instance, candidate):
                return candidate
    raise Refused(Refusal.RULES_BROKEN, (finding("REG-007"),))
