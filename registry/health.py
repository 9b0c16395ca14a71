"""Answers whether the process lives, and whether it is fit to serve."""

from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from overlays.models import triggers


def _database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


def _migrations() -> str | None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} migration(s) have not run" if waiting else None


def _triggers() -> str | None:
    gone = triggers.missing(connection)
    return f"missing: {', '.join(gone)}" if gone else None


def _storage() -> str | None:
    store = storages["bytes"]
    name = store.save(f"probe/{uuid4().hex}", ContentFile(b"ready?"))
    store.delete(name)
    return None


CHECKS: dict[str, Callable[[], str | None]] = {
    "database": _database,
    "migrations": _migrations,
    "triggers": _triggers,
    "storage": _storage,
}
"""What must be well for the registry to serve: each answers None, or what is wrong."""

SECONDS_REMEMBERED = 5
"""How long each process tells what it found last: the checks write a file, and read all migrations."""


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all."""
    return JsonResponse({"status": "live"})


def _faults() -> dict[str, str]:
    """What is wrong, by the name of the check."""
    faults = {}
    for name, check in CHECKS.items():
        try:
            fault = check()
        except Exception as error:  # noqa: BLE001 -- whatever stops a check is a reason not to serve
            fault = f"{type(error).__name__}"
        if fault:
            faults[name] = fault
    return faults


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every check is well; 503, with what is wrong, otherwise. What was found is told again for some seconds: anybody may ask."""
    faults = cache.get_or_set("ready", _faults, SECONDS_REMEMBERED)
    body = {"status": "unfit" if faults else "ready", "checks": {name: faults.get(name, "ok") for name in CHECKS}}
    return JsonResponse(body, status=503 if faults else 200)
