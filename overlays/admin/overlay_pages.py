"""Lists overlays and studies, and shows the page of each."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from overlays.admin import badges
from overlays.admin.actor import actor_of
from overlays.admin.read_only import ReadOnlyAdmin, page
from overlays.admin.review_context import line_row
from overlays.admin.viewer_link import viewer_link
from overlays.admin.words import day, moment, person_name
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.models import Overlay, OverlayVersion, Study
from overlays.queries.drawing_frames import BACKGROUND
from overlays.queries.gate import rulings_for_instances, rulings_for_study

MOST_ROWS = 500
MOST_NAMED = 4
_READERS = (Action.READ_REVIEWS,)


@admin.register(Overlay)
class OverlayAdmin(ReadOnlyAdmin):
    """Lines of results, each with its versions."""

    empty_title = "No overlay"
    empty_text = "No pipeline has posted a result yet, or none fits the search and the filters."
    reading = _READERS
    list_display = ("overlay_name", "patient", "study_told", "model_told", "version_count", "when")
    list_display_links = ("overlay_name",)
    list_filter = ("kind",)
    search_fields = ("study__patient_id", "study__patient_name", "=study__study_instance_uid", "model_name")
    search_help_text = "Patient's name or id, Study Instance UID or model"
    ordering = ("-created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Overlay]:
        """The lines that the person may know of."""
        actor = actor_of(request)
        overlays = Overlay.objects.select_related("study").annotate(count=Count("versions"))
        return overlays if actor.studies is None else overlays.filter(study__study_instance_uid__in=actor.studies)

    @admin.display(description="Overlay")
    def overlay_name(self, overlay: Overlay) -> str:
        """Kind and segments or title."""
        return name_of(overlay)

    @admin.display(description="Patient", ordering="study__patient_name")
    def patient(self, overlay: Overlay) -> SafeString:
        """Name and id."""
        return _patient(overlay.study)

    @admin.display(description="Study", ordering="study__study_date")
    def study_told(self, overlay: Overlay) -> str:
        """Date and description."""
        return f"{day(overlay.study.study_date)} {overlay.study.study_description}".strip() or "—"

    @admin.display(description="Model", ordering="model_name")
    def model_told(self, overlay: Overlay) -> str:
        """The model as the first version claimed it."""
        return overlay.model_name or "not named"

    @admin.display(description="First stored (UTC)", ordering="created_at")
    def when(self, overlay: Overlay) -> SafeString:
        """When its first version came."""
        return moment(overlay.created_at)

    @admin.display(description="Versions", ordering="count")
    def version_count(self, overlay: Overlay) -> int:
        """How many there are."""
        return overlay.count

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of one line."""
        overlay = self.found_or_404(request, object_id)
        actor = actor_of(request)
        uids = (
            OverlayVersion.objects.filter(overlay=overlay)
            .order_by("-number")
            .values_list("sop_instance_uid", flat=True)
        )
        wanted = [(uid, None) for uid in uids[:MOST_ROWS]]
        rulings = rulings_for_instances(actor=actor, wanted=wanted, purpose=Purpose.CLINICAL)
        return page(
            request,
            "overlays/overlay.html",
            name_of(overlay),
            overlay=overlay,
            study=overlay.study,
            patient=person_name(overlay.study.patient_name) or "No name",
            study_day=day(overlay.study.study_date),
            line=[line_row(ruling, 0) for ruling in rulings if ruling.version],
            lineage=reverse("admin:overlays_lineage") + f"?overlay={overlay.pk}"
            if actor.may(Action.READ_LINEAGE)
            else "",
        )


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    """Studies, each with all that was derived from it."""

    empty_title = "No study"
    empty_text = "The registry knows no study yet, or none fits the search."
    reading = _READERS
    list_display = ("study_name", "patient", "date_told", "accession_number", "overlay_count", "sources_told")
    list_display_links = ("study_name",)
    search_fields = ("patient_id", "patient_name", "accession_number", "=study_instance_uid")
    search_help_text = "Patient's name or id, accession number or Study Instance UID"
    ordering = ("-study_date", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Study]:
        """The studies that the person may know of."""
        actor = actor_of(request)
        studies = Study.objects.annotate(lines=Count("overlays"))
        return studies if actor.studies is None else studies.filter(study_instance_uid__in=actor.studies)

    @admin.display(description="Study", ordering="study_description")
    def study_name(self, study: Study) -> str:
        """The description."""
        return study.study_description or "no description"

    @admin.display(description="Patient", ordering="patient_name")
    def patient(self, study: Study) -> SafeString:
        """Name and id."""
        return _patient(study)

    @admin.display(description="Date", ordering="study_date")
    def date_told(self, study: Study) -> str:
        """The study's date."""
        return day(study.study_date) or "—"

    @admin.display(description="Overlays", ordering="lines")
    def overlay_count(self, study: Study) -> int:
        """How many lines of results."""
        return study.lines

    @admin.display(description="Source images")
    def sources_told(self, study: Study) -> SafeString:
        """Whether the registry knows any."""
        held = ("Held", badges.Tone.GOOD) if study.has_sources else ("None held", badges.Tone.QUIET)
        return badges.badge(held)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of one study."""
        study = self.found_or_404(request, object_id)
        actor = actor_of(request)
        rulings = rulings_for_study(actor=actor, study=study.study_instance_uid, purpose=Purpose.CLINICAL)
        uid = study.study_instance_uid
        return page(
            request,
            "overlays/study.html",
            self.study_name(study),
            study=study,
            patient=person_name(study.patient_name) or "No name",
            study_day=day(study.study_date),
            birth_day=day(study.patient_birth_date),
            rows=[line_row(ruling, 0) for ruling in rulings[:MOST_ROWS] if ruling.version],
            series=study.series.annotate(images=Count("source_instances")).order_by("series_number", "pk")[:MOST_ROWS],
            lineage=reverse("admin:overlays_lineage") + f"?study={uid}" if actor.may(Action.READ_LINEAGE) else "",
            viewer=viewer_link(actor, uid),
        )


def name_of(overlay: Overlay) -> str:
    """What an overlay is about: its kind, and its first segments or its title."""
    labels = [label for label, code in overlay.segments if label and code != BACKGROUND]
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return f"{overlay.kind}: {', '.join(labels[:MOST_NAMED])}{more}" if labels else overlay.kind


def _patient(study: Study) -> SafeString:
    return format_html(
        '<div><span class="ov-strong">{}</span><br><span class="ov-sub">{}</span></div>',
        person_name(study.patient_name) or "No name",
        study.patient_id or "no id",
    )
