"""Lets versions of a line give way to one another, and brings back what gave way to a version that was rejected."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.transitions import SUPERSEDABLE, ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.queries.showable import sound_for_care
from overlays.services.audit import record
from overlays.services.locking import lock_overlays


def overtaken_by(version: OverlayVersion) -> OverlayVersion | None:
    """The newest accepted version of the line that came after this one, in another post, and is fit to be shown; None if none is."""
    return (
        OverlayVersion.objects.filter(
            sound_for_care(),
            overlay=version.overlay_id,
            number__gt=version.number,
            review_state=ReviewState.ACCEPTED.value,
        )
        .exclude(post=version.post)
        .order_by("-number")
        .first()
    )


def supersede_older(actor: Actor, at: datetime, version: OverlayVersion) -> None:
    """Let what came before an accepted version give way to it, where it is fit to be shown. The caller holds the lock on the line.

    What would not be shown takes nothing off the screen: a shadow model's result, or one whose sources are missing.
    """
    fit = OverlayVersion.objects.filter(sound_for_care(), pk=version.pk, review_state=ReviewState.ACCEPTED.value)
    if not fit.exists():
        return
    older = OverlayVersion.objects.filter(
        overlay=version.overlay_id,
        number__lt=version.number,
        review_state__in=[str(state) for state in SUPERSEDABLE],
    ).exclude(post=version.post)
    for each in older.select_related("study").order_by("pk"):
        _move(actor, at, each, version, ReviewAct.SUPERSEDE, Event.VERSION_SUPERSEDED)


def settle_accepted(actor: Actor, at: datetime, versions: QuerySet[OverlayVersion]) -> None:
    """Among versions that may have become fit to be shown: let what came before the accepted ones give way to them now."""
    older = OverlayVersion.objects.filter(
        overlay=OuterRef("overlay"),
        number__lt=OuterRef("number"),
        review_state__in=[str(state) for state in SUPERSEDABLE],
    ).exclude(post=OuterRef("post"))
    ready = versions.filter(sound_for_care(), Exists(older), review_state=ReviewState.ACCEPTED.value)
    lock_overlays(ready.values_list("overlay_id", flat=True))
    for version in ready.order_by("overlay_id", "number"):
        supersede_older(actor, at, version)


def supersede_if_overtaken(actor: Actor, at: datetime, version: OverlayVersion) -> None:
    """Let a version that comes to review late give way at once, where a newer one is accepted already."""
    if newer := overtaken_by(version):
        _move(actor, at, version, newer, ReviewAct.SUPERSEDE, Event.VERSION_SUPERSEDED)


def restore_superseded(actor: Actor, at: datetime, rejected: OverlayVersion) -> None:
    """Put the newest version that had given way to a rejected one back to review, where nothing accepted stands in its place."""
    if overtaken_by(rejected):
        return
    last = (
        OverlayVersion.objects.filter(
            overlay=rejected.overlay_id, number__lt=rejected.number, review_state=ReviewState.SUPERSEDED.value
        )
        .select_related("study")
        .order_by("-number")
        .first()
    )
    if last and not overtaken_by(last):
        _move(actor, at, last, rejected, ReviewAct.RESTORE, Event.VERSION_RESTORED)


def _move(
    actor: Actor, at: datetime, version: OverlayVersion, other: OverlayVersion, act: ReviewAct, event: Event
) -> None:
    version.review_state = after(ReviewState(version.review_state), act).value
    version.save(update_fields=["review_state"])
    record(
        actor=actor,
        at=at,
        event=event,
        subject=version.sop_instance_uid,
        study=version.study.study_instance_uid,
        number=version.number,
        by_number=other.number,
        by=other.sop_instance_uid,
    )
