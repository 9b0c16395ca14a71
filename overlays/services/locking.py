"""Takes the locks under which state changes.

Always in this order: the name of a model, the study, the overlays by their keys. What holds one takes none that stands before it, so that
two acts can wait for one another but never for ever; a version changes only under the lock of its overlay.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.models import Overlay, OverlayVersion


def locked_version(actor: Actor, sop_instance_uid: str) -> OverlayVersion:
    """The version, with its overlay's row locked until the transaction ends.

    Raises NotFound when there is no such version, or the actor's grant does not reach its study.
    """
    version = OverlayVersion.objects.filter(sop_instance_uid=sop_instance_uid).select_related("study").first()
    if version is None or not actor.may_reach(version.study.study_instance_uid):
        raise NotFound(f"There is no version {sop_instance_uid}.")
    lock_overlays([version.overlay_id])
    return OverlayVersion.objects.select_related("overlay", "study", "model_version__model").get(pk=version.pk)


def lock_overlays(keys: Iterable[UUID]) -> None:
    """Lock the rows of these overlays until the transaction ends."""
    list(Overlay.objects.select_for_update().filter(pk__in=set(keys)).order_by("pk").values_list("pk"))


def share_model_name(name: str) -> None:
    """Keep the models of this name as they are until the transaction ends; others may share it."""
    _advise("pg_advisory_xact_lock_shared", name)


def hold_model_name(name: str) -> None:
    """Wait until nobody shares the name, and keep it: a registration is seen by every post that comes after, and sees all before."""
    _advise("pg_advisory_xact_lock", name)


def _advise(function: str, name: str) -> None:
    if connection.vendor == "postgresql":  # on SQLite every writing transaction excludes the others anyway
        key = int.from_bytes(hashlib.sha256(f"model {name}".encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [key])
