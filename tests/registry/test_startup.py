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
