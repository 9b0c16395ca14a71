"""Marks a version as being read by somebody, puts it back, and records that a reader opened it."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.services.audit import record
from overlays.services.locking import locked_version


def start_review(*, actor: Actor, at: datetime, sop_instance_uid: str) -> OverlayVersion:
    """Take a pending version into review. Raises NotPermitted, NotFound, TransitionRefused."""
    return _move(actor, at, sop_instance_uid, ReviewAct.START, Event.REVIEW_STARTED)


def release_review(*, actor: Actor, at: datetime, sop_instance_uid: str) -> OverlayVersion:
    """Put a version back to pending. Raises NotPermitted, NotFound, TransitionRefused."""
    return _move(actor, at, sop_instance_uid, ReviewAct.RELEASE, Event.REVIEW_RELEASED)


def _move(actor: Actor, at: datetime, sop_instance_uid: str, act: ReviewAct, event: Event) -> OverlayVersion:
    actor.require(Action.REVIEW)
    with transaction.atomic():
        version = locked_version(actor, sop_instance_uid)
        version.review_state = after(ReviewState(version.review_state), act).value
        version.save(update_fields=["review_state"])
        record(
            actor=actor,
            at=at,
            event=event,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            number=version.number,
        )
    return version


def record_opening(*, actor: Actor, at: datetime, version: OverlayVersion) -> None:
    """Record that the reader opened the version's page, where its overlay is drawn. Raises NotPermitted."""
    actor.require(Action.REVIEW)
    with transaction.atomic():
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_SEEN,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            number=version.number,
            sha256=version.sha256,
        )
