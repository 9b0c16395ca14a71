"""Remembers in each process the newest changes, so that readers for whom there are none cost the database nothing."""

from collections import deque
from collections.abc import Iterable
from threading import Lock

from django.db.models import Q

from overlays.models import Change
from overlays.queries.snapshots import Snapshot, present

FRESH_SECONDS = 0.5
MOST_CHANGES = 500
MOST_ROUNDS = 240


def unseen(seen: Snapshot, until: Snapshot) -> Q:
    """The condition for what ``until`` sees and ``seen`` does not: a range of the index, less what was seen in it."""
    later = Q(transaction__gte=seen.end)
    if seen.open:
        later = Q(transaction__gte=min(seen.open)) & (later | Q(transaction__in=sorted(seen.open)))
    return later & Q(transaction__lt=until.end) & ~Q(transaction__in=sorted(until.open))


class NewestChanges:
    """The changes of the last minutes: by transaction, and of which study (empty: of a model version).

    ``rounds`` holds for each look at the database the snapshot before it, and what it found.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._looked = float("-inf")
        self._rounds: deque[tuple[Snapshot, list[tuple[int, str]]]] = deque(maxlen=MOST_ROUNDS)
        self._now: Snapshot | None = None

    def now(self, clock: float, *, at_least: Snapshot | None = None) -> Snapshot:
        """What was committed at most half a second before ``clock``, in seconds; read anew also where ``at_least`` is later."""
        with self._lock:
            fresh = self._now is not None and 0 <= clock - self._looked < FRESH_SECONDS
            if not fresh or not (at_least is None or at_least.is_within(self._now)):
                self._look()
                self._looked = clock
            return self._now

    def _look(self) -> None:
        before, now = self._now, present()
        if before is None or not before.is_within(now):  # the first look, or another database under the same name
            self._rounds.clear()
            before = now
        found = Change.objects.filter(unseen(before, now)).order_by("transaction", "pk")
        rows = list(found.values_list("transaction", "study_instance_uid")[: MOST_CHANGES + 1])
        if len(rows) > MOST_CHANGES:
            self._rounds.clear()
            before, rows = now, []
        self._rounds.append((before, rows))
        self._now = now  # last: a look that fails is made again from where it began, and passes nothing by

    def nothing_for(self, seen: Snapshot, studies: Iterable[str] | None) -> bool:
        """Whether nothing is known to have come since that can concern these studies; False where too much has come to tell."""
        with self._lock:
            if not self._rounds or not self._rounds[0][0].is_within(seen):
                return False
            return not any(
                (studies is None or not study or study in studies) and not seen.sees(transaction)
                for _, rows in self._rounds
                for transaction, study in rows
            )


newest_changes = NewestChanges()
