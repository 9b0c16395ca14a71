"""Keeps what was worked out from stored bytes beside the store, in a folder that may be emptied at any time."""

import os
import tempfile
from pathlib import Path

from django.core.files.storage import storages


def derived_path(name: str) -> Path | None:
    """Where a derived file of that name lies or would lie; None for a store without folders, which keeps none."""
    store = storages["bytes"]
    return store.spool().parent / "derived" / name if hasattr(store, "spool") else None


def keep(target: Path, content: bytes) -> None:
    """Written under another name, synced and renamed: a crash leaves the whole file or none."""
    target.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=storages["bytes"].spool(), delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).rename(target)
