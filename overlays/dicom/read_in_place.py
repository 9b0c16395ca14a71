"""Reads pieces of a mapped file so that what was read does not stay in the process's memory."""

from mmap import MADV_DONTNEED, PAGESIZE, mmap
from types import TracebackType
from typing import Self

CHUNK = 1 << 20
"""Bytes that are looked at at once."""
MOST_RESIDENT = 6 << 20
"""Bytes of the mapped file that may stay in memory between two releases."""
FAULT_AROUND = 64 << 10
"""Bytes that the system may map at either end of what is read."""


class Released:
    """A value that begins at ``offset`` of ``data``; pages of a mapped file are given back as they pile up, and at the end."""

    def __init__(self, data: mmap | bytes, offset: int) -> None:
        self._data = data
        self._offset = offset
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def read(self, start: int, length: int) -> bytes:
        """A copy of ``length`` bytes from ``start`` of the value."""
        self._read += length + 2 * FAULT_AROUND
        if self._read > MOST_RESIDENT:
            self._release()
        at = self._offset + start
        return self._data[at : at + length]

    def _release(self) -> None:
        if isinstance(self._data, mmap):
            first = self._offset // PAGESIZE * PAGESIZE
            self._data.madvise(MADV_DONTNEED, first)
        self._read = 0
