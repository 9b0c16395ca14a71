"""Remembers launches of a viewer: short-lived, redeemed once; the audit log keeps what became of them."""

from django.db import models

from overlays.governance.vocabulary import Purpose
from overlays.models.choices import choices, within


class Launch(models.Model):
    """An invitation to open one study in a viewer, which the viewer's login redeems.

    The code itself is not kept, only its digest. ``for_key`` is the one person who can redeem it; empty where a machine made it, for
    whoever signs in.
    """

    code_sha256 = models.CharField(max_length=64, unique=True)
    study_instance_uid = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16, choices=choices(Purpose))
    viewer = models.CharField(max_length=64)
    client_id = models.CharField(max_length=255)
    for_key = models.CharField(max_length=255, blank=True)
    made_at = models.DateTimeField()
    made_by_key = models.CharField(max_length=255)
    expires_at = models.DateTimeField(db_index=True)
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [within("purpose", Purpose)]

    def __str__(self) -> str:
        return f"launch {self.pk}"
