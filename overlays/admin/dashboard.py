"""Fills the first page of the admin with what the person's role needs to know."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from overlays.admin.actor import actor_of
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState
from overlays.models import AuditEntry
from overlays.queries.review_page import told
from overlays.queries.worklist import AWAITING, counts_by_state, reachable, reviews_by_day

DAYS = 14
WEEK = 7
NEWEST = 8
CHART_HEIGHT, BAR, GAP = 120, 30, 14


def dashboard(request: HttpRequest, context: dict) -> dict:
    """The context of the index page, with cards and the chart for those who may read reviews, entries for auditors."""
    actor = actor_of(request)
    if actor.may(Action.READ_REVIEWS):
        counts = counts_by_state(actor)
        days = reviews_by_day(timezone.now().date(), DAYS)
        context["cards"] = _cards(counts, days)
        context["chart"] = chart(days)
        context["waiting"] = [
            (version, reverse("admin:overlays_overlayversion_review", args=[version.pk]))
            for version in reachable(actor)
            .filter(review_state__in=AWAITING)
            .select_related("overlay", "study")
            .defer("attributes", "content", "claims", "findings")
            .order_by("stored_at", "pk")[:NEWEST]
        ]
    if actor.may(Action.READ_AUDIT):
        rows = AuditEntry.objects.order_by("-pk")
        if actor.studies is not None:
            rows = rows.filter(study_instance_uid__in=actor.studies)
        context["entries"] = [(row.at, told(row)) for row in rows[:NEWEST]]
    context["title"] = "Overview"
    context["actor"] = actor
    context["roles"] = sorted(scope.value for scope in actor.scopes)
    return context


def _cards(counts: dict[ReviewState, int], days: list[tuple[str, int, int]]) -> list[dict]:
    worklist = reverse("admin:overlays_overlayversion_changelist")
    week = days[-WEEK:]
    return [
        {
            "title": "Awaiting review",
            "number": counts[ReviewState.PENDING] + counts[ReviewState.IN_REVIEW],
            "note": f"{counts[ReviewState.IN_REVIEW]} of them in review",
            "address": worklist,
        },
        {
            "title": "Quarantined",
            "number": counts[ReviewState.QUARANTINED],
            "note": "their model version is not registered",
            "address": f"{worklist}?state=quarantined",
        },
        {
            "title": "Accepted this week",
            "number": sum(accepted for _, accepted, _ in week),
            "note": f"{counts[ReviewState.ACCEPTED]} stand accepted",
            "address": f"{worklist}?state=accepted",
        },
        {
            "title": "Rejected this week",
            "number": sum(rejected for _, _, rejected in week),
            "note": f"{counts[ReviewState.REJECTED]} stand rejected",
            "address": f"{worklist}?state=rejected",
        },
    ]


def chart(days: list[tuple[str, int, int]]) -> dict:
    """Stacked bars of reviews a day, in pixels."""
    most = max((accepted + rejected for _, accepted, rejected in days), default=0)
    scale = CHART_HEIGHT / max(most, 1)
    bars = []
    for index, (day, accepted, rejected) in enumerate(days):
        x = index * (BAR + GAP) + GAP
        up, down = round(accepted * scale, 1), round(rejected * scale, 1)
        bars.append(
            {
                "day": day,
                "label": day[8:],
                "accepted": accepted,
                "rejected": rejected,
                "x": x,
                "middle": x + BAR // 2,
                "accepted_y": CHART_HEIGHT - up,
                "accepted_height": up,
                "rejected_y": CHART_HEIGHT - up - down,
                "rejected_height": down,
                "number_y": CHART_HEIGHT - up - down - 4,
            }
        )
    width = len(days) * (BAR + GAP) + GAP
    return {"bars": bars, "width": width, "height": CHART_HEIGHT, "bar": BAR, "most": most, "empty": not most}
