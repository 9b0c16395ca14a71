"""Checks at start that the database holds the triggers that make append-only tables so."""

from collections.abc import Sequence

from django.core.checks import Error, Tags, register
from django.db import connections

from overlays.models import triggers


@register(Tags.database)
def append_only_triggers(app_configs: object, databases: Sequence[str] | None = None, **_: object) -> list[Error]:
    """One error for each trigger that is missing from a database that was named."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        present = set(connection.introspection.table_names())
        tables = [guarded.table for guarded in triggers.guarded_tables()]
        if not present.issuperset(tables):
            continue  # not migrated yet: migrate installs them
        found += [
            Error(
                f"The trigger {name} is missing from the database {alias!r}.",
                hint="Run manage.py migrate: it installs the triggers again.",
                id="overlays.E001",
            )
            for name in triggers.missing(connection)
        ]
    return found
