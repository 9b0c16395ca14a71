"""Lays out the folder in which one encoding happens."""

import json
import shutil
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from overlays.dicom.child_encode import DESCRIPTION, ENCODED, JSON_SUFFIX, MASKS, OTHERS, SOURCES
from overlays.dicom.encode.masks.names import kept
from overlays.queries.stored_bytes import open_bytes, path_of
from overlays.services.spool import Scratch


class EncodingFolder:
    """Masks that came, the sources they belong to, and later the object: gone at the end with all that lies in it."""

    def __enter__(self) -> Self:
        self._scratch = Scratch()
        self.path = self._scratch.__enter__()
        for name in (MASKS, SOURCES, OTHERS):
            (self.path / name).mkdir()
        self.masks = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.__exit__(kind, error, trace)

    def new_mask(self, name: str) -> BinaryIO:
        """A file for the next mask; of the client's name is kept what tells the format, and maybe the segment."""
        self.masks += 1
        return (self.path / MASKS / f"{self.masks:06}-{kept(name)}").open("xb")

    def describe(self, description: bytes) -> None:
        """Put the description down."""
        (self.path / DESCRIPTION).write_bytes(description)

    def add_source(self, sha256: str) -> None:
        """Add the next source image. Raises FileNotFoundError when the store has lost it."""
        self._add(SOURCES, sha256)

    def add_described(self, element: dict) -> None:
        """Add the next source image as its metadata: pixels are not needed to encode."""
        target = self._next(SOURCES, JSON_SUFFIX)
        target.write_text(json.dumps(element, separators=(",", ":")), "utf-8")

    def add_other(self, sha256: str) -> None:
        """Add the next object that is referred to. Raises FileNotFoundError when the store has lost it."""
        self._add(OTHERS, sha256)

    @property
    def encoded(self) -> Path:
        """Where the object lies when it was encoded."""
        return self.path / ENCODED

    def _next(self, folder: str, suffix: str) -> Path:
        number = sum(1 for _ in (self.path / folder).iterdir())
        return self.path / folder / f"{number:06}{suffix}"

    def _add(self, folder: str, sha256: str) -> None:
        target = self._next(folder, ".dcm")
        try:
            stored = path_of(sha256)
        except NotImplementedError:  # a store without folders
            with open_bytes(sha256) as file, target.open("xb") as copy:
                shutil.copyfileobj(file, copy)
            return
        if not stored.is_file():
            raise FileNotFoundError(sha256)
        target.symlink_to(stored.resolve())
