"""Gives stored objects and frames in Explicit VR Little Endian that are stored in another transfer syntax."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overlays.dicom.sandbox import Answer, SandboxFailure, SandboxRefused, Task
from overlays.dicom.tags import tag_of
from overlays.dicom.transfer_syntaxes import EXPLICIT_LE, NOT_DECODED
from overlays.governance.errors import Unavailable
from overlays.queries.decoder import decoder
from overlays.queries.dicomweb_objects import bulk, on_disk
from overlays.queries.dicomweb_retrieve import Retrievable

FORM = 1
"""Part of the entity tags: raise it when the same object comes to be re-encoded otherwise."""

BATCH_BYTES = 8 << 20
"""Decoded frames that a child hands over at once."""


class CannotDecode(Exception):
    """The object can only be had as it is stored; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Explicit:
    """A re-encoded object: its length, and its bytes, a batch of frames in memory at a time."""

    length: int
    chunks: Iterator[bytes]


def is_explicit(item: Retrievable) -> bool:
    """Whether it is stored so."""
    return item.transfer_syntax_uid == EXPLICIT_LE


def can_be_explicit(item: Retrievable) -> bool:
    """Whether there is a decoder for it."""
    return item.transfer_syntax_uid not in NOT_DECODED


def explicit(item: Retrievable) -> Explicit:
    """The whole object. Raises CannotDecode and Unavailable, and so may its chunks."""
    answer = _asked(item, Task.EXPLICIT)
    found, encoded = answer.result, answer.payload
    before, after = encoded[: found["before"]], encoded[found["before"] :]
    if found["keyword"] is None:
        return Explicit(len(encoded), iter((before, after)))
    if item.pixels is None or item.pixels.keyword != found["keyword"]:
        raise CannotDecode("The pixels cannot be found in the stored object.")
    described = found["described"]
    length = _native_length(item, described) if described else item.pixels.length
    head = _element_head(found["keyword"], found["vr"], length + length % 2)
    return Explicit(
        len(encoded) + len(head) + length + length % 2, _chunks(item, before, head, described, length, after)
    )


def decoded_frames(item: Retrievable, numbers: Sequence[int]) -> Iterator[bytes]:
    """Frames of a compressed object, each as native bytes. Raises CannotDecode and Unavailable at the frame that fails."""
    for batch in _batches(item, numbers):
        data = memoryview(_asked(item, Task.FRAMES, numbers=batch).payload)
        size = len(data) // len(batch)
        for index in range(len(batch)):
            yield bytes(data[index * size : (index + 1) * size])


def _chunks(
    item: Retrievable, before: bytes, head: bytes, described: dict | None, length: int, after: bytes
) -> Iterator[bytes]:
    yield before
    yield head
    if described is None:
        yield from bulk(item, item.pixels.offset, length)
    else:
        for batch in _batches(item, range(1, item.pixels.frames + 1)):
            yield _asked(item, Task.FRAMES, numbers=batch, joined=True).payload
    yield bytes(length % 2) + after


def _native_length(item: Retrievable, described: dict) -> int:
    pixels = described["rows"] * described["columns"] * described["samples_per_pixel"] * item.pixels.frames
    return (pixels * described["bits_allocated"] + 7) // 8


def _batches(item: Retrievable, numbers: Sequence[int]) -> Iterator[list[int]]:
    """At most so many frames as may be in memory; multiples of eight, so that 1-bit frames of a batch end on a byte."""
    layout = item.pixels
    size = max(1, layout.rows * layout.columns * layout.samples_per_pixel * max(8, layout.bits_allocated) // 8)
    least = 8 if layout.bits_allocated == 1 else 1
    most = max(least, BATCH_BYTES // size // least * least)
    for first in range(0, len(numbers), most):
        yield list(numbers[first : first + most])


def _element_head(keyword: str, vr: str, length: int) -> bytes:
    """Tag, VR, two reserved bytes, and the length in four (PS3.5 Table 7.1-1)."""
    if length >= 0xFFFFFFFF:
        raise CannotDecode("The decoded pixels are more than one element can hold.")
    tag = tag_of(keyword)
    return struct.pack("<HH2s2xL", tag >> 16, tag & 0xFFFF, vr.encode(), length)


def _asked(item: Retrievable, task: Task, **arguments: object) -> Answer:
    with on_disk(item.sha256) as path:
        try:
            return decoder().run(task, path, **arguments)
        except SandboxRefused as refused:
            raise CannotDecode(refused.sentence) from None
        except SandboxFailure as failure:
            raise Unavailable(f"The object cannot be re-encoded now: {failure.sentence}") from None
