"""Remembers AI models, their released versions, how the status of each came about, and who may post for them."""

from django.db import models

from overlays.governance.vocabulary import ModelStatus
from overlays.models.append_only import AppendOnly
from overlays.models.choices import choices, within


class AIModel(models.Model):
    """A registered algorithm: DICOM Algorithm Name (0066,0036) of a manufacturer."""

    name = models.CharField(max_length=64)
    manufacturer = models.CharField(max_length=64, blank=True)
    intended_use = models.TextField(max_length=4000, blank=True)
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=255)

    class Meta:
        verbose_name = "AI model"
        constraints = [
            models.UniqueConstraint(fields=["name", "manufacturer"], name="overlays_aimodel_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="overlays_aimodel_named"),
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One released build of a model: DICOM Algorithm Version (0066,0031)."""

    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=choices(ModelStatus), default=str(ModelStatus.REGISTERED))
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "version"], name="overlays_modelversion_once"),
            models.CheckConstraint(condition=~models.Q(version=""), name="overlays_modelversion_numbered"),
            within("status", ModelStatus),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.version}"


class ModelStatusChange(AppendOnly):
    """One change of the status of a model version: who, when, why."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="status_changes")
    before = models.CharField(max_length=16, choices=choices(ModelStatus))
    after = models.CharField(max_length=16, choices=choices(ModelStatus))
    reason = models.TextField(max_length=2000)
    changed_at = models.DateTimeField()
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)

    class Meta:
        constraints = [within("before", ModelStatus), within("after", ModelStatus)]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Poster(models.Model):
    """A pipeline client that may post for a model."""

    model = models.ForeignKey(AIModel, on_delete=models.CASCADE, related_name="posters")
    client_id = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "client_id"], name="overlays_poster_once")]

    def __str__(self) -> str:
        return self.client_id
