"""Says what had been committed at a moment, as a text that a reader can keep and hand back."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from overlays.governance.errors import Invalid
from overlays.models import Change

_NUMBER = r"(?:0|[1-9][0-9]{0,17})"
_SNAPSHOT = re.compile(rf"{_NUMBER}(?:-{_NUMBER})*")
_POSITION = re.compile(
    rf"(?P<seen>{_SNAPSHOT.pattern})(?:~(?P<until>{_SNAPSHOT.pattern})~(?P<transaction>{_NUMBER})\.(?P<key>{_NUMBER}))?"
)


@dataclass(frozen=True)
class Snapshot:
    """The transactions whose work could be seen at a moment: those below ``end`` but for the ``open`` ones.

    What PostgreSQL calls a snapshot (pg_current_snapshot). Any two are in order: of the later one no transaction is open again.
    """

    end: int
    open: frozenset[int] = frozenset()

    def sees(self, transaction: int) -> bool:
        """Whether the transaction had been committed, or undone."""
        return transaction < self.end and transaction not in self.open

    def is_within(self, other: "Snapshot") -> bool:
        """Whether the other sees all that this one does: it is the same, or a later one."""
        return self.end <= other.end and not any(self.sees(transaction) for transaction in other.open)

    def __str__(self) -> str:
        return "-".join(map(str, (self.end, *sorted(self.open))))


@dataclass(frozen=True)
class Position:
    """How far a reader has come: through all that ``seen`` sees.

    In the middle of a pass, also through what ``until`` sees up to the row ``last`` (transaction, key).
    """

    seen: Snapshot
    until: Snapshot | None = None
    last: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return str(self.seen) if self.until is None else f"{self.seen}~{self.until}~{self.last[0]}.{self.last[1]}"


def _snapshot(text: str) -> Snapshot:
    end, *transactions = map(int, text.split("-"))
    return Snapshot(end, frozenset(transactions))


def position(text: str) -> Position:
    """The position that was written so. Raises Invalid for a text that is none."""
    found = _POSITION.fullmatch(text)
    if found is None:
        raise Invalid("after: no answer has given this position.")
    seen = _snapshot(found["seen"])
    if found["until"] is None:
        return Position(seen)
    return Position(seen, _snapshot(found["until"]), (int(found["transaction"]), int(found["key"])))


def present() -> Snapshot:
    """What is committed now. On SQLite, where one transaction writes at a time, that is every change there is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text")
            _, end, transactions = cursor.fetchone()[0].split(":")
        return Snapshot(int(end), frozenset(map(int, filter(None, transactions.split(",")))))
    return Snapshot((Change.objects.aggregate(last=Max("transaction"))["last"] or 0) + 1)
