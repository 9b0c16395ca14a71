"""Opens the bytes that were stored."""

from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import storages


def key_of(sha256: str) -> str:
    """The name under which bytes with this digest lie in the store.

    One level of 256 folders: they are soon all there, so that storing need not sync the making of a folder each time.
    """
    return f"{sha256[:2]}/{sha256}"


def open_bytes(sha256: str) -> File:
    """The stored bytes as a seekable file, opened for reading. Raises FileNotFoundError when the store has lost them."""
    return storages["bytes"].open(key_of(sha256), "rb")


def path_of(sha256: str) -> Path:
    """Where the stored bytes lie, for readers that need a file of their own. Raises NotImplementedError for a store without folders."""
    return Path(storages["bytes"].path(key_of(sha256)))
