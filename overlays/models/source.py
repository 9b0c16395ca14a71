"""Remembers the source images that the registry itself holds."""

from django.db import models

from overlays.models.append_only import AppendOnly
from overlays.models.stored_bytes import StoredBytes
from overlays.models.study import Series


class SourceInstance(AppendOnly):
    """One image from which overlays are computed. ``grid`` and ``pixels`` are the value classes of the DICOM core as JSON."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="source_instances")
    bytes = models.ForeignKey(StoredBytes, on_delete=models.PROTECT, related_name="+")
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    sop_class_uid = models.CharField(max_length=64)
    transfer_syntax_uid = models.CharField(max_length=64)
    instance_number = models.IntegerField(null=True)
    patient_id = models.CharField(max_length=64, blank=True)
    patient_name = models.CharField(max_length=324, blank=True)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    number_of_frames = models.IntegerField(null=True)
    grid = models.JSONField(null=True)
    pixels = models.JSONField(null=True)
    attributes = models.JSONField()
    stored_at = models.DateTimeField()
    stored_by = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.sop_instance_uid
