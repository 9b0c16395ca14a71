"""Writes without waiting for the disk: committed and seen by everybody at once, durable a moment later.

For the record of what is asked and fetched, never for what is posted, reviewed or changed. It survives the end of any process, the
registry's or the database's; only a power cut, or a crash of the whole machine, can lose what was written in the last moments before
it (docs/decisions/0005).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from django.db import connection, transaction

from overlays.models.append_only import AppendOnly

_turn = Lock()


@cache
def _statement(model: type[AppendOnly], vendor: str) -> str:
    columns = [connection.ops.quote_name(field.column) for field in model._meta.concrete_fields]
    table = connection.ops.quote_name(model._meta.db_table)
    into = f"INSERT INTO {table} ({', '.join(columns)})"
    values = ", ".join(["%s"] * len(columns))
    if vendor == "postgresql":
        # The setting is local to this statement's transaction: one round trip, and nothing to undo in a pooled connection.
        quick = "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))"
        return f"{quick} {into} SELECT {values} FROM quick"  # noqa: S608 -- names come from the models alone
    return f"{into} VALUES ({values})"


def insert_soon_durable(row: AppendOnly) -> None:
    """Insert the row, whose primary key is set. In a transaction of the caller's it is as durable as that."""
    parameters = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for field in row._meta.concrete_fields
    ]
    statement = _statement(type(row), connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            with _sqlite_not_waiting():
                cursor.execute(statement, parameters)
        else:
            cursor.execute(statement, parameters)


@contextmanager
def soon_durable() -> Iterator[None]:
    """Let the transaction of the block commit without waiting. In a transaction of the caller's it is as durable as that."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _sqlite_not_waiting():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
            yield


@contextmanager
def _sqlite_not_waiting() -> Iterator[None]:
    # SQLite waits for its one write lock by sleeping and trying again; threads of one process wait here, and wake at once.
    with _turn:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=FULL")
