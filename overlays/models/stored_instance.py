"""Remembers which SOP Instance UIDs are taken, by images and versions alike."""

from django.db import models

from overlays.models.append_only import AppendOnly


class StoredInstance(AppendOnly):
    """One UID and the digest of the bytes that are stored under it: one row, so that no UID can be stored twice, as whatever."""

    sop_instance_uid = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64)
    study_instance_uid = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.sop_instance_uid
