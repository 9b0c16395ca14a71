"""Opens a stored object for reading single attributes of it, without pydicom and without its pixel data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.inflate import inflated
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.scan import scan
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, IMPLICIT_LE


@dataclass(frozen=True)
class Stored:
    """An object while it is open: its data set, its transfer syntax, and the bytes that the scan's offsets count in."""

    root: DataSet
    transfer_syntax_uid: str
    data: mmap


@contextmanager
def open_stored(path: Path, *, bounds: Bounds | None = None, scratch: Path | None = None) -> Iterator[Stored]:
    """The object at ``path``, which was inspected before it was stored.

    ``scratch`` is the folder for the inflated form of a deflated object. Raises Unreadable for anything that inspection refuses.
    """
    limits = bounds or Bounds()
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        meta = read_file_meta(data)
        syntax = meta.transfer_syntax_uid
        if syntax == DEFLATED_LE:
            with inflated(data, meta.body, limit=limits.max_inflated_bytes, scratch=scratch) as inner:
                table = scan(inner, 0, len(inner), implicit=False, bounds=limits)
                yield Stored(DataSet(table), syntax, inner)
            return
        table = scan(data, meta.body, len(data), implicit=syntax == IMPLICIT_LE, bounds=limits)
        yield Stored(DataSet(table), syntax, data)
