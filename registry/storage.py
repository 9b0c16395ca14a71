"""Keeps bytes in a folder so that a crash leaves either the whole object or none."""

import os
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from overlays.services.spool import held_file


def _put(written: Path, target: Path) -> None:
    written.chmod(0o440)
    written.rename(target)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class DurableFolder(FileSystemStorage):
    """A folder whose files are written under another name, synced, then renamed.

    A file that already lies in the folder's ``spool`` (see ``spool``) is synced and renamed without being copied. Storing under a name
    that exists leaves what is there: names are digests here, so the bytes are the same.
    """

    def spool(self) -> Path:
        """The folder for bytes on their way in, on the same file system as the store."""
        folder = Path(self.base_location) / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself."""
        return name

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        if target.exists():
            return name
        new_folders = [folder for folder in target.parents if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        if hasattr(content, "temporary_file_path"):
            written = Path(content.temporary_file_path())
            with written.open("rb") as file:
                os.fsync(file.fileno())
            _put(written, target)
        else:
            with held_file(self.spool()) as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                _put(Path(file.name), target)
        for folder in {target.parent, *(folder.parent for folder in new_folders)}:
            _sync_folder(folder)
        return name
