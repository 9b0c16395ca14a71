"""Makes append-only tables so in the database itself, on PostgreSQL and on SQLite.

SQLite drops the triggers of a table whenever a migration rebuilds it, so they are installed after every ``migrate`` and verified at start.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from overlays.models.append_only import AppendOnly


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A table, the columns that never change, and the sets of columns that are unique."""

    table: str
    fixed: tuple[str, ...]
    mutable: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]


def guarded_tables() -> list[Guarded]:
    """Every append-only table of the installed apps, ordered by name."""
    found = []
    for model in apps.get_models():
        if not issubclass(model, AppendOnly):
            continue
        fields = model._meta.concrete_fields
        unique = [(field.column,) for field in fields if field.unique]
        for constraint in model._meta.total_unique_constraints:
            unique.append(tuple(model._meta.get_field(name).column for name in constraint.fields))
        found.append(
            Guarded(
                table=model._meta.db_table,
                fixed=tuple(field.column for field in fields if field.name not in model.mutable_fields),
                mutable=tuple(field.column for field in fields if field.name in model.mutable_fields),
                unique=tuple(unique),
            )
        )
    return sorted(found, key=lambda guarded: guarded.table)


def _names(guarded: Guarded, vendor: str) -> tuple[str, ...]:
    kinds = {"postgresql": ("no_change", "no_truncate"), "sqlite": ("no_update", "no_delete", "no_replace")}[vendor]
    return tuple(f"{guarded.table}_{kind}" for kind in kinds)


def _update_event(guarded: Guarded) -> str:
    return f"UPDATE OF {', '.join(guarded.fixed)}" if guarded.mutable else "UPDATE"


def _postgresql(guarded: Guarded) -> Iterator[str]:
    table, function = guarded.table, f"{guarded.table}_append_only"
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    change, truncate = _names(guarded, "postgresql")
    yield f"DROP TRIGGER IF EXISTS {change} ON {table}"
    yield (
        f"CREATE TRIGGER {change} BEFORE {_update_event(guarded)} OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    yield f"DROP TRIGGER IF EXISTS {truncate} ON {table}"
    yield f"CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    # ALWAYS: an ordinary trigger is skipped under session_replication_role = replica.
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {change}"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {truncate}"


def _sqlite(guarded: Guarded) -> Iterator[str]:
    table = guarded.table
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    update, delete, replace = _names(guarded, "sqlite")
    # REPLACE deletes the row that stands in its way without firing DELETE triggers, so the insert itself is guarded.
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")" for columns in guarded.unique
    )
    yield f"DROP TRIGGER IF EXISTS {update}"
    yield f"CREATE TRIGGER {update} BEFORE {_update_event(guarded)} ON {table} {refuse}"
    yield f"DROP TRIGGER IF EXISTS {delete}"
    yield f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {refuse}"
    yield f"DROP TRIGGER IF EXISTS {replace}"
    clash = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names come from the models alone
    yield f"CREATE TRIGGER {replace} BEFORE INSERT ON {table} WHEN {clash} {refuse}"


def _existing(connection: BaseDatabaseWrapper, tables: Iterable[Guarded]) -> list[Guarded]:
    present = set(connection.introspection.table_names())
    return [guarded for guarded in tables if guarded.table in present]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of every append-only table that exists, replacing the ones there are."""
    statements = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    with connection.cursor() as cursor:
        for guarded in _existing(connection, guarded_tables()):
            for statement in statements(guarded):
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should stand in the database and do not (on PostgreSQL: or are not ALWAYS enabled)."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        standing = {row[0] for row in cursor.fetchall()}
    wanted = [name for guarded in guarded_tables() for name in _names(guarded, connection.vendor)]
    return [name for name in wanted if name not in standing]


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the triggers away for the block: for tests that empty the tables afterwards, and for nothing else."""
    with connection.cursor() as cursor:
        for guarded in _existing(connection, guarded_tables()):
            for name in _names(guarded, connection.vendor):
                on = f" ON {guarded.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    try:
        yield
    finally:
        install(connection)
