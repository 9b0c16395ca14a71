"""Readers of the feed of changes pass nothing by, whoever commits when, and whichever process they ask."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from overlays.governance.events import Event
from overlays.models import Change
from overlays.queries import changes, newest_changes
from overlays.queries.changes import changes_after
from overlays.queries.newest_changes import NewestChanges, unseen
from overlays.queries.snapshots import Snapshot, present
from overlays.services.tell_change import tell_change

pytestmark = pytest.mark.django_db(transaction=True)  # what a transaction has not committed is nobody's to follow

STUDY = "1.2.3"
WAIT_SECONDS = 20


@pytest.fixture
def remembered(monkeypatch) -> NewestChanges:
    """The memory of a process that has just begun."""
    memory = NewestChanges()
    monkeypatch.setattr(changes, "newest_changes", memory)
    return memory


@pytest.fixture
def reader(remembered, clinician, now):
    """Reads on from where it stands, each time a second later; the SOP Instance UIDs."""
    moment, after = now, None

    def read(**options) -> list[str]:
        nonlocal moment, after
        moment += timedelta(seconds=1)
        found = changes_after(actor=clinician, at=moment, after=after, **options)
        after = found.after
        return [change.sop_instance_uid for change in found.changes]

    read()
    return read


def tell(uid: str, now, study: str = STUDY) -> Change:
    """A change, in a transaction of its own unless there is one."""
    with transaction.atomic():
        return tell_change(event=Event.VERSION_REJECTED, at=now, study=study, sop_instance_uid=uid, model_version=None)


def test_what_commits_late_is_told_though_its_key_is_lower(reader, now):
    """On PostgreSQL the second commits first, and nobody waits for the first; on SQLite the second waits until it may write."""
    written, commit = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            tell("1.1", now)
            written.set()
            assert commit.wait(WAIT_SECONDS)
        connection.close()

    def second():
        tell("1.2", now)
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert written.wait(WAIT_SECONDS)
    threads[1].start()
    if connection.vendor == "postgresql":
        threads[1].join(WAIT_SECONDS)
    told = [reader()]
    commit.set()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    told += [reader(), reader()]
    assert told == {"postgresql": [["1.2"], ["1.1"], []], "sqlite": [[], ["1.1", "1.2"], []]}[connection.vendor]
    assert list(Change.objects.order_by("pk").values_list("sop_instance_uid", flat=True)) == ["1.1", "1.2"]


def test_what_is_undone_is_not_told(reader, now):
    with transaction.atomic():
        tell("1.1", now)
        transaction.set_rollback(True)
    tell("1.2", now)
    assert reader() == ["1.2"]


def test_every_page_goes_on_where_the_last_one_ended(reader, now, monkeypatch):
    monkeypatch.setattr(changes, "MOST_ROWS", 2)
    for number in range(5):
        tell(f"1.{number}", now)
    told = [reader(), reader()]
    tell("1.5", now)  # after the pass began: it comes in the next
    told += [reader(), reader(), reader()]
    assert told == [["1.0", "1.1"], ["1.2", "1.3"], ["1.4"], ["1.5"], []]


def test_a_page_without_anything_for_the_reader_is_empty_and_leads_on(reader, now, monkeypatch):
    monkeypatch.setattr(changes, "MOST_ROWS", 2)
    for number in range(4):
        tell(f"1.{number}", now, study="9.9" if number < 3 else STUDY)
    assert [reader(study=STUDY), reader(study=STUDY)] == [[], ["1.3"]]


def test_a_reader_is_told_of_one_study_only_what_it_asks_for(reader, now):
    tell("1.1", now)
    assert reader(study="9.9") == []


def test_with_nothing_new_nobody_asks_the_database(remembered, clinician, now, django_assert_num_queries):
    tell("1.1", now)
    after = changes_after(actor=clinician, at=now, after=None).after
    with django_assert_num_queries(0):
        changes_after(actor=clinician, at=now, after=after, study=STUDY)


def test_changes_of_other_studies_cost_a_reader_nothing(remembered, clinician, now, django_assert_num_queries):
    after = changes_after(actor=clinician, at=now, after=None).after
    tell("1.1", now, study="9.9")
    later = now + timedelta(seconds=1)
    changes_after(actor=clinician, at=later, after=after, study=STUDY)  # the process looks
    with django_assert_num_queries(0):
        assert changes_after(actor=clinician, at=later, after=after, study=STUDY).changes == ()


@pytest.mark.parametrize("number", [1, 20])
def test_however_much_is_new_the_questions_are_as_many(remembered, clinician, now, django_assert_num_queries, number):
    after = changes_after(actor=clinician, at=now, after=None).after
    for each in range(number):
        tell(f"1.{each}", now)
    with django_assert_num_queries(3):  # the present, what is new in this process, what is new for the reader
        found = changes_after(actor=clinician, at=now + timedelta(seconds=1), after=after, study=STUDY)
    assert len(found.changes) == number


def test_more_than_a_process_remembers_is_told_all_the_same(reader, now, monkeypatch):
    monkeypatch.setattr(newest_changes, "MOST_CHANGES", 2)
    for number in range(5):
        tell(f"1.{number}", now)
    assert len(reader()) == 5


def test_a_look_at_the_database_that_fails_passes_nothing_by(reader, now):
    def fail_to_read_changes(execute, sql, *rest):
        if "study_instance_uid" in sql:
            raise OperationalError("away")
        return execute(sql, *rest)

    tell("1.1", now)
    with connection.execute_wrapper(fail_to_read_changes), pytest.raises(OperationalError):
        reader()
    assert reader() == ["1.1"]


@pytest.mark.parametrize("seen", [Snapshot(5), Snapshot(5, frozenset({3, 4}))], ids=str)
def test_what_is_new_is_found_by_the_index(seen):
    question = Change.objects.filter(unseen(seen, Snapshot(9, frozenset({7})))).order_by("transaction", "pk")[:500]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan TO off")  # else an empty table is read whole, and rightly so
        plan = question.explain()
    assert "overlays_change_in_order" in plan
    assert "SCAN overlays_change" not in plan  # SQLite's word for reading all of an index, too


def test_a_process_forgets_what_it_remembers_of_another_database(remembered, now):
    remembered._now = Snapshot(10**15)
    assert remembered.now(now.timestamp()) == present()


@pytest.mark.parametrize("seed", range(5))
def test_whichever_process_is_asked_each_change_is_told_once(monkeypatch, clinician, now, seed):
    chance = random.Random(seed)
    processes = [NewestChanges(), NewestChanges()]
    monkeypatch.setattr(newest_changes, "MOST_ROUNDS", 3)
    moment, after, wanted, told = now, None, [], []
    for step in range(60):
        moment += timedelta(seconds=chance.choice([0.1, 0.3, 1]))
        monkeypatch.setattr(changes, "newest_changes", chance.choice(processes))
        if chance.random() < 0.4:
            wanted.append(f"1.{step}")
            tell(wanted[-1], now)
        found = changes_after(actor=clinician, at=moment, after=after)
        if after is None:
            wanted = []  # what came before the first question is nobody's news
        after = found.after
        told += [change.sop_instance_uid for change in found.changes]
    last = changes_after(actor=clinician, at=moment + timedelta(seconds=9), after=after)
    assert told + [change.sop_instance_uid for change in last.changes] == wanted
