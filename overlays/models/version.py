"""Remembers overlay versions, each one immutable SOP instance, beside the state that is derived from what happened to it."""

from django.db import models

from overlays.governance.vocabulary import ReviewState, Verification
from overlays.models.ai_model import ModelVersion
from overlays.models.append_only import AppendOnly
from overlays.models.choices import choices, within
from overlays.models.overlay import Overlay
from overlays.models.stored_bytes import StoredBytes
from overlays.models.study import Series, Study


class OverlayVersion(AppendOnly):
    """One immutable SOP instance of an overlay's line, numbered from 1.

    What the object says and how it came in never changes. The fields of ``mutable_fields`` are derived: from reviews, from the model
    registry, and from looking the sources up.

    ``content`` holds segments or measurement groups for people to read; ``claims`` every place where the object names its maker,
    and ``claimed_…`` what was believed of them; ``source_count`` is how many source instances it names. ``post`` groups the
    versions of one request, which never supersede one another. ``author`` is set for a correction.
    """

    mutable_fields = frozenset(
        {"review_state", "reviewed_at", "reviewed_by", "reviewer_key", "verification", "model_version"}
    )

    overlay = models.ForeignKey(Overlay, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="versions")
    bytes = models.ForeignKey(StoredBytes, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    sop_class_uid = models.CharField(max_length=64)
    transfer_syntax_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16)
    instance_number = models.IntegerField(null=True)
    patient_id = models.CharField(max_length=64, blank=True)
    patient_name = models.CharField(max_length=324, blank=True)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    number_of_frames = models.IntegerField(null=True)
    grid = models.JSONField(null=True)
    pixels = models.JSONField(null=True)
    attributes = models.JSONField()
    content = models.JSONField()
    claims = models.JSONField()
    claimed_name = models.CharField(max_length=64, blank=True)
    claimed_version = models.CharField(max_length=64, blank=True)
    claimed_manufacturer = models.CharField(max_length=64, blank=True)
    source_count = models.PositiveIntegerField()
    findings = models.JSONField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="corrections", null=True)
    author = models.CharField(max_length=255, blank=True)
    post = models.UUIDField()
    stored_at = models.DateTimeField(db_index=True)
    stored_by = models.CharField(max_length=255)
    stored_by_key = models.CharField(max_length=255, db_index=True)
    stored_by_client = models.CharField(max_length=255, blank=True)

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="overlay_versions", null=True
    )
    review_state = models.CharField(max_length=16, choices=choices(ReviewState))
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=255, blank=True)
    reviewer_key = models.CharField(max_length=255, blank=True)
    verification = models.CharField(max_length=16, choices=choices(Verification))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["overlay", "number"], name="overlays_version_number_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="overlays_version_number_from_1"),
            models.CheckConstraint(
                condition=~models.Q(review_state__in=["accepted", "rejected"]) | ~models.Q(reviewed_by=""),
                name="overlays_version_verdict_has_reviewer",
            ),
            within("review_state", ReviewState),
            within("verification", Verification),
        ]
        indexes = [models.Index(fields=["review_state", "stored_at"], name="overlays_version_worklist")]

    def __str__(self) -> str:
        return f"version {self.number}"


class SourceReference(AppendOnly):
    """One edge of lineage: a version was derived from a source instance."""

    version = models.ForeignKey(OverlayVersion, on_delete=models.PROTECT, related_name="source_references")
    sop_instance_uid = models.CharField(max_length=64, db_index=True)
    sop_class_uid = models.CharField(max_length=64, blank=True)
    series_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    study_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    frame_numbers = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "sop_instance_uid"], name="overlays_sourcereference_once")
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid
