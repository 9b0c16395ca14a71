"""Remembers which bytes lie in the store."""

from django.db import models

from overlays.models.append_only import AppendOnly


class StoredBytes(AppendOnly):
    """Bytes as they were received, known by their SHA-256 and kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "stored bytes"
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="overlays_storedbytes_not_empty")]

    def __str__(self) -> str:
        return self.sha256
