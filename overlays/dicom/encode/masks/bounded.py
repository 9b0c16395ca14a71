"""Reads files into memory up to a limit, undoing compression without ever holding more than it."""

import bz2
import zlib
from pathlib import Path

from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable

STEP = 1 << 20
GZIP = 16 + zlib.MAX_WBITS


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of a file. Raises MaskTooLarge."""
    size = path.stat().st_size
    if size > limit:
        raise MaskTooLarge(f"The file has {size} bytes; {limit} are taken.")
    return path.read_bytes()


def gunzipped(content: bytes | memoryview, limit: int) -> bytearray:
    """What gzip members one after another inflate to. Raises MaskTooLarge, MaskUnreadable."""
    out, rest = bytearray(), memoryview(content)
    while len(rest):
        engine = zlib.decompressobj(GZIP)
        at = 0
        while not engine.eof:
            data = engine.unconsumed_tail
            if not data:
                data = rest[at : at + STEP]
                at += len(data)
            try:
                piece = engine.decompress(data, STEP)
            except zlib.error:
                raise MaskUnreadable("The gzip stream is broken.") from None
            if not len(data) and not piece and not engine.eof:
                raise MaskUnreadable("The gzip stream ends before its end.")
            out += piece
            _check(out, limit)
        rest = rest[at - len(engine.unused_data) :]
        if not any(rest[:STEP]):
            break  # padding after the last member
    return out


def bunzipped(content: bytes | memoryview, limit: int) -> bytearray:
    """What one bzip2 stream inflates to. Raises MaskTooLarge, MaskUnreadable."""
    out, engine, data = bytearray(), bz2.BZ2Decompressor(), bytes(content)
    while not engine.eof:
        if engine.needs_input and not data:
            raise MaskUnreadable("The bzip2 stream ends before its end.")
        try:
            out += engine.decompress(data, STEP)
        except (OSError, ValueError):
            raise MaskUnreadable("The bzip2 stream is broken.") from None
        data = b""
        _check(out, limit)
    return out


def _check(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise MaskTooLarge(f"The file inflates to more than {limit} bytes.")
