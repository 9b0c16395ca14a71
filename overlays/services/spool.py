"""Takes bytes in: to a file beside the store, hashed as they come, synced before anybody relies on them."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.core.files.base import File
from django.core.files.storage import storages

from overlays.governance.errors import Invalid

FOLDER = ".folder"
"""Ends the name of a folder that lives as long as the locked file beside it."""


def incoming_folder() -> Path:
    """The folder for bytes on their way in, where possible on the file system of the store."""
    store = storages["bytes"]
    return store.spool() if hasattr(store, "spool") else Path(tempfile.gettempdir())


def held_file(folder: Path) -> BinaryIO:
    """A new file that is locked as long as it is open: the lock ends with the process, and tells ``sweep`` whose file lives."""
    while True:
        file = tempfile.NamedTemporaryFile(dir=folder, suffix=".part", buffering=0, delete=False)  # noqa: SIM115 -- the caller closes it
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # swept away before it was locked


def sweep() -> int:
    """Remove the files of uploads whose process ended in their midst, as a kill or a power cut ends it; returns how many."""
    store = storages["bytes"]
    swept = 0
    for path in store.spool().iterdir() if hasattr(store, "spool") else ():
        if path.suffix == FOLDER:
            if not path.with_suffix("").exists():
                shutil.rmtree(path, ignore_errors=True)
            continue
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(f"{path}{FOLDER}", ignore_errors=True)
                path.unlink()
        except (BlockingIOError, FileNotFoundError):
            continue  # somebody is writing it, or another process swept it
        swept += 1
    return swept


class Scratch:
    """A folder that is gone at the end, or at the next start after a process that ended in its midst."""

    def __enter__(self) -> Path:
        self._lock = held_file(incoming_folder())
        self.path = Path(f"{self._lock.name}{FOLDER}")
        self.path.mkdir(mode=0o700)
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        Path(self._lock.name).unlink(missing_ok=True)
        self._lock.close()


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
        self._file = held_file(incoming_folder())
        self.path = Path(self._file.name)

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
