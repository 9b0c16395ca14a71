"""Takes bytes in: to a file beside the store, hashed as they come, synced before anybody relies on them."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from django.core.files.base import File
from django.core.files.storage import storages

from overlays.governance.errors import Invalid


def incoming_folder() -> Path:
    """The folder for bytes on their way in, where possible on the file system of the store."""
    store = storages["bytes"]
    return store.spool() if hasattr(store, "spool") else Path(tempfile.gettempdir())


@dataclass(frozen=True, kw_only=True)
class Received:
    """Bytes that were taken in whole: where they lie, how many, their SHA-256."""

    path: Path
    size: int
    sha256: str

    def as_file(self) -> File:
        """The bytes for a storage, which may take the file over by renaming it."""
        return _InPlace(self.path)


class _InPlace(File):
    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(path.open("rb"), name=path.name)

    def temporary_file_path(self) -> str:
        """Where the bytes lie: a storage on the same file system renames instead of copying."""
        return str(self._path)


class Spool:
    """A file that grows with what is written to it and is gone at the end, unless the store took it over.

    Raises Invalid from ``write`` when more than ``limit`` bytes come.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._digest = hashlib.sha256()
        handle, name = tempfile.mkstemp(dir=incoming_folder(), suffix=".part")
        self._file = os.fdopen(handle, "wb", buffering=0)
        self.path = Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        if self._size > self._limit:
            raise Invalid(f"An instance may have {self._limit} bytes; more came.", limit=self._limit)
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> Received:
        """Sync what was written, and say what it is."""
        os.fsync(self._file.fileno())
        return Received(path=self.path, size=self._size, sha256=self._digest.hexdigest())
