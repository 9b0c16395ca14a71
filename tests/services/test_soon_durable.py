"""What is written without waiting for the disk is there at once, and later writes wait again."""

from uuid import uuid4

import pytest
from django.db import connection

from overlays.governance.vocabulary import Purpose
from overlays.models import AuditEntry, RenderDecision
from overlays.services.decide import decide_for_study
from overlays.services.record_retrieval import record_retrieval

pytestmark = pytest.mark.django_db(transaction=True)


def waits() -> bool:
    """Whether a commit of this connection waits for the disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone()[0] == "on"
        cursor.execute("PRAGMA synchronous")
        return cursor.fetchone()[0] == 2


@pytest.fixture
def decision(clinician, now):
    """A render decision that was given."""
    return decide_for_study(actor=clinician, at=now, decision_id=uuid4(), study="1.2.3", purpose=Purpose.CLINICAL)


@pytest.fixture
def retrieval(clinician, now):
    """A retrieval that was recorded."""
    record_retrieval(
        actor=clinician, at=now, purpose=Purpose.CLINICAL, study="1.2.3", sop_instance_uids=["1.2.4"], form="instance"
    )


def test_a_decision_is_there_and_the_next_commit_waits(decision):
    assert (RenderDecision.objects.filter(pk=decision.decision_id).exists(), waits()) == (True, True)


def test_a_retrieval_is_there_and_the_next_commit_waits(retrieval):
    assert (AuditEntry.objects.filter(event="instances:retrieved").count(), waits()) == (1, True)


def test_after_a_failure_the_next_commit_waits_too(clinician, now, monkeypatch):
    def broken(**_):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("overlays.services.record_retrieval.record", broken)
    with pytest.raises(RuntimeError):
        record_retrieval(
            actor=clinician, at=now, purpose=Purpose.CLINICAL, study="1.2.3", sop_instance_uids=["1.2.4"], form="frames"
        )
    assert waits()
