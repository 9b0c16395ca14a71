"""Mutations of the bytes: what the rules FIL and LIM must tell."""

import struct
import zlib

from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from tests.builders.files import body_offset
from tests.builders.mutations import raw
from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to

TRANSFER_SYNTAX = 0x00020010


def _encapsulate(content: bytes) -> bytes:
    at = raw.pixel_data_at(content)
    return content[:at] + raw.header(0x7FE00010, b"OB", raw.UNDEFINED) + raw.EMPTY_ITEM + raw.SEQUENCE_END


def _stretch_first(content: bytes) -> bytes:
    """The first element claims 65,534 bytes more than the file has."""
    at = body_offset(content) + 6
    return content[:at] + struct.pack("<H", 0xFFFE) + content[at + 2 :]


def _twice(content: bytes) -> bytes:
    at = body_offset(content)
    end = at + 8 + struct.unpack_from("<H", content, at + 6)[0]
    return content[:at] + content[at:end] + content[at:]


def _swapped(content: bytes) -> bytes:
    first = body_offset(content)
    second = first + 8 + struct.unpack_from("<H", content, first + 6)[0]
    third = second + 8 + struct.unpack_from("<H", content, second + 6)[0]
    return content[:first] + content[second:third] + content[first:second] + content[third:]


def _explicit_as_implicit(content: bytes) -> bytes:
    return raw.with_meta_uid(content, TRANSFER_SYNTAX, "1.2.840.10008.1.2")


def _implicit_as_explicit(content: bytes) -> bytes:
    return raw.with_meta_uid(content, TRANSFER_SYNTAX, "1.2.840.10008.1.2.1")


def _bomb(content: bytes) -> bytes:
    """64 MiB of zeros behind a deflated header, in about 64 kB."""
    body = zlib.decompress(content[body_offset(content) :], -zlib.MAX_WBITS)
    at = body.rindex(struct.pack("<HH", 0x7FE0, 0x0010) + b"O")
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = engine.compress(body[:at] + raw.header(0x7FE00010, b"OW", 64 << 20))
    for _ in range(64):
        packed += engine.compress(bytes(1 << 20))
    return content[: body_offset(content)] + packed + engine.flush()


def _stray_delimiter(content: bytes) -> bytes:
    return raw.before_pixels(content, raw.header(0x00710100, b"SQ", raw.UNDEFINED) + raw.ITEM + raw.SEQUENCE_END)


def _element_in_sequence(content: bytes) -> bytes:
    return raw.before_pixels(content, raw.element(0x00710100, b"SQ", raw.element(0x00080060, b"CS", b"CT")))


def _meta_cut(content: bytes) -> bytes:
    return content[:132] + content[body_offset(content) :]


def _broken_stream(content: bytes) -> bytes:
    at = body_offset(content)
    return content[:at] + b"\xff" * 64 + content[at + 64 :]


def _frames(number: int, rows: int = 64) -> object:
    def change(data_set: Dataset) -> None:
        data_set.NumberOfFrames = number
        data_set.Rows = rows

    return change


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="a text file", rules=("FIL-001",), raw=lambda _: b"Once upon a time. " * 20),
    Mutation(name="an empty file", rules=("FIL-001",), raw=lambda _: b""),
    Mutation(name="no preamble", rules=("FIL-001",), raw=lambda content: content[132:]),
    Mutation(name="no meta information", rules=("FIL-001",), raw=_meta_cut),
    Mutation(name="a Windows program as preamble", rules=("FIL-002",), raw=lambda content: b"MZ" + content[2:]),
    Mutation(name="a script as preamble", rules=("FIL-002",), raw=lambda content: b"#!/bin/sh" + content[9:]),
    Mutation(name="a web page in the preamble", rules=("FIL-002",), raw=lambda content: b"hello <HTML>" + content[12:]),
    Mutation(name="a remark in the preamble", rules=("FIL-017",), raw=lambda content: b"ACME" + content[4:]),
    Mutation(
        name="a ZIP archive appended", rules=("FIL-003",), raw=lambda content: content + b"PK\x03\x04" + bytes(60)
    ),
    Mutation(name="a few bytes appended", rules=("FIL-003",), raw=lambda content: content + b"\x00\x00"),
    Mutation(name="zeros appended", rules=("FIL-003",), base="implicit", raw=lambda content: content + bytes(32)),
    Mutation(
        name="bytes behind a deflated stream",
        rules=("FIL-003",),
        base="deflated",
        raw=lambda content: content + b"more bytes",
    ),
    Mutation(name="the last byte missing", rules=("FIL-004",), raw=lambda content: content[:-1]),
    Mutation(name="an element longer than the file", rules=("FIL-004",), raw=_stretch_first),
    Mutation(
        name="no transfer syntax",
        rules=("FIL-005",),
        raw=lambda content: raw.without_meta_element(content, TRANSFER_SYNTAX),
    ),
    Mutation(
        name="an unknown transfer syntax",
        rules=("FIL-006",),
        raw=lambda content: raw.with_meta_uid(content, TRANSFER_SYNTAX, FOREIGN),
    ),
    Mutation(
        name="a lossy transfer syntax",
        rules=("FIL-006",),
        base="rle",
        raw=lambda content: raw.with_meta_uid(content, TRANSFER_SYNTAX, "1.2.840.10008.1.2.4.50"),
    ),
    Mutation(
        name="big endian",
        rules=("FIL-007",),
        raw=lambda content: raw.with_meta_uid(content, TRANSFER_SYNTAX, "1.2.840.10008.1.2.2"),
    ),
    Mutation(name="explicit elements called implicit", rules=("FIL-008",), raw=_explicit_as_implicit),
    Mutation(name="implicit elements called explicit", rules=("FIL-008",), base="implicit", raw=_implicit_as_explicit),
    Mutation(
        name="native pixels called RLE",
        rules=("FIL-009",),
        base="labelmap",
        raw=lambda content: raw.with_meta_uid(content, TRANSFER_SYNTAX, "1.2.840.10008.1.2.5"),
    ),
    Mutation(name="encapsulated pixels called native", rules=("FIL-009", "IMG-005"), raw=_encapsulate),
    Mutation(
        name="another class in the meta information",
        rules=("FIL-010",),
        raw=lambda content: raw.with_meta_uid(content, 0x00020002, "1.2.840.10008.5.1.4.1.1.2"),
    ),
    Mutation(
        name="another instance in the meta information",
        rules=("FIL-011",),
        raw=lambda content: raw.with_meta_uid(content, 0x00020003, FOREIGN),
    ),
    Mutation(name="a tag twice", rules=("FIL-012",), raw=_twice),
    Mutation(name="tags out of order", rules=("FIL-013",), raw=_swapped),
    Mutation(name="a broken deflated stream", rules=("FIL-014",), base="deflated", raw=_broken_stream),
    Mutation(name="half a deflated stream", rules=("FIL-014",), base="deflated", raw=lambda content: content[:-200]),
    Mutation(name="an item that is not closed", rules=("FIL-015",), raw=_stray_delimiter),
    Mutation(name="an element in place of an item", rules=("FIL-015",), raw=_element_in_sequence),
    Mutation(
        name="a sequence in disguise",
        rules=("FIL-016",),
        raw=lambda content: raw.before_pixels(content, raw.element(0x54000100, b"UN", raw.EMPTY_ITEM)),
    ),
    Mutation(name="a file over the limit", rules=("LIM-001",), bounds=Bounds(max_bytes=1000)),
    Mutation(
        name="a deflate bomb", rules=("LIM-002",), base="deflated", raw=_bomb, bounds=Bounds(max_inflated_bytes=1 << 20)
    ),
    Mutation(
        name="sequences nested 500 deep",
        rules=("LIM-003",),
        raw=lambda content: raw.before_pixels(content, raw.nested(500, defined=True)),
    ),
    Mutation(
        name="sequences of undefined length nested 500 deep",
        rules=("LIM-003",),
        raw=lambda content: raw.before_pixels(content, raw.nested(500, defined=False)),
    ),
    Mutation(
        name="two million empty items",
        rules=("LIM-004",),
        raw=lambda content: raw.before_pixels(content, raw.empty_items(2_000_000)),
    ),
    Mutation(name="more fragments than items are allowed", rules=("LIM-004",), base="rle", bounds=Bounds(max_items=50)),
    Mutation(name="more elements than allowed", rules=("LIM-005",), bounds=Bounds(max_elements=100)),
    Mutation(name="twenty million frames", rules=("LIM-006",), change=set_to("NumberOfFrames", 20_000_000)),
    Mutation(
        name="frames of 60,000 by 60,000 pixels",
        rules=("LIM-007",),
        change=_frames(8, 60_000),
        bounds=Bounds(max_pixels_per_frame=1 << 20),
    ),
    Mutation(
        name="a value over the limit",
        rules=("LIM-008",),
        raw=lambda content: raw.before_pixels(content, raw.element(0x00710110, b"OB", bytes(2048))),
        bounds=Bounds(max_value_bytes=1024),
    ),
    Mutation(name="more segments than allowed", rules=("LIM-009",), bounds=Bounds(max_segments=1)),
    Mutation(
        name="more elements in one data set than allowed",
        rules=("LIM-005",),
        bounds=Bounds(max_elements_of_one_data_set=20),
    ),
)
