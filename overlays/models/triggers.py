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


ROW_BEFORE_CHANGE, STATEMENT_BEFORE_TRUNCATE = 27, 34
"""pg_trigger.tgtype: 1 for each row, 2 before, 8 DELETE, 16 UPDATE, 32 TRUNCATE."""


def _function(guarded: Guarded) -> str:
    """The body of the function that a table's triggers call on PostgreSQL: what is not named mutable stays as text, or the change fails."""
    refuse = f"RAISE EXCEPTION '{guarded.table} is append-only' USING ERRCODE = 'integrity_constraint_violation';"
    if not guarded.mutable:
        return f"BEGIN {refuse} END"
    derived = "'{" + ", ".join(guarded.mutable) + "}'::text[]"
    same = f"(to_jsonb(OLD) - {derived})::text = (to_jsonb(NEW) - {derived})::text"
    # Nested: OLD and NEW must not be touched when the trigger fires for TRUNCATE.
    return f"BEGIN IF TG_OP = 'UPDATE' THEN IF {same} THEN RETURN NEW; END IF; END IF; {refuse} END"


def _postgresql(guarded: Guarded) -> Iterator[str]:
    table, function = guarded.table, f"{guarded.table}_append_only"
    yield f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${_function(guarded)}$$"
    change, truncate = _names(guarded, "postgresql")
    yield f"DROP TRIGGER IF EXISTS {change} ON {table}"
    yield (f"CREATE TRIGGER {change} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    yield f"DROP TRIGGER IF EXISTS {truncate} ON {table}"
    yield f"CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    # ALWAYS: an ordinary trigger is skipped under session_replication_role = replica.
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {change}"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {truncate}"


def _sqlite_triggers(guarded: Guarded) -> dict[str, str]:
    """The statement that creates each trigger of a table, by name, as SQLite keeps it.

    Not ``UPDATE OF``: that list of columns knows no rowid, which is in the place of the primary key.
    """
    table = guarded.table
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    update, delete, replace = _names(guarded, "sqlite")
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in ("rowid", *guarded.fixed))
    when = f"WHEN {differs} " if guarded.mutable else ""
    # REPLACE deletes the row that stands in its way without firing DELETE triggers, so the insert itself is guarded.
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")"
        for columns in (*guarded.unique, ("rowid",))
    )
    clash = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names come from the models alone
    return {
        update: f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} {when}{refuse}",
        delete: f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {refuse}",
        replace: f"CREATE TRIGGER {replace} BEFORE INSERT ON {table} WHEN {clash} {refuse}",
    }


def _sqlite(guarded: Guarded) -> Iterator[str]:
    for name, statement in _sqlite_triggers(guarded).items():
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield statement


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


def _wanted_on_postgresql(guarded: Guarded) -> dict[str, tuple]:
    change, truncate = _names(guarded, "postgresql")
    rest = ("A", "", True, "plpgsql", _function(guarded))
    return {
        change: (guarded.table, ROW_BEFORE_CHANGE, *rest),
        truncate: (guarded.table, STATEMENT_BEFORE_TRUNCATE, *rest),
    }


def _wanted_on_sqlite(guarded: Guarded) -> dict[str, tuple]:
    return {name: (guarded.table, statement) for name, statement in _sqlite_triggers(guarded).items()}


WANTED = {"postgresql": _wanted_on_postgresql, "sqlite": _wanted_on_sqlite}
STANDING = {
    "postgresql": (
        "SELECT t.tgname, c.relname, t.tgtype, t.tgenabled::text, t.tgattr::text, t.tgqual IS NULL, l.lanname, p.prosrc "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_language l ON l.oid = p.prolang WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
    ),
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
}
"""What the database says of its triggers: name, table, and all that makes them what they are."""


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should stand in the database and do not, or not as ``install`` would make them.

    On PostgreSQL that is: enabled ALWAYS, for the same events of every column, without a condition, calling a function of the same body.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        standing = {name: tuple(rest) for name, *rest in cursor.fetchall()}
    wanted_of = WANTED[connection.vendor]
    wanted = {name: shape for guarded in guarded_tables() for name, shape in wanted_of(guarded).items()}
    return [name for name, shape in wanted.items() if standing.get(name) != shape]


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
