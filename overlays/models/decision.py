"""Remembers what viewers were told, and what they say they drew."""

from django.db import models

from overlays.governance.vocabulary import Purpose
from overlays.models.append_only import AppendOnly
from overlays.models.choices import choices, within


class RenderDecision(AppendOnly):
    """One answer to "what may be rendered?": for whom, for which purpose, with which verdict on which version.

    ``rulings`` is a list of ``[SOP Instance UID, verdict, [reason codes], digest]``; ``schema`` numbers its form.
    """

    id = models.UUIDField(primary_key=True)
    purpose = models.CharField(max_length=16, choices=choices(Purpose))
    study_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    policy = models.CharField(max_length=64)
    policy_version = models.PositiveIntegerField()
    schema = models.PositiveSmallIntegerField(default=1)
    rulings = models.JSONField()
    evaluated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=64)

    class Meta:
        constraints = [within("purpose", Purpose)]
        indexes = [models.Index(fields=["actor_key", "-evaluated_at"], name="overlays_decision_by_actor")]

    def __str__(self) -> str:
        return str(self.id)


class DisplayReceipt(AppendOnly):
    """A viewer's word that it drew a version, under a decision it was given."""

    decision = models.ForeignKey(RenderDecision, on_delete=models.PROTECT, related_name="receipts")
    sop_instance_uid = models.CharField(max_length=64, db_index=True)
    displayed_at = models.DateTimeField()
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.sop_instance_uid
