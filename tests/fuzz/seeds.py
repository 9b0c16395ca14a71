"""Gives the objects that fuzzing starts from: valid ones, those broken for one rule each, and real ones where there are any."""

import zlib
from dataclasses import dataclass
from functools import cache

from overlays.dicom.bounds import Bounds
from overlays.dicom.faults import Unreadable
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.scan import scan
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, IMPLICIT_LE
from tests import corpus
from tests.builders.mutations import BASES, MUTATIONS, Mutation, base_bytes
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
    """What there is, in an order of its own; real objects have their path as name."""
    return (*BASES, *_broken(), *(_real() if real and corpus.is_there() else ()))


@cache
def _broken() -> dict[str, Mutation]:
    """The mutations, which bring the fuzzer to places that chance would not find."""
    return {f"mutation: {mutation.name}": mutation for mutation in MUTATIONS}


@cache
def _real() -> tuple[str, ...]:
    small = (path for path in corpus.files() if path.stat().st_size <= LARGEST)
    return tuple(sorted({str(path.relative_to(corpus.CORPUS)) for path in small}))


@cache
def seed(name: str) -> Seed:
    """The object of that name."""
    content = _content(name)
    try:
        meta = read_file_meta(content)
        deflated = meta.transfer_syntax_uid == DEFLATED_LE
        body = zlib.decompress(content[meta.body :], -zlib.MAX_WBITS) if deflated else content[meta.body :]
        table = scan(body, 0, len(body), implicit=meta.transfer_syntax_uid == IMPLICIT_LE, bounds=Bounds())
    except (Unreadable, zlib.error):
        return Seed(name, content)
    return Seed(name, content, content[: meta.body], meta.transfer_syntax_uid, parsed(table))


def _content(name: str) -> bytes:
    if name in BASES:
        return base_bytes(name)
    broken = _broken().get(name)
    return broken.content()[:LARGEST] if broken else (corpus.CORPUS / name).read_bytes()
