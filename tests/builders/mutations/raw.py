"""Writes elements byte by byte, for faults that no library would write."""

import struct

from tests.builders.files import body_offset

LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT")
UNDEFINED = 0xFFFFFFFF
ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
EMPTY_ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
ITEM_END = struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def header(tag: int, representation: bytes, length: int) -> bytes:
    """The header of an element in Explicit VR Little Endian."""
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + representation
    return start + (struct.pack("<HL", 0, length) if representation in LONG else struct.pack("<H", length))


def element(tag: int, representation: bytes, value: bytes) -> bytes:
    """A whole element; the value is padded to an even length by the caller."""
    return header(tag, representation, len(value)) + value


def before_pixels(content: bytes, inserted: bytes) -> bytes:
    """The file with bytes put in front of its Pixel Data."""
    at = pixel_data_at(content)
    return content[:at] + inserted + content[at:]


def pixel_data_at(content: bytes) -> int:
    """Where the last Pixel Data element of a native file begins."""
    return content.rindex(struct.pack("<HH", 0x7FE0, 0x0010) + b"O")


def after_meta(content: bytes, inserted: bytes) -> bytes:
    """The file with bytes put in front of its data set."""
    at = body_offset(content)
    return content[:at] + inserted + content[at:]


def meta_element(content: bytes, tag: int) -> tuple[int, int]:
    """Begin and end of an element of the meta information with a short length."""
    at = content.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132, body_offset(content))
    return at, at + 8 + struct.unpack_from("<H", content, at + 6)[0]


def without_meta_element(content: bytes, tag: int) -> bytes:
    """The file without one element of the meta information; the group length follows."""
    start, end = meta_element(content, tag)
    length = struct.unpack_from("<L", content, 140)[0] - (end - start)
    return content[:140] + struct.pack("<L", length) + content[144:start] + content[end:]


def with_meta_uid(content: bytes, tag: int, value: str) -> bytes:
    """The file with another UID in the meta information."""
    start, end = meta_element(content, tag)
    raw = value.encode() + b"\x00" * (len(value) % 2)
    changed = element(tag, b"UI", raw)
    length = struct.unpack_from("<L", content, 140)[0] - (end - start) + len(changed)
    return content[:140] + struct.pack("<L", length) + content[144:start] + changed + content[end:]


def nested(depth: int, *, defined: bool) -> bytes:
    """A sequence inside a sequence and so on, in a private element."""
    tag = 0x00710100
    if not defined:
        return depth * (header(tag, b"SQ", UNDEFINED) + ITEM) + depth * (ITEM_END + SEQUENCE_END)
    inner = b""
    for _ in range(depth):
        inner = element(tag, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner)
    return inner


def empty_items(count: int) -> bytes:
    """A sequence of empty items, in a private element."""
    return element(0x00710100, b"SQ", EMPTY_ITEM * count)
