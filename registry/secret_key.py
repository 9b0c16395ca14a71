"""Keeps the key that signs sessions, where the environment does not give one."""

import os
import secrets
from pathlib import Path


def kept_in(folder: Path) -> str:
    """The key in ``folder/secret-key``, made there, readable by its owner only, when there is none."""
    path = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
