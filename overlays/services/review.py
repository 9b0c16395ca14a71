"""Records a reader's verdict on a version: accepted, or rejected with a coded reason."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid, StaleView, TransitionRefused
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.reasons import RejectionReason, rejection_reason
from overlays.governance.transitions import ReviewAct, after
from overlays.governance.vocabulary import Decision, Purpose, ReviewState, Verdict
from overlays.models import OverlayVersion, Review
from overlays.queries.gate import rulings_for_instances
from overlays.services.audit import record
from overlays.services.locking import locked_version
from overlays.services.supersede import overtaken_by, restore_superseded, supersede_older

LONGEST_COMMENT = 2000
_VERDICTS = frozenset({ReviewState.ACCEPTED.value, ReviewState.REJECTED.value})


def accept(
    *,
    actor: Actor,
    at: datetime,
    sop_instance_uid: str,
    seen_sha256: str,
    comment: str = "",
    seen_state: str | None = None,
) -> Review:
    """Accept a version; older ones of its line give way to it, unless it would not be shown itself.

    ``seen_sha256`` is the digest of the bytes that the reader saw, ``seen_state`` (where the face knows it) the state that stood on
    the page. Raises NotPermitted, NotFound, Invalid (comment too long), StaleView (other bytes, or the state moved), TransitionRefused
    (also where it is withheld from readers too). Nothing is written then.
    """
    actor.require(Action.REVIEW)
    with transaction.atomic():
        version = _under_review(actor, sop_instance_uid, seen_sha256, seen_state, comment)
        state = after(ReviewState(version.review_state), ReviewAct.ACCEPT)
        _refuse_when_overtaken(version)
        _refuse_when_withheld(actor, version)
        review = _write(actor, at, version, Decision.ACCEPT, state, comment, None)
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_ACCEPTED,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            number=version.number,
            sha256=seen_sha256,
        )
        supersede_older(actor, at, version)
    return review


def reject(
    *,
    actor: Actor,
    at: datetime,
    sop_instance_uid: str,
    seen_sha256: str,
    reason_code: str,
    comment: str = "",
    seen_state: str | None = None,
) -> Review:
    """Reject a version for a reason of the table. Arguments and errors as for ``accept``; an unknown reason raises Invalid."""
    actor.require(Action.REVIEW)
    reason = rejection_reason(reason_code)
    with transaction.atomic():
        version = _under_review(actor, sop_instance_uid, seen_sha256, seen_state, comment)
        state = after(ReviewState(version.review_state), ReviewAct.REJECT)
        review = _write(actor, at, version, Decision.REJECT, state, comment, reason)
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_REJECTED,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            number=version.number,
            sha256=seen_sha256,
            reason=reason.code,
            reason_scheme=reason.scheme,
            reason_meaning=reason.meaning,
        )
        restore_superseded(actor, at, version)
    return review


def _under_review(
    actor: Actor, sop_instance_uid: str, seen_sha256: str, seen_state: str | None, comment: str
) -> OverlayVersion:
    if len(comment) > LONGEST_COMMENT:
        raise Invalid(f"A comment may have {LONGEST_COMMENT} characters; this one has {len(comment)}.")
    version = locked_version(actor, sop_instance_uid)
    if seen_sha256 != version.sha256:
        raise StaleView(
            f"You saw other bytes than the stored ones (seen {seen_sha256[:64] or 'nothing'}, stored {version.sha256}). "
            "Open the version again."
        )
    if seen_state is None and version.review_state in _VERDICTS:
        raise StaleView(
            f"The version is {version.review_state} already. To change a verdict, say that you saw it: the state {version.review_state!r}."
        )
    if seen_state is not None and seen_state != version.review_state:
        now, then = version.review_state.replace("_", " "), seen_state[:16].replace("_", " ")
        raise StaleView(f"The version was {then} when you opened it; meanwhile it is {now}. Look at it again.")
    return version


def _refuse_when_overtaken(version: OverlayVersion) -> None:
    if newer := overtaken_by(version):
        raise TransitionRefused(f"Version {newer.number} of this overlay is accepted; an older one cannot be any more.")


def _refuse_when_withheld(actor: Actor, version: OverlayVersion) -> None:
    """What the policy withholds even from readers, a recalled model's or another patient's, nobody can have looked at."""
    (ruling,) = rulings_for_instances(actor=actor, wanted=[(version.sop_instance_uid, None)], purpose=Purpose.REVIEW)
    if ruling.verdict is Verdict.WITHHOLD:
        why = " ".join(text for _, text in ruling.reasons)
        raise TransitionRefused(f"The version cannot be accepted, since it is withheld from readers too. {why}")


def _write(
    actor: Actor,
    at: datetime,
    version: OverlayVersion,
    decision: Decision,
    state: ReviewState,
    comment: str,
    reason: RejectionReason | None,
) -> Review:
    review = Review.objects.create(
        version=version,
        decision=decision.value,
        reason_code=reason.code if reason else "",
        reason_scheme=reason.scheme if reason else "",
        reason_meaning=reason.meaning if reason else "",
        comment=comment,
        seen_sha256=version.sha256,
        reviewed_at=at,
        reviewer_key=actor.key,
        reviewer_name=actor.name,
    )
    version.review_state = state.value
    version.reviewed_at, version.reviewed_by, version.reviewer_key = at, actor.name, actor.key
    version.save(update_fields=["review_state", "reviewed_at", "reviewed_by", "reviewer_key"])
    return review
