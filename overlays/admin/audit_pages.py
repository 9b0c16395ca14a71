"""Lists what auditors read: audit entries, render decisions and display receipts."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from overlays.admin import badges
from overlays.admin.actor import actor_of
from overlays.admin.read_only import ReadOnlyAdmin
from overlays.admin.words import moment
from overlays.governance.permissions import Action
from overlays.models import AuditEntry, DisplayReceipt, RenderDecision
from overlays.queries.review_page import told
from overlays.services.read_audit import record_reading


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Every deed, the newest first."""

    reading = (Action.READ_AUDIT,)
    list_display = ("number", "when", "what", "actor_key", "client_id", "about")
    list_display_links = ("number",)
    list_filter = ("event", "actor_kind")
    search_fields = ("actor_name", "=actor_key", "=subject", "=study_instance_uid", "=correlation_id")
    search_help_text = "Actor, subject (SOP Instance UID), Study Instance UID or request id"
    date_hierarchy = "at"
    ordering = ("-pk",)
    fields = (
        "number",
        "what",
        "event",
        "when",
        "actor_name",
        "actor_key",
        "actor_kind",
        "client_id",
        "correlation_id",
        "study_instance_uid",
        "subject",
        "details",
    )
    readonly_fields = ("number", "when", "what", "details")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """The entries that the person may know of."""
        actor = actor_of(request)
        entries = AuditEntry.objects.all()
        return entries if actor.studies is None else entries.filter(study_instance_uid__in=actor.studies)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list; that it was opened is itself a deed."""
        answer = super().changelist_view(request, extra_context)
        record_reading(actor=actor_of(request), at=timezone.now(), asked=sorted(request.GET))
        return answer

    @admin.display(description="No.", ordering="pk")
    def number(self, entry: AuditEntry) -> int:
        """The entry's number."""
        return entry.pk

    @admin.display(description="When (UTC)", ordering="at")
    def when(self, entry: AuditEntry) -> SafeString:
        """The time of the deed."""
        return moment(entry.at)

    @admin.display(description="Study")
    def about(self, entry: AuditEntry) -> SafeString:
        """The study it concerns."""
        return format_html('<span class="ov-sub ov-break">{}</span>', entry.study_instance_uid or "—")

    @admin.display(description="What happened")
    def what(self, entry: AuditEntry) -> str:
        """The entry as a sentence."""
        return told(entry)

    @admin.display(description="Data")
    def details(self, entry: AuditEntry) -> SafeString:
        """The data of the sentence, as they are stored."""
        return format_html('<pre class="ov-pre">{}</pre>', json.dumps(entry.data, indent=1, ensure_ascii=False))


@admin.register(RenderDecision)
class RenderDecisionAdmin(ReadOnlyAdmin):
    """What viewers were told."""

    empty_title = "No render decision"
    empty_text = "No viewer has asked yet what it may draw, or none of the answers fits the search and the filters."
    reading = (Action.READ_AUDIT,)
    list_display = ("when", "purpose", "verdicts", "actor_name", "client_id", "about")
    list_display_links = ("when",)
    list_filter = ("purpose",)
    search_fields = ("actor_name", "=actor_key", "=study_instance_uid", "=correlation_id", "=client_id")
    search_help_text = "Actor, client, Study Instance UID or request id"
    ordering = ("-evaluated_at",)
    fields = (
        "id",
        "purpose",
        "rulings_told",
        "policy",
        "policy_version",
        "study_instance_uid",
        "when",
        "until",
        "actor_name",
        "actor_key",
        "client_id",
        "correlation_id",
    )
    readonly_fields = ("rulings_told", "when", "until")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RenderDecision]:
        """The decisions that the person may know of."""
        actor = actor_of(request)
        decisions = RenderDecision.objects.all()
        return decisions if actor.studies is None else decisions.filter(study_instance_uid__in=actor.studies)

    @admin.display(description="Decided (UTC)", ordering="evaluated_at")
    def when(self, decision: RenderDecision) -> SafeString:
        """When it was given."""
        return moment(decision.evaluated_at)

    @admin.display(description="Holds until (UTC)")
    def until(self, decision: RenderDecision) -> SafeString:
        """When it expires."""
        return moment(decision.expires_at)

    @admin.display(description="Study")
    def about(self, decision: RenderDecision) -> SafeString:
        """The study that was asked about."""
        return format_html('<span class="ov-sub ov-break">{}</span>', decision.study_instance_uid or "named instances")

    @admin.display(description="Verdicts")
    def verdicts(self, decision: RenderDecision) -> SafeString:
        """How many of each."""
        counts: dict[str, int] = {}
        for _, verdict, *_ in decision.rulings:
            counts[verdict] = counts.get(verdict, 0) + 1
        rows = ((count, badges.verdict(verdict)) for verdict, count in sorted(counts.items()))
        return format_html_join(" ", "{} × {}", rows) or format_html('<span class="ov-sub">{}</span>', "no overlay")

    @admin.display(description="Rulings")
    def rulings_told(self, decision: RenderDecision) -> SafeString:
        """Each instance with its verdict and the codes of the reasons."""
        rows = (
            (badges.verdict(verdict), ", ".join(codes), uid, digest[:16] or "not known")
            for uid, verdict, codes, digest in decision.rulings
        )
        row = '<li>{} {}<br><span class="ov-sub ov-break">{} · sha256 {}</span></li>'
        return format_html('<ul class="ov-plain">{}</ul>', format_html_join("", row, rows))


@admin.register(DisplayReceipt)
class DisplayReceiptAdmin(ReadOnlyAdmin):
    """What viewers say they drew."""

    empty_title = "No display receipt"
    empty_text = "No viewer has said yet that it drew something, or none of the receipts fits the search."
    reading = (Action.READ_AUDIT,)
    list_display = ("when", "actor_name", "sop_instance_uid", "purpose", "client")
    list_display_links = ("when",)
    search_fields = ("actor_name", "=actor_key", "=sop_instance_uid")
    search_help_text = "Actor or SOP Instance UID"
    ordering = ("-pk",)
    fields = ("sop_instance_uid", "when", "actor_name", "actor_key", "decision", "purpose", "client")
    readonly_fields = ("when", "purpose", "client")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DisplayReceipt]:
        """The receipts that the person may know of, each with its decision."""
        actor = actor_of(request)
        receipts = DisplayReceipt.objects.select_related("decision")
        return receipts if actor.studies is None else receipts.filter(decision__study_instance_uid__in=actor.studies)

    @admin.display(description="Displayed (UTC)", ordering="displayed_at")
    def when(self, receipt: DisplayReceipt) -> SafeString:
        """When the viewer says it drew it."""
        return moment(receipt.displayed_at)

    @admin.display(description="Purpose")
    def purpose(self, receipt: DisplayReceipt) -> str:
        """The purpose of the decision behind it."""
        return receipt.decision.purpose

    @admin.display(description="Client")
    def client(self, receipt: DisplayReceipt) -> str:
        """The viewer that asked for the decision."""
        return receipt.decision.client_id or "—"
