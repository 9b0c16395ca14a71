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
from overlays.admin.words import person_name
from overlays.governance.permissions import Action
from overlays.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The append-only history of all readers' acts."""

    reading = (Action.READ_REVIEWS,)
    list_display = ("decided", "version_link", "patient", "reason_meaning", "comment_told", "reviewer_name", "reviewed_at")
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
        "reviewed_at",
    )
    readonly_fields = ("decided", "version_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Reviews of versions that the person may know of."""
        actor = actor_of(request)
        reviews = Review.objects.select_related("version__study", "version__overlay").defer(
            "version__attributes", "version__content", "version__findings", "version__claims"
        )
        return reviews if actor.studies is None else reviews.filter(version__study__study_instance_uid__in=actor.studies)

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

    @admin.display(description="Comment")
    def comment_told(self, review: Review) -> str:
        """The beginning of the comment."""
        return review.comment if len(review.comment) <= 80 else f"{review.comment[:79]}…"
