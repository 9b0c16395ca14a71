"""Reads stored objects for retrieval, piece by piece: whole, as metadata, single frames, bulk values."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from overlays.dicom import dicomjson
from overlays.dicom.frames import frame_bits, read_frame
from overlays.dicom.stored import open_stored
from overlays.dicom.tags import tag_of
from overlays.dicom.transfer_syntaxes import DEFLATED_LE
from overlays.governance.errors import NotFound
from overlays.queries.dicomweb_retrieve import Retrievable
from overlays.queries.stored_bytes import open_bytes, path_of

CHUNK = 1 << 18
PIXEL_DATA = "7FE00010"


def whole(item: Retrievable, first: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes as they were received, at most 256 KiB at a time; ``length`` of them from ``first`` on."""
    with open_bytes(item.sha256) as file:
        yield from _chunks(file, first, item.size - first if length is None else length)


def require_frames(item: Retrievable, numbers: Sequence[int]) -> None:
    """Raise NotFound unless the object has each of the frames, counted from 1."""
    last = item.pixels.frames if item.pixels else 0
    wrong = next((number for number in numbers if not 1 <= number <= last), None)
    if wrong is not None:
        raise NotFound(f"There is no frame {wrong}: the instance has {last}, counted from 1.")


def frame_length(item: Retrievable) -> int | None:
    """Bytes of every frame; None where compression makes them differ."""
    return None if item.pixels.encapsulated else (frame_bits(item.pixels) + 7) // 8


def frames(item: Retrievable, numbers: Sequence[int]) -> Iterator[bytes]:
    """Each frame as its transfer syntax stores it, one in memory at a time."""
    with _pixel_file(item) as file:
        for number in numbers:
            yield read_frame(file, item.pixels, number)


def bulk_length(item: Retrievable, tag: str) -> tuple[int, int]:
    """Where the value of a top-level attribute lies (in the inflated data set of a deflated object), and its length.

    Raises NotFound for a tag under which no bulk data is.
    """
    if item.pixels and tag.upper() == f"{tag_of(item.pixels.keyword):08X}" and item.pixels.length is not None:
        return item.pixels.offset, item.pixels.length
    try:
        with on_disk(item.sha256) as path:
            return dicomjson.bulk_value(path, tag)
    except dicomjson.NoBulkValue:
        raise NotFound(f"The instance has no bulk data under the tag {tag[:8]!r}.") from None


def bulk(item: Retrievable, offset: int, length: int, first: int = 0, wanted: int | None = None) -> Iterator[bytes]:
    """The bytes of a value, at most 256 KiB at a time; ``wanted`` of them from ``first`` on."""
    with _pixel_file(item) as file:
        yield from _chunks(file, offset + first, length - first if wanted is None else wanted)


def _chunks(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    file.seek(offset)
    while length and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


@contextmanager
def _pixel_file(item: Retrievable) -> Iterator[BinaryIO]:
    """What the offsets of the pixels count in: the stored file, or the inflated data set of a deflated one."""
    if item.transfer_syntax_uid != DEFLATED_LE:
        with open_bytes(item.sha256) as file:
            yield file
        return
    with on_disk(item.sha256) as path, open_stored(path) as stored:
        yield stored.data


@contextmanager
def on_disk(sha256: str) -> Iterator[Path]:
    """The object as a file, which a store without folders has to copy first."""
    try:
        path = path_of(sha256)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, open_bytes(sha256) as file:
            shutil.copyfileobj(file, copy, CHUNK)
            copy.flush()
            yield Path(copy.name)
        return
    yield path
