"""Hands received bytes to the store, and remembers that they lie there."""

from datetime import datetime

from django.core.files.storage import storages

from overlays.models import StoredBytes
from overlays.queries.stored_bytes import key_of
from overlays.services.spool import Received


def keep_bytes(*, received: Received, at: datetime) -> StoredBytes:
    """The row of the stored bytes. The bytes are durable before the row can be committed: never a row without bytes."""
    with received.as_file() as file:
        storages["bytes"].save(key_of(received.sha256), file)
    stored, _ = StoredBytes.objects.get_or_create(
        sha256=received.sha256, defaults={"size": received.size, "stored_at": at}
    )
    return stored
