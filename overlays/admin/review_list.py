"""Lists reviews: who judged which version, when and why."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from overlays.admin import badges
from overlays.admin.actor import actor_of
from overlays.admin.read_only import ReadOnlyAdmin
from overlays.admin.words import moment, person_name
from overlays.governance.permissions import Action
from overlays.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The append-only history of all readers' acts."""

    empty_title = "No review"
    empty_text = "Nobody has judged anything yet, or none of the reviews fits the search and the filters."
    reading = (Action.READ_REVIEWS,)
    list_display = ("decided", "version_link", "patient", "reason_told", "comment_told", "reviewer_name", "when")
    list_display_links = ("decided",)
    list_filter = ("decision", "reason_code")
    search_fields = ("reviewer_name", "=version__sop_instance_uid", "version__study__patient_id", "comment")
    search_help_text = "Reviewer, SOP Instance UID, patient's id or comment"
    ordering = ("-pk",)
    fields = (
        "decided",
        "version_link",
        "reason_meaning",
        "reason_code",
        "reason_scheme",
        "comment",
        "seen_sha256",
        "reviewer_name",
        "reviewer_key",
        "when",
    )
    readonly_fields = ("decided", "version_link", "when")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Reviews of versions that the person may know of."""
        actor = actor_of(request)
        reviews = Review.objects.select_related("version__study", "version__overlay").defer(
            "version__attributes", "version__content", "version__findings", "version__claims"
        )
        return (
            reviews if actor.studies is None else reviews.filter(version__study__study_instance_uid__in=actor.studies)
        )

    @admin.display(description="Decision", ordering="decision")
    def decided(self, review: Review) -> SafeString:
        """The decision in words."""
        return badges.decision(review.decision)

    @admin.display(description="Version")
    def version_link(self, review: Review) -> SafeString:
        """What was judged."""
        version = review.version
        address = reverse("admin:overlays_overlayversion_review", args=[version.pk])
        return format_html('<a href="{}">{}, version {}</a>', address, version.overlay, version.number)

    @admin.display(description="Patient", ordering="version__study__patient_name")
    def patient(self, review: Review) -> str:
        """Name and id."""
        study = review.version.study
        return f"{person_name(study.patient_name) or 'No name'} · {study.patient_id or 'no id'}"

    @admin.display(description="Reason", ordering="reason_code")
    def reason_told(self, review: Review) -> str:
        """Why it was rejected."""
        return review.reason_meaning or "—"

    @admin.display(description="When (UTC)", ordering="pk")
    def when(self, review: Review) -> SafeString:
        """When it was judged."""
        return moment(review.reviewed_at)

    @admin.display(description="Comment")
    def comment_told(self, review: Review) -> str:
        """The beginning of the comment."""
        if not review.comment:
            return "—"
        return review.comment if len(review.comment) <= 80 else f"{review.comment[:79]}…"
