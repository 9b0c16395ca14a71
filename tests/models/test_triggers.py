"""What is append-only cannot be changed: not by the models, and not by raw SQL."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from overlays.governance.events import Event
from overlays.models import AuditEntry, triggers
from overlays.models.append_only import AppendOnlyViolation
from overlays.services.audit import record
from tests.journeys.server import ROOT, Server, scratch_database

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TABLES = triggers.guarded_tables()
APPEND_ONLY = {
    "overlays_auditentry",
    "overlays_change",
    "overlays_displayreceipt",
    "overlays_modelstatuschange",
    "overlays_overlayversion",
    "overlays_renderdecision",
    "overlays_review",
    "overlays_sourceinstance",
    "overlays_sourcereference",
    "overlays_storedbytes",
    "overlays_storedinstance",
}


@pytest.fixture
def entry(auditor, now) -> AuditEntry:
    """One entry of the log."""
    return record(actor=auditor, at=now, event=Event.AUDIT_READ)


@pytest.fixture
def every_row(entry, registered, post, radiologist, clinician, now):
    """At least one row in every append-only table."""
    from uuid import uuid4

    from overlays.governance.vocabulary import Purpose
    from overlays.models import OverlayVersion
    from overlays.services.decide import decide_for_study
    from overlays.services.record_display import record_display
    from overlays.services.review import accept
    from tests.builders import ct_series, segmentation, to_bytes

    registered()
    sources = ct_series()
    for source in sources:
        post(to_bytes(source))
    post(to_bytes(segmentation(sources=sources)))
    version = OverlayVersion.objects.get()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    decision = decide_for_study(
        actor=clinician,
        at=now,
        decision_id=uuid4(),
        study=version.study.study_instance_uid,
        purpose=Purpose.CLINICAL,
    )
    record_display(
        actor=clinician, at=now, decision_id=decision.decision_id, sop_instance_uids=[version.sop_instance_uid]
    )


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_append_only_tables_are_these():
    assert {guarded.table for guarded in TABLES} == APPEND_ONLY


def refused(statement: str) -> bool:
    try:
        run(statement)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize("guarded", TABLES, ids=lambda guarded: guarded.table)
def test_raw_sql_cannot_change_any_fixed_column(every_row, guarded):
    filled = [column for column in guarded.fixed if rows(f'{guarded.table} WHERE "{column}" IS NOT NULL')]
    number = (
        "id + 1000" if connection.vendor == "sqlite" else "NULL"
    )  # SQLite looks at the kind of a key before all else
    changes = {column: number if column == "id" else "NULL" for column in filled}
    assert filled
    assert [
        column for column in filled if not refused(f'UPDATE {guarded.table} SET "{column}" = {changes[column]}')
    ] == []


@pytest.mark.parametrize("guarded", [each for each in TABLES if each.mutable], ids=lambda guarded: guarded.table)
def test_a_fixed_column_cannot_change_beside_a_derived_one(every_row, guarded):
    assert refused(
        f"UPDATE {guarded.table} SET {guarded.mutable[0]} = {guarded.mutable[0]}, {guarded.fixed[-1]} = NULL"
    )


@pytest.mark.parametrize("name", ["rowid", "oid", "_rowid_"])
@pytest.mark.parametrize("guarded", TABLES, ids=lambda guarded: guarded.table)
def test_no_other_name_of_the_key_is_a_way_around(every_row, guarded, name):
    """SQLite has three names for the number of a row; PostgreSQL's ``ctid`` is nobody's to set."""
    key = name if connection.vendor == "sqlite" else guarded.fixed[0]
    new = f"{name} + 1000" if connection.vendor == "sqlite" else "NULL"
    assert refused(f"UPDATE {guarded.table} SET {key} = {new}")


@pytest.mark.parametrize("guarded", TABLES, ids=lambda guarded: guarded.table)
def test_raw_sql_cannot_delete(every_row, guarded):
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"DELETE FROM {guarded.table}")


@pytest.mark.parametrize("guarded", TABLES, ids=lambda guarded: guarded.table)
def test_raw_sql_cannot_empty_or_replace(every_row, guarded):
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # else the test's own inserts are in TRUNCATE's way before the trigger is
        statement = f"TRUNCATE {guarded.table} CASCADE"
    else:
        statement = f"INSERT OR REPLACE INTO {guarded.table} SELECT * FROM {guarded.table}"
    with pytest.raises(DatabaseError, match="append-only"):
        run(statement)


def test_a_state_that_is_derived_can_change(every_row):
    run("UPDATE overlays_overlayversion SET verification = 'unverified'")
    assert rows("overlays_overlayversion WHERE verification = 'unverified'") == 1


@pytest.mark.parametrize(("column", "value"), [("review_state", "limbo"), ("verification", "perhaps")])
def test_the_database_knows_the_words_of_the_states(every_row, column, value):
    with pytest.raises(DatabaseError):
        run(f"UPDATE overlays_overlayversion SET {column} = '{value}'")


def test_a_verdict_without_a_reviewer_cannot_be(every_row):
    with pytest.raises(DatabaseError):
        run("UPDATE overlays_overlayversion SET reviewed_by = ''")


def test_replication_does_not_switch_the_triggers_off(entry):
    if connection.vendor == "sqlite":
        assert not triggers.missing(connection)
        return
    with pytest.raises(DatabaseError, match="append-only"):
        run("SET LOCAL session_replication_role = replica; DELETE FROM overlays_auditentry")


def test_a_model_refuses_to_be_saved_again(entry):
    entry.actor_name = "Somebody else"
    with pytest.raises(AppendOnlyViolation):
        entry.save()


def test_a_model_refuses_to_be_deleted(entry):
    with pytest.raises(AppendOnlyViolation):
        entry.delete()


def test_a_query_set_refuses_to_update(entry):
    with pytest.raises(AppendOnlyViolation, match="actor_name"):
        AuditEntry.objects.update(actor_name="Somebody else")


def test_a_query_set_refuses_to_delete(entry):
    with pytest.raises(AppendOnlyViolation):
        AuditEntry.objects.all().delete()


def _drop_one() -> str:
    name = f"overlays_auditentry_no_{'update' if connection.vendor == 'sqlite' else 'change'}"
    run(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON overlays_auditentry"))
    return name


def _found() -> list[str]:
    return [fault.msg for fault in run_checks(databases=["default"]) if fault.id == "overlays.W001"]


def test_a_missing_trigger_is_found_by_the_checks():
    name = _drop_one()
    assert _found() == [f"The trigger {name} is missing from the database 'default', or altered."]


def test_a_whole_database_has_nothing_to_be_found():
    assert _found() == []


def _spoilt() -> dict[str, tuple[str, ...]]:
    """Ways to make a trigger useless under its own name: what is run."""
    table = "overlays_overlayversion"
    if connection.vendor == "sqlite":
        drop, create = f"DROP TRIGGER {table}_no_update", f"CREATE TRIGGER {table}_no_update BEFORE UPDATE"
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        return {
            "body": (drop, f"{create} ON {table} BEGIN SELECT 1; END"),
            "columns": (drop, f"{create} OF number ON {table} {refuse}"),
            "table": (drop, f"{create} ON overlays_review {refuse}"),
        }
    drop, name = f"DROP TRIGGER {table}_no_change ON {table}", f"{table}_append_only()"
    create, each = f"CREATE TRIGGER {table}_no_change BEFORE", f"FOR EACH ROW EXECUTE FUNCTION {name}"
    always = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change"
    return {
        "body": (f"CREATE OR REPLACE FUNCTION {name} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",),
        "columns": (drop, f"{create} UPDATE OF number OR DELETE ON {table} {each}", always),
        "events": (drop, f"{create} DELETE ON {table} {each}", always),
        "condition": (
            drop,
            f"{create} UPDATE OR DELETE ON {table} FOR EACH ROW WHEN (false) EXECUTE FUNCTION {name}",
            always,
        ),
        "function": (
            "CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            drop,
            f"{create} UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION idle()",
            always,
        ),
        "enabled": (f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_change",),
    }


@pytest.mark.parametrize("way", ["body", "columns", "table", "events", "condition", "function", "enabled"])
def test_a_trigger_that_was_altered_counts_as_missing(way):
    statements = _spoilt().get(way, _spoilt()["body"])  # each database has ways that the other has not
    for statement in statements:
        run(statement)
    assert any(name.startswith("overlays_overlayversion_no_") for name in triggers.missing(connection))


@pytest.mark.slow
def test_an_operator_mends_missing_triggers_by_migrating(tmp_path):
    """As the operator does it, by ``manage.py``: it runs the checks first, which call_command leaves out."""
    with scratch_database(os.environ.get("DATABASE_URL", "")) as url:
        server = Server(folder=tmp_path, database_url=url)
        on = " ON overlays_review" if url else ""
        name = f"overlays_review_no_{'change' if url else 'delete'}"
        manage(server, "migrate")
        manage(
            server,
            "shell",
            "-c",
            f"from django.db import connection as c; c.cursor().execute('DROP TRIGGER {name}{on}')",
        )
        assert name in manage(server, "check", "--database", "default").stderr
        manage(server, "migrate")
        assert name not in manage(server, "check", "--database", "default").stderr


def manage(server: Server, *command: str) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=server.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.django_db(transaction=True)
def test_the_triggers_survive_that_the_table_is_built_anew():
    """SQLite builds a table anew for most changes of it, and drops its triggers on the way."""
    field = AuditEntry._meta.get_field("subject")
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(AuditEntry, alter_fields=[(field, field)])
    call_command("migrate", verbosity=0)
    assert not triggers.missing(connection)
