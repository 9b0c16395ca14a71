"""Answers viewers that are showing something what may have changed since they asked last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid
from overlays.governance.permissions import Action
from overlays.models import Change, OverlayVersion
from overlays.queries.newest_changes import newest_changes, unseen
from overlays.queries.snapshots import Position, Snapshot

MOST_ROWS = 500
"""Changes that one call looks at; those that do not concern the caller count too, so that no call costs more than another."""


@dataclass(frozen=True, kw_only=True)
class Following:
    """The changes that concern the caller, in order, and the position to ask with next; ``more``: there may be more already.

    With nothing new the position stays: then the address stays too, for which a browser remembers that it may be asked.
    """

    changes: Sequence[Change]
    after: Position
    more: bool = False


def changes_after(*, actor: Actor, at: datetime, after: Position | None, study: str = "") -> Following:
    """What came after a position, of one study where it is named; without a position, nothing but the present one.

    A narrowed grant is told of its own studies, and so is who names one. What has no study, a change of a model version, is told to
    them where it made a version of those studies.

    Raises NotPermitted, and Invalid for a position of another database, or of this one before it was restored.
    """
    actor.require(Action.READ_CHANGES)
    clock = at.timestamp()
    now = newest_changes.now(clock, at_least=after.seen if after else None)
    if after is None:
        return Following(changes=(), after=Position(now))
    until = after.until or now
    if not (after.seen.is_within(until) and until.is_within(newest_changes.now(clock, at_least=until))):
        raise Invalid("after: no answer has given this position.")
    studies = actor.studies
    if study:
        studies = frozenset({study} if actor.may_reach(study) else ())
    if after.until is None and newest_changes.nothing_for(after.seen, studies):
        return Following(changes=(), after=after)
    return _following(after, studies, until)


def _following(after: Position, studies: frozenset[str] | None, until: Snapshot) -> Following:
    transaction, key = after.last
    rows = Change.objects.filter(
        unseen(after.seen, until),
        Q(transaction__gt=transaction) | Q(transaction=transaction, pk__gt=key),
        transaction__gte=transaction,  # where the index begins; the line above does not tell it
    )
    found = list(rows.order_by("transaction", "pk").select_related("model_version__model")[:MOST_ROWS])
    full = len(found) == MOST_ROWS
    rest = Position(after.seen, until, (found[-1].transaction, found[-1].pk)) if full else Position(until)
    return Following(changes=_concerning(found, studies), after=rest, more=full)


def _concerning(changes: list[Change], studies: frozenset[str] | None) -> list[Change]:
    if studies is None:
        return changes
    models = {change.model_version_id for change in changes if change.model_version_id}
    if models:
        made = OverlayVersion.objects.filter(model_version__in=models, study__study_instance_uid__in=studies)
        models = set(made.order_by().values_list("model_version", flat=True).distinct())
    return [change for change in changes if change.study_instance_uid in studies or change.model_version_id in models]
