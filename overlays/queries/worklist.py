"""Asks which versions wait for a reader, and how many stand in each state."""

from datetime import date, timedelta

from django.db.models import Count, QuerySet

from overlays.governance.actor import Actor
from overlays.governance.transitions import AWAITING_REVIEW
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion, Review
from overlays.queries.gate import with_facts

AWAITING = sorted(str(state) for state in AWAITING_REVIEW)
_NOT_LISTED = ("attributes", "content", "claims", "grid", "pixels")


def reachable(actor: Actor) -> QuerySet[OverlayVersion]:
    """The versions of the studies that the actor's grant reaches."""
    versions = OverlayVersion.objects.all()
    return versions if actor.studies is None else versions.filter(study__study_instance_uid__in=actor.studies)


def worklist(actor: Actor) -> QuerySet[OverlayVersion]:
    """Every version that the actor may know of, with all that a row of the worklist shows, oldest first."""
    return with_facts(reachable(actor)).defer(None).defer(*_NOT_LISTED).order_by("stored_at", "pk")


def next_awaiting(actor: Actor, after: OverlayVersion) -> OverlayVersion | None:
    """The version to read next: the oldest that waits behind this one, else the oldest of all; None when nothing waits."""
    waiting = reachable(actor).filter(review_state__in=AWAITING).exclude(pk=after.pk).order_by("stored_at", "pk")
    behind = waiting.filter(stored_at__gte=after.stored_at).exclude(stored_at=after.stored_at, pk__lt=after.pk)
    return behind.first() or waiting.first()


def counts_by_state(actor: Actor) -> dict[ReviewState, int]:
    """How many versions stand in each review state; every state is a key."""
    rows = reachable(actor).order_by().values_list("review_state").annotate(count=Count("pk"))
    found = {ReviewState(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in ReviewState}


def reviews_by_day(today: date, days: int) -> list[tuple[str, int, int]]:
    """Day, acceptances and rejections of each of the days up to today, the oldest first, days without reviews included."""
    first = today - timedelta(days=days - 1)
    rows = (
        Review.objects.filter(reviewed_at__date__gte=first)
        .order_by()
        .values_list("reviewed_at__date", "decision")
        .annotate(count=Count("pk"))
    )
    found = {(day, decision): count for day, decision, count in rows}
    every = [first + timedelta(days=number) for number in range(days)]
    return [(day.isoformat(), found.get((day, "accept"), 0), found.get((day, "reject"), 0)) for day in every]
