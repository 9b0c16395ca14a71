"""Checks at start that the database holds the triggers that make append-only tables so."""

from collections.abc import Sequence

from django.core import checks
from django.db import connections

from overlays.models import triggers


@checks.register(checks.Tags.database)
def append_only_triggers(
    app_configs: object, databases: Sequence[str] | None = None, **_: object
) -> list[checks.Warning]:
    """One warning for each trigger that is missing from a database that was named, or is not as it should be.

    No error: ``migrate`` installs the triggers, and does not run past one. A process that serves refuses to start (registry.startup).
    """
    found = []
    for alias in databases or ():
        connection = connections[alias]
        present = set(connection.introspection.table_names())
        tables = [guarded.table for guarded in triggers.guarded_tables()]
        if not present.issuperset(tables):
            continue  # not migrated yet: migrate installs them
        found += [
            checks.Warning(
                f"The trigger {name} is missing from the database {alias!r}, or altered.",
                hint="Run manage.py migrate: it installs the triggers again.",
                id="overlays.W001",
            )
            for name in triggers.missing(connection)
        ]
    return found
