"""Remembers reviews."""

from django.db import models

from overlays.governance.vocabulary import Decision
from overlays.models.append_only import AppendOnly
from overlays.models.choices import choices, within
from overlays.models.version import OverlayVersion


class Review(AppendOnly):
    """One reader's act on one version, bound to the digest of the bytes that the reader saw."""

    version = models.ForeignKey(OverlayVersion, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=16, choices=choices(Decision))
    reason_code = models.CharField(max_length=16, blank=True)
    reason_scheme = models.CharField(max_length=16, blank=True)
    reason_meaning = models.CharField(max_length=64, blank=True)
    comment = models.TextField(max_length=2000, blank=True)
    seen_sha256 = models.CharField(max_length=64)
    reviewed_at = models.DateTimeField()
    reviewer_key = models.CharField(max_length=255)
    reviewer_name = models.CharField(max_length=255)

    class Meta:
        ordering = ("id",)
        constraints = [
            within("decision", Decision),
            models.CheckConstraint(
                condition=models.Q(decision="accept") | ~models.Q(reason_code=""),
                name="overlays_review_rejection_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} by {self.reviewer_name}"
