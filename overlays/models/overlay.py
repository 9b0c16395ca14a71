"""Remembers overlays: the line that versions of one result stand on."""

import uuid

from django.db import models

from overlays.models.ai_model import AIModel
from overlays.models.study import Study


class Overlay(models.Model):
    """One line of results: same study, model, source series, kind, content label and segment set; and targets, of what is about others.

    ``line`` is the SHA-256 of those in canonical form; ``about`` is the digest of the targets, empty where there are none.
    ``last_number`` is the number given last; it is raised under a row lock, so that numbers have no gaps and no duplicates. ``model_name``
    and ``model_manufacturer`` are as the first version claimed them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.CharField(max_length=64, unique=True)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="overlays")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="overlays", null=True)
    model_name = models.CharField(max_length=64, blank=True)
    model_manufacturer = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=16)
    content_label = models.CharField(max_length=64, blank=True)
    source_series = models.JSONField()
    segments = models.JSONField()
    about = models.CharField(max_length=64, blank=True, default="")
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.content_label}".strip()
