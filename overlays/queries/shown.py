"""Asks which versions a person has had before the eyes."""

from collections.abc import Collection

from overlays.governance.events import Event
from overlays.models import AuditEntry, DisplayReceipt, RenderDecision

PIXELS = ("instance", "frames", "bulkdata", "rendered")
"""Forms of retrieval that bring what can be drawn of an object with pixels; its metadata is fetched with every study that is opened."""
_DECISIONS_LOOKED_AT = 50


def seen_by(
    *, actor_key: str, study_instance_uid: str, sop_instance_uids: Collection[str], has_pixels: bool
) -> set[str]:
    """Those of the versions that the person fetched, opened on the review page, or was drawn by a viewer that says so.

    What has no pixels, such as a report, is drawn from its metadata alone. Four questions, however often each was fetched.
    """
    forms = PIXELS if has_pixels else (*PIXELS, "metadata")
    entries = AuditEntry.objects.filter(actor_key=actor_key).order_by()
    fetched = entries.filter(event=Event.INSTANCES_RETRIEVED.value, data__form__in=forms)
    found = set(
        entries.filter(event=Event.VERSION_SEEN.value, subject__in=sop_instance_uids).values_list("subject", flat=True)
    )
    found.update(fetched.filter(subject__in=sop_instance_uids).values_list("subject", flat=True).distinct())
    several = fetched.filter(subject="", study_instance_uid=study_instance_uid)
    for uids in several.values_list("data__instances", flat=True).distinct():
        found.update(uids)
    receipts = DisplayReceipt.objects.filter(actor_key=actor_key, sop_instance_uid__in=sop_instance_uids)
    found.update(receipts.values_list("sop_instance_uid", flat=True))
    return found.intersection(sop_instance_uids)


def offered_to(*, actor_key: str, study_instance_uid: str) -> set[str]:
    """SOP Instance UIDs that late decisions on the study, or on named instances, let the person be shown."""
    decisions = RenderDecision.objects.filter(
        actor_key=actor_key, study_instance_uid__in=["", study_instance_uid]
    ).order_by("-evaluated_at")[:_DECISIONS_LOOKED_AT]
    return {uid for decision in decisions for uid, verdict, *_ in decision.rulings if verdict != "withhold"}
