"""Alive, and fit to serve."""

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


def test_a_living_process_says_so(client):
    assert client.get("/livez").json() == {"status": "live"}


def test_a_whole_registry_is_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, set(answer.json()["checks"].values())) == (200, {"ok"})


def test_a_missing_trigger_makes_it_unfit(client):
    table, on = "overlays_auditentry", " ON overlays_auditentry" if connection.vendor == "postgresql" else ""
    name = f"{table}_no_{'change' if on else 'delete'}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert name in answer.json()["checks"]["triggers"]


def test_a_store_that_cannot_be_written_makes_it_unfit(client, own_store):
    own_store.parent.mkdir(exist_ok=True)
    own_store.write_text("a file where the folder should be")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["storage"] != "ok") == (503, True)


def test_the_probe_of_the_store_leaves_nothing(client):
    client.get("/readyz")
    assert not [path for path in storages["bytes"].spool().parent.rglob("*") if path.is_file()]


def test_nobody_is_asked_for_a_token(client):
    assert client.post("/livez").status_code == 405


def test_what_was_found_is_told_again_for_a_while(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(0):
        assert client.get("/readyz").json()["status"] == "ready"
