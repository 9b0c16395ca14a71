"""Remembers every deed, once and for ever."""

from django.db import models

from overlays.governance.actor import ActorKind
from overlays.governance.events import Event
from overlays.models.append_only import AppendOnly
from overlays.models.choices import choices, within


class AuditEntry(AppendOnly):
    """One logged act. The actor stands here as text and as key, so that renaming or deleting a user changes nothing.

    ``subject`` is what it was done to (a SOP Instance UID, a model's name and version …). ``data`` holds what the event's sentence
    needs, never patient data; ``schema`` numbers its form.
    """

    event = models.CharField(max_length=64, choices=choices(Event))
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=16, choices=choices(ActorKind))
    actor_key = models.CharField(max_length=255, db_index=True)
    actor_name = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=64, db_index=True)
    study_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    subject = models.CharField(max_length=255, blank=True, db_index=True)
    schema = models.PositiveSmallIntegerField(default=1)
    data = models.JSONField()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "audit entries"
        constraints = [
            within("event", Event),
            within("actor_kind", ActorKind),
            models.CheckConstraint(condition=~models.Q(actor_key=""), name="overlays_auditentry_has_actor"),
            models.CheckConstraint(condition=~models.Q(correlation_id=""), name="overlays_auditentry_has_request"),
        ]

    def __str__(self) -> str:
        return self.event
