"""Remembers, in an order that readers can follow, what may have changed a render decision."""

from django.db import models

from overlays.governance.changes import TOLD
from overlays.models.ai_model import ModelVersion
from overlays.models.append_only import AppendOnly

_ABOUT_A_VERSION = models.Q(model_version=None) & ~models.Q(study_instance_uid="") & ~models.Q(sop_instance_uid="")
_ABOUT_A_MODEL = models.Q(model_version__isnull=False, study_instance_uid="", sop_instance_uid="")


class Change(AppendOnly):
    """One change: of an overlay version, or of a model version, which has no study.

    ``transaction`` is the number of the transaction that made it: keys are given out in another order than transactions commit in,
    so that a reader who goes by the key alone would pass rows by that are not yet there.
    """

    transaction = models.BigIntegerField()
    event = models.CharField(max_length=64)
    at = models.DateTimeField()
    study_instance_uid = models.CharField(max_length=64, blank=True)
    sop_instance_uid = models.CharField(max_length=64, blank=True)
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="overlays_change_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event__in=[str(event) for event in TOLD]), name="overlays_change_event_told"
            ),
            models.CheckConstraint(condition=_ABOUT_A_VERSION | _ABOUT_A_MODEL, name="overlays_change_of_one_thing"),
        ]

    def __str__(self) -> str:
        return self.event


class PresentTransaction(models.Func):
    """The number of the transaction in which it is evaluated.

    SQLite, which lets one transaction write at a time and does not number them, counts the changes instead.
    """

    output_field = models.BigIntegerField()
    arity = 0

    def as_postgresql(self, *args: object, **kwargs: object) -> tuple[str, list]:
        """pg_current_xact_id, of PostgreSQL 13 and later; its type has no cast to a number but by way of text."""
        return "pg_current_xact_id()::text::bigint", []

    def as_sqlite(self, *args: object, **kwargs: object) -> tuple[str, list]:
        """One more than the last."""
        return '(SELECT COALESCE(MAX("transaction"), 0) + 1 FROM overlays_change)', []
