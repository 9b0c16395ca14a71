"""Keeps images that were fetched from the archive in files, few and for a short time."""

import hashlib
import logging
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.core.files.storage import storages

from overlays.archive.connection import archive
from overlays.archive.images import MOST_FILE_BYTES, file_of
from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Grid, Instance, KnownSource
from overlays.governance.errors import ArchiveFailed

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 30
MOST_SECONDS = 600.0
"""What is older is fetched again: an archive may correct what it holds."""
LEAST_SECONDS = 60.0
"""So young a file is not removed for want of room: somebody may be about to open it."""
SUFFIX = ".dcm"
_PLACE_TOLERANCE = 1e-3
"""Millimetres, and shares of a direction, by which texts of one number may differ."""


@dataclass(frozen=True)
class Archived:
    """In the archive: an image of which it has told this much."""

    known: KnownSource

    def path(self) -> Path:
        """The file, fetched unless it was a short while ago. Raises ArchiveFailed, ArchiveTooSlow."""
        target = folder() / _name(self.known)
        if not _is_fresh(target, time.time()):
            _fetch(self.known, target)
        return target


def folder() -> Path:
    """Where they are kept; it may be emptied at any time."""
    store = storages["bytes"]
    above = store.spool().parent if hasattr(store, "spool") else Path(tempfile.gettempdir())
    found = above / "archive"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def _name(image: KnownSource) -> str:
    said = (archive().url, image.study_instance_uid, image.series_instance_uid, image.sop_instance_uid)
    return hashlib.sha256("\n".join(said).encode()).hexdigest() + SUFFIX


def _is_fresh(path: Path, now: float) -> bool:
    with suppress(FileNotFoundError):
        return 0 <= now - path.stat().st_mtime < MOST_SECONDS
    return False


def _fetch(image: KnownSource, target: Path) -> None:
    """Under another name, looked at, then renamed: what lies there is whole, and what was asked for."""
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            for chunk in file_of(archive(), image):
                file.write(chunk)
            file.flush()
            _require_same(part, image)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    _make_room(target.parent, time.time())


def _require_same(path: Path, image: KnownSource) -> None:
    instance = inspect(path, bounds=Bounds(max_bytes=MOST_FILE_BYTES), scratch=path.parent).instance
    if instance is None:
        raise ArchiveFailed("The archive answers with an image that cannot be read.")
    if _identity(instance) != (
        image.sop_class_uid,
        image.sop_instance_uid,
        image.series_instance_uid,
        image.study_instance_uid,
        image.patient_id,
        image.number_of_frames or 1,
    ) or not _is_same_place(instance, image):
        log.warning("an image of the archive is not the one that it has told of")
        raise ArchiveFailed("The archive answers with another image than the one that it has told of.")


def _identity(instance: Instance) -> tuple:
    return (
        instance.sop_class_uid,
        instance.sop_instance_uid,
        instance.series_instance_uid,
        instance.study_instance_uid,
        instance.patient.patient_id,
        instance.number_of_frames or 1,
    )


def _is_same_place(instance: Instance, image: KnownSource) -> bool:
    """Whether the file lies where the archive said that it does, as far as it said."""
    ours, theirs = instance.grid or Grid(rows=0, columns=0), image.grid
    if theirs is None:
        return True
    if (ours.rows, ours.columns) != (theirs.rows, theirs.columns):
        return False
    if instance.frame_of_reference_uid != image.frame_of_reference_uid:
        return False
    pairs = ((getattr(ours, name), getattr(theirs, name)) for name in ("pixel_spacing", "orientation", "position"))
    return all(
        theirs is None or (ours is not None and np.allclose(ours, theirs, atol=_PLACE_TOLERANCE))
        for ours, theirs in pairs
    )


def _make_room(where: Path, now: float) -> None:
    """Remove what is too old, then the oldest, until the rest is small enough."""
    kept = []
    for entry in os.scandir(where):
        with suppress(FileNotFoundError):
            found = entry.stat()
            kept.append((now - found.st_mtime, found.st_size, entry.path))
    size = sum(each[1] for each in kept)
    for age, length, path in sorted(kept, reverse=True):
        if age > MOST_SECONDS or (size > MOST_BYTES and age > LEAST_SECONDS):
            with suppress(FileNotFoundError):
                Path(path).unlink()
            size -= length
