"""Gives the metadata of a stored object as JSON text, kept ready beside the store where making it takes long."""

import gzip
import json
from collections.abc import Iterator

from overlays.dicom import dicomjson
from overlays.queries.derived import derived_path, keep
from overlays.queries.dicomweb_objects import CHUNK, on_disk
from overlays.queries.dicomweb_retrieve import Retrievable

FORM = 2
"""Numbers the form of the text; to be raised whenever the DICOM core writes the same object differently."""
WORTH_KEEPING = 1 << 18
"""Bytes of text; a smaller one is made in less time than people notice."""
_LEVEL = 5
_ADDRESS = "\N{OBJECT REPLACEMENT CHARACTER}bulk data of this object"
_MARK = b"\n"
"""Stands for the address of bulk data in the kept text: JSON without blanks has no line end anywhere."""


def metadata_text(item: Retrievable, *, bulk_data_uri: str) -> Iterator[bytes]:
    """The DICOM JSON model of the object, with bulk data as addresses below ``bulk_data_uri``.

    A large text is kept, compressed, in a folder that may be emptied at any time; nothing is kept for a store without folders. Whether the
    object may be told at all is asked before, every time.
    """
    address = json.dumps(bulk_data_uri)[1:-1].encode()
    kept = derived_path(f"{item.sha256}.metadata-{FORM}.json.gz")
    if kept is not None and kept.exists():
        with gzip.open(kept) as file:
            while chunk := file.read(CHUNK):
                yield chunk.replace(_MARK, address)
        return
    with on_disk(item.sha256) as path:
        found = dicomjson.metadata(path, bulk_data_uri=_ADDRESS)
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    marked = text.replace(_ADDRESS, _MARK.decode()).encode()
    if kept is not None and len(marked) >= WORTH_KEEPING:
        keep(kept, gzip.compress(marked, _LEVEL, mtime=0))
    yield marked.replace(_MARK, address)
