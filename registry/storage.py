"""Keeps bytes in a folder so that a crash leaves either the whole object or none."""

import os
import tempfile
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


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
        else:
            with tempfile.NamedTemporaryFile(dir=self.spool(), delete=False) as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            written = Path(file.name)
        written.chmod(0o440)
        written.rename(target)
        for folder in {target.parent, *(folder.parent for folder in new_folders)}:
            _sync_folder(folder)
        return name
