"""Narrows the worklist."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from overlays.admin.badges import MODEL_STATUSES, REVIEW_STATES, VERIFICATIONS
from overlays.admin.words import KINDS
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AIModel
from overlays.queries.worklist import AWAITING

ALL = "all"
AWAITING_VALUE = "awaiting"


class StateFilter(admin.SimpleListFilter):
    """Review state; without a choice, what waits for a reader."""

    title = "review state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every state, and all of them."""
        return [(ALL, "All states"), *((state.value, words[0]) for state, words in REVIEW_STATES.items())]

    def choices(self, changelist):
        """The lookups, the default among them under its own name."""
        yield {
            "selected": self.value() in (None, AWAITING_VALUE),
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Awaiting review",
        }
        for value, text in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": text,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions in the state."""
        if self.value() in (None, AWAITING_VALUE):
            return queryset.filter(review_state__in=AWAITING)
        return queryset if self.value() == ALL else queryset.filter(review_state=self.value())


class ModelFilter(admin.SimpleListFilter):
    """The registered model, or none."""

    title = "model"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every registered model."""
        models = [(str(pk), f"{name} ({maker})" if maker else name) for pk, name, maker in _models()]
        return [*models, ("none", "Not registered")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions of the model; none for a value that is no key."""
        value = self.value()
        if value is None:
            return queryset
        if value == "none":
            return queryset.filter(model_version=None)
        return queryset.filter(model_version__model=int(value)) if value.isdecimal() else queryset.none()


def _models():
    return AIModel.objects.order_by("name", "manufacturer").values_list("pk", "name", "manufacturer")[:100]


class ModelStatusFilter(admin.SimpleListFilter):
    """The status of the model version."""

    title = "model status"
    parameter_name = "model_status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every status."""
        return [(status.value, MODEL_STATUSES[status][0]) for status in ModelStatus]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions whose model version has the status."""
        return queryset.filter(model_version__status=self.value()) if self.value() else queryset


class VerificationFilter(admin.SimpleListFilter):
    """What looking the sources up has shown."""

    title = "sources"
    parameter_name = "sources"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every verification."""
        return [(word.value, words[0]) for word, words in VERIFICATIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions with the verification."""
        return queryset.filter(verification=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """Segmentation, report, map and so on."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every kind."""
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions of the kind."""
        return queryset.filter(overlay__kind=self.value()) if self.value() else queryset


class StudyDateFilter(admin.SimpleListFilter):
    """How long ago the study was made."""

    title = "study date"
    parameter_name = "study_date"
    days = {"7": "Last 7 days", "30": "Last 30 days", "365": "Last year"}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The periods."""
        return list(self.days.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The versions of studies not older than that."""
        if self.value() not in self.days:
            return queryset
        first = timezone.now().date() - timedelta(days=int(self.value()))
        return queryset.filter(study__study_date__gte=f"{first:%Y%m%d}")
