"""Lists AI models and their versions, and shows the page of each."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from overlays.admin import badges, model_acts
from overlays.admin.actor import actor_of, allowed
from overlays.admin.acts import Given
from overlays.admin.badges import MODEL_STATUSES
from overlays.admin.read_only import ReadOnlyAdmin, page
from overlays.governance.permissions import Action
from overlays.governance.transitions import MODEL_TRANSITIONS
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AIModel, ModelVersion

MOST_ROWS = 500


@admin.register(AIModel)
class AIModelAdmin(ReadOnlyAdmin):
    """Models; a steward registers them and says who may post for each."""

    empty_title = "No model"
    empty_text = "Until a steward registers a model and its version, what it makes is quarantined."
    reading = (Action.READ_MODELS,)
    list_display = ("model_name", "manufacturer", "version_badges", "overlay_count", "registered_told")
    list_display_links = ("model_name",)
    search_fields = ("name", "manufacturer", "versions__version")
    search_help_text = "Name, manufacturer or version"
    list_before_template = "overlays/model_list_head.html"
    ordering = ("name", "manufacturer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AIModel]:
        """Models with their versions, in two queries."""
        return AIModel.objects.annotate(lines=Count("overlays", distinct=True)).prefetch_related("versions")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list, with the way to a new model for stewards."""
        managing = allowed(request, Action.MANAGE_MODELS)
        return super().changelist_view(request, {"title": "AI models", "managing": managing, **(extra_context or {})})

    def get_urls(self) -> list:
        """The list's addresses, and the form for a new model."""
        return [path("register/", model_acts.register, name="overlays_aimodel_register"), *super().get_urls()]

    @admin.display(description="Model", ordering="name")
    def model_name(self, model: AIModel) -> str:
        """The name."""
        return model.name

    @admin.display(description="Versions")
    def version_badges(self, model: AIModel) -> SafeString:
        """Every version with its status."""
        rows = (
            (reverse("admin:overlays_modelversion_change", args=[each.pk]), each.version, _status(each))
            for each in model.versions.all()
        )
        found = format_html_join(" ", '<span class="ov-pair"><a href="{}">{}</a> {}</span>', rows)
        if found:
            return format_html("<div>{}</div>", found)
        return format_html('<span class="ov-sub">{}</span>', "no version")

    @admin.display(description="Registered", ordering="registered_at")
    def registered_told(self, model: AIModel) -> str:
        """When and by whom."""
        return f"{model.registered_at:%Y-%m-%d} by {model.registered_by}"

    @admin.display(description="Overlays", ordering="lines")
    def overlay_count(self, model: AIModel) -> int:
        """How many lines of results it has."""
        return model.lines

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of one model."""
        model = self.found_or_404(request, object_id)

        def render(given: Given, status: int = 200) -> HttpResponse:
            versions = model.versions.annotate(count=Count("overlay_versions")).order_by("-registered_at", "-pk")
            return page(
                request,
                "overlays/model.html",
                model.name,
                status,
                model=model,
                given=given,
                managing=allowed(request, Action.MANAGE_MODELS),
                versions=[(each, _status(each)) for each in versions[:MOST_ROWS]],
                posters=list(model.posters.order_by("client_id")[:MOST_ROWS]),
            )

        if request.method == "POST":
            return model_acts.managing(request, model_acts.acts_on_model(model), render, request.path)
        return render(Given())


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Released builds of models; a steward changes the status of each."""

    empty_title = "No model version"
    empty_text = "Versions are registered on the page of their model."
    reading = (Action.READ_MODELS,)
    list_display = ("version_name", "status_badge", "overlay_count", "registered_told")
    list_display_links = ("version_name",)
    list_filter = ("status",)
    search_fields = ("model__name", "model__manufacturer", "version")
    ordering = ("model__name", "-registered_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        """Versions with their model and the number of overlay versions they made."""
        return ModelVersion.objects.select_related("model").annotate(count=Count("overlay_versions"))

    @admin.display(description="Model version", ordering="model__name")
    def version_name(self, version: ModelVersion) -> str:
        """Model and version."""
        return str(version)

    @admin.display(description="Status", ordering="status")
    def status_badge(self, version: ModelVersion) -> SafeString:
        """The status in words."""
        return _status(version)

    @admin.display(description="Registered", ordering="registered_at")
    def registered_told(self, version: ModelVersion) -> str:
        """When and by whom."""
        return f"{version.registered_at:%Y-%m-%d} by {version.registered_by}"

    @admin.display(description="Overlay versions", ordering="count")
    def overlay_count(self, version: ModelVersion) -> int:
        """How many results it made."""
        return version.count

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of one model version."""
        version = self.found_or_404(request, object_id)

        def render(given: Given, status: int = 200) -> HttpResponse:
            version.refresh_from_db(fields=["status"])
            steps = MODEL_TRANSITIONS[ModelStatus(version.status)]
            changes = version.status_changes.order_by("-pk")[:MOST_ROWS]
            return page(
                request,
                "overlays/model_version.html",
                str(version),
                status,
                version=version,
                badge=_status(version),
                given=given,
                managing=allowed(request, Action.MANAGE_MODELS),
                lineage_allowed=actor_of(request).may(Action.READ_LINEAGE),
                steps=[(step.value, MODEL_STATUSES[step][0]) for step in ModelStatus if step in steps],
                changes=[
                    (
                        each,
                        badges.badge(MODEL_STATUSES[ModelStatus(each.before)]),
                        badges.badge(MODEL_STATUSES[ModelStatus(each.after)]),
                    )
                    for each in changes
                ],
            )

        if request.method == "POST":
            return model_acts.managing(request, model_acts.acts_on_version(version), render, request.path)
        return render(Given())


def _status(version: ModelVersion) -> SafeString:
    return badges.badge(MODEL_STATUSES[ModelStatus(version.status)])
