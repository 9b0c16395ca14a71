"""What is append-only cannot be changed: not by the models, and not by raw SQL."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from overlays.governance.events import Event
from overlays.models import AuditEntry, triggers
from overlays.models.append_only import AppendOnlyViolation
from overlays.services.audit import record

pytestmark = pytest.mark.django_db

TABLES = triggers.guarded_tables()
APPEND_ONLY = {
    "overlays_auditentry",
    "overlays_displayreceipt",
    "overlays_modelstatuschange",
    "overlays_overlayversion",
    "overlays_renderdecision",
    "overlays_review",
    "overlays_sourceinstance",
    "overlays_sourcereference",
    "overlays_storedbytes",
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


@pytest.mark.parametrize("guarded", TABLES, ids=lambda guarded: guarded.table)
def test_raw_sql_cannot_change_a_fixed_column(every_row, guarded):
    assert rows(guarded.table)
    column = guarded.fixed[-1]
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"UPDATE {guarded.table} SET {column} = {column}")


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


def test_a_missing_trigger_is_found_at_start():
    name = _drop_one()
    found = [error.msg for error in run_checks(databases=["default"]) if error.id == "overlays.E001"]
    assert found == [f"The trigger {name} is missing from the database 'default'."]


def test_a_migration_installs_missing_triggers_again():
    _drop_one()
    call_command("migrate", verbosity=0)
    assert not triggers.missing(connection)


@pytest.mark.django_db(transaction=True)
def test_the_triggers_survive_that_the_table_is_built_anew():
    """SQLite builds a table anew for most changes of it, and drops its triggers on the way."""
    field = AuditEntry._meta.get_field("subject")
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(AuditEntry, alter_fields=[(field, field)])
    call_command("migrate", verbosity=0)
    assert not triggers.missing(connection)
