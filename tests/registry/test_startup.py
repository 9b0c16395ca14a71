"""Before the first request."""

import pytest
from django.db import connection

from registry.startup import NotFit, begin

pytestmark = pytest.mark.django_db


def test_a_fit_database_is_served_from():
    assert begin() is None


def test_an_unguarded_database_is_not(caplog):
    table, on = "overlays_review", " ON overlays_review" if connection.vendor == "postgresql" else ""
    name = f"{table}_no_{'change' if on else 'delete'}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    with pytest.raises(NotFit, match=name):
        begin()
    assert name in caplog.text


def test_an_identity_configuration_that_accepts_wrong_tokens_is_not(settings):
    settings.OIDC_GRANT_TYPE_PASSWORD_ENABLE = True
    with pytest.raises(NotFit, match="password grant"):
        begin()


def test_what_a_killed_upload_left_is_removed(own_store):
    left = own_store / "incoming" / "tmpabc.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"of a patient")
    begin()
    assert not left.exists()
