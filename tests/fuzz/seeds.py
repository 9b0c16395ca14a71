"""Gives the valid objects that fuzzing starts from: the bases of the mutations, and real objects where there are any."""

import zlib
from dataclasses import dataclass
from functools import cache

from overlays.dicom.bounds import Bounds
from overlays.dicom.faults import Unreadable
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.scan import scan
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, IMPLICIT_LE
from tests import corpus
from tests.builders.mutations import BASES, base_bytes
from tests.fuzz.tree import Item, parsed

LARGEST = 120_000
"""Bytes of a real object: larger ones say nothing more, and take long."""


@dataclass(frozen=True)
class Seed:
    """An object: its file, and where it can be scanned its meta information, transfer syntax and tree."""

    name: str
    content: bytes
    meta: bytes = b""
    syntax: str = ""
    tree: Item | None = None


@cache
def names(*, real: bool) -> tuple[str, ...]:
    """What there is, in an order of its own; real objects come with a path as name."""
    return (*BASES, *_real()) if real else tuple(BASES)


@cache
def _real() -> tuple[str, ...]:
    paths = (*corpus.objects(), *(str(path.relative_to(corpus.CORPUS)) for path in corpus.sources()))
    return tuple(sorted(path for path in set(paths) if (corpus.CORPUS / path).stat().st_size <= LARGEST))


@cache
def seed(name: str) -> Seed:
    """The object of that name."""
    content = base_bytes(name) if name in BASES else (corpus.CORPUS / name).read_bytes()
    try:
        meta = read_file_meta(content)
        deflated = meta.transfer_syntax_uid == DEFLATED_LE
        body = zlib.decompress(content[meta.body :], -zlib.MAX_WBITS) if deflated else content[meta.body :]
        table = scan(body, 0, len(body), implicit=meta.transfer_syntax_uid == IMPLICIT_LE, bounds=Bounds())
    except Unreadable:
        return Seed(name, content)
    return Seed(name, content, content[: meta.body], meta.transfer_syntax_uid, parsed(table))
