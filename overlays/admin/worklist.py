"""Lists overlay versions for readers: the worklist."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.views import ChangeList

from overlays.admin import badges, comparisons, drawings, review_page
from overlays.admin.actor import actor_of, allowed
from overlays.admin.read_only import ReadOnlyAdmin
from overlays.admin.words import KINDS, day, person_name
from overlays.admin.worklist_filters import (
    ALL,
    KindFilter,
    ModelFilter,
    ModelStatusFilter,
    StateFilter,
    StudyDateFilter,
    VerificationFilter,
)
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose, ReviewState
from overlays.models import OverlayVersion
from overlays.queries.drawing_frames import BACKGROUND
from overlays.queries.gate import rulings_for_instances
from overlays.queries.worklist import counts_by_state, worklist

MOST_SEGMENTS_NAMED = 4
WITHOUT_PICTURE = frozenset(("SR",))
"""Families that are read and not looked at, though some of them draw a region."""
TABS = (
    ("", "Awaiting review", (ReviewState.PENDING, ReviewState.IN_REVIEW)),
    ("accepted", "Accepted", (ReviewState.ACCEPTED,)),
    ("rejected", "Rejected", (ReviewState.REJECTED,)),
    ("quarantined", "Quarantined", (ReviewState.QUARANTINED,)),
    (ALL, "All", tuple(ReviewState)),
)


class WorklistPage(ChangeList):
    """One page of rows, each with the two rulings of the gate: what a clinician would be shown, and what a reader may see."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the rows, then ask the gate about all of them at once for each purpose."""
        super().get_results(request)
        rows = list(self.result_list)
        wanted = [(row.sop_instance_uid, None) for row in rows]
        actor = actor_of(request)
        clinical = rulings_for_instances(actor=actor, wanted=wanted, purpose=Purpose.CLINICAL)
        review = rulings_for_instances(actor=actor, wanted=wanted, purpose=Purpose.REVIEW)
        drawing = allowed(request, Action.DECIDE_REVIEW)
        now = timezone.now()
        for row, for_clinic, for_reader in zip(rows, clinical, review, strict=True):
            row.clinical, row.review, row.drawing, row.age = (
                for_clinic,
                for_reader,
                drawing,
                badges.age(row.stored_at, now),
            )
        self.result_list = rows

    def url_for_result(self, result: OverlayVersion) -> str:
        """Rows lead to the review page."""
        return review_page.address(result)


@admin.register(OverlayVersion)
class WorklistAdmin(ReadOnlyAdmin):
    """The worklist of readers; stewards and auditors see the same rows without the images."""

    empty_title = "Nothing here"
    empty_text = (
        "Nothing waits for you in this view. The tabs above show what has been decided and what is quarantined."
    )
    reading = (Action.READ_REVIEWS,)
    list_display = ("picture", "patient", "examination", "result", "state", "waiting", "findings_told")
    list_display_links = ("patient",)
    list_filter = (StateFilter, ModelFilter, ModelStatusFilter, VerificationFilter, KindFilter, StudyDateFilter)
    search_fields = (
        "study__patient_id",
        "study__patient_name",
        "study__accession_number",
        "=study__study_instance_uid",
        "=sop_instance_uid",
    )
    search_help_text = "Patient's name or id, accession number, Study or SOP Instance UID"
    list_before_template = "overlays/worklist_tabs.html"
    list_after_template = "overlays/worklist_keys.html"
    list_fullwidth = True
    show_full_result_count = True

    class Media:
        js = ("overlays/worklist.js",)

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[DjangoChangeList]:
        """Rows with their rulings."""
        return WorklistPage

    def get_queryset(self, request: HttpRequest) -> QuerySet[OverlayVersion]:
        """Every version that the person may know of, the one that waits longest first."""
        return worklist(actor_of(request))

    def get_urls(self) -> list:
        """The list's addresses, those of the review page, of the drawings and of the comparisons."""
        return [
            path("<int:pk>/review/", review_page.review, name="overlays_overlayversion_review"),
            *drawings.urls(),
            *comparisons.urls(),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """A version is shown on its review page."""
        return HttpResponseRedirect(review_page.address(self.found_or_404(request, object_id)))

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list under tabs that count."""
        tabs = []
        if self.has_view_permission(request):
            counts = counts_by_state(actor_of(request))
            chosen = request.GET.get("state", "")
            for value, text, states in TABS:
                query = request.GET.copy()
                query.pop("state", None)
                query.pop("p", None)
                if value:
                    query["state"] = value
                address = f"?{query.urlencode()}" if query else reverse("admin:overlays_overlayversion_changelist")
                count = sum(counts[state] for state in states)
                tabs.append({"text": text, "count": count, "address": address, "chosen": chosen == value})
        return super().changelist_view(request, {"title": "Worklist", "tabs": tabs, **(extra_context or {})})

    @admin.display(description="Image")
    def picture(self, version: OverlayVersion) -> SafeString:
        """The thumbnail, fetched when it scrolls into view; a sign where nothing may be drawn."""
        if version.overlay.kind in WITHOUT_PICTURE:
            return format_html(
                '<span class="ov-thumb ov-thumb-text" aria-hidden="true">{}</span>', version.overlay.kind
            )
        if not version.drawing or not drawings.may_draw(version.review):
            return format_html('<span class="ov-thumb ov-thumb-text" title="{}">not drawn</span>', "Not drawn for you")
        return format_html(
            '<img class="ov-thumb" loading="lazy" width="72" height="72" alt="{}" src="{}">',
            f"Thumbnail of {version.overlay}, version {version.number}",
            drawings.thumbnail_address(version),
        )

    @admin.display(description="Patient", ordering="study__patient_name")
    def patient(self, version: OverlayVersion) -> SafeString:
        """Name and id."""
        study = version.study
        return _two(person_name(study.patient_name) or "No name", study.patient_id or "no id")

    @admin.display(description="Study", ordering="study__study_date")
    def examination(self, version: OverlayVersion) -> SafeString:
        """Date and description."""
        study = version.study
        return _two(day(study.study_date) or "No date", study.study_description or study.accession_number or "—")

    @admin.display(description="Overlay")
    def result(self, version: OverlayVersion) -> SafeString:
        """What it is, who made it, which version."""
        named = [label for label, code in version.overlay.segments if label and code != BACKGROUND]
        labels, more = named[:MOST_SEGMENTS_NAMED], len(named) - MOST_SEGMENTS_NAMED
        what = ", ".join(labels) + (f" and {more} more" if more > 0 else "")
        who = version.author or f"{version.claimed_name} {version.claimed_version}".strip() or "Unknown model"
        kind = KINDS.get(version.overlay.kind, version.overlay.kind)
        return format_html(
            '<div><span class="ov-strong">{}</span> <span class="ov-tag">version {}</span><br>'
            '<span class="ov-sub">{}</span></div>',
            who,
            version.number,
            f"{kind}: {what}" if what else kind,
        )

    @admin.display(description="State", ordering="review_state")
    def state(self, version: OverlayVersion) -> SafeString:
        """Review state, what clinicians are shown, sources and model, each in words."""
        status = None if version.model_version is None else version.model_version.status
        found = [
            badges.review_state(version.review_state),
            badges.verdict(version.clinical.verdict, "Clinic: "),
            badges.verification(version.verification),
        ]
        if not version.author:
            found.append(badges.model_status(status))
        return format_html('<span class="ov-badges">{}</span>', format_html_join("", "{}", ((each,) for each in found)))

    @admin.display(description="Waiting", ordering="stored_at")
    def waiting(self, version: OverlayVersion) -> SafeString:
        """How long ago it was stored."""
        return format_html('<span title="Stored {}">{}</span>', f"{version.stored_at:%Y-%m-%d %H:%M} UTC", version.age)

    @admin.display(description="Findings")
    def findings_told(self, version: OverlayVersion) -> SafeString:
        """How many findings its validation told."""
        count = len(version.findings)
        return format_html('<span class="{}">{}</span>', "ov-strong" if count else "ov-sub", count or "none")


def _two(first: str, second: str) -> SafeString:
    return format_html('<div><span class="ov-strong">{}</span><br><span class="ov-sub">{}</span></div>', first, second)
