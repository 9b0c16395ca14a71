"""Reads single frames of a stored object at their place in the file, without reading the rest."""

import io
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np

from overlays.dicom.instance import PixelLayout
from overlays.dicom.tags import named, tag_of

ITEM = b"\xfe\xff\x00\xe0"
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0"
CODESTREAM_STARTS = (b"\xff\xd8", b"\xff\x4f")
"""First bytes of a JPEG family image: SOI (ISO/IEC 10918-1), SOC (ISO/IEC 15444-1)."""

MOST_FRAGMENTS = 1_000_000


class FrameNotFound(LookupError):
    """The object has no frame of that number."""


class FrameBroken(ValueError):
    """The stored pixel data does not hold what the header says."""


def read_frame(
    file: BinaryIO,
    layout: PixelLayout,
    number: int,
    *,
    extended_offsets: Sequence[int] = (),
) -> bytes:
    """The bytes of one frame, counted from 1, as its transfer syntax stores them.

    ``file`` is the stored file, open or mapped; for a deflated object its inflated form.

    Native pixel data (PS3.5 8.1.1): exactly the frame's bytes; a 1-bit frame that does not begin on a byte is shifted so that it does, its
    last byte padded with zero bits. Encapsulated (PS3.5 A.4): the frame's fragments joined. They are found by
    ``extended_offsets`` (the values of (7FE0,0001)), by the Basic Offset Table, or by walking from item to item.

    Raises FrameNotFound, FrameBroken.
    """
    if not 1 <= number <= layout.frames:
        raise FrameNotFound(f"There is no frame {number}: the object has {layout.frames}, counted from 1.")
    if layout.encapsulated:
        return _read_fragments(file, _find_fragments(file, layout, number, extended_offsets))
    return _read_native(file, layout, number)


def iter_frames(file: BinaryIO, layout: PixelLayout) -> Iterator[bytes]:
    """Every frame in order, as ``read_frame`` gives it, one in memory at a time."""
    if not layout.encapsulated:
        for number in range(1, layout.frames + 1):
            yield _read_native(file, layout, number)
        return
    for fragments in frame_fragments(file, layout):
        yield _read_fragments(file, fragments)


def frame_bits(layout: PixelLayout) -> int:
    """Bits that one native frame takes. YBR_FULL_422 stores two values a pixel (PS3.3 C.7.6.3.1.2)."""
    samples = 2 if layout.photometric_interpretation == "YBR_FULL_422" else layout.samples_per_pixel
    return layout.rows * layout.columns * samples * layout.bits_allocated


def frame_fragments(file: BinaryIO, layout: PixelLayout) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each frame, the (offset, length) of its fragments in the file.

    Without an offset table a frame is one fragment, or all of them, or begins where a JPEG code stream does.
    Raises FrameBroken where none of that fits.
    """
    fragments = list(_walk(file, layout.offset))[1:]
    if layout.frames == 1:
        return (tuple(fragments),)
    if len(fragments) == layout.frames:
        return tuple((fragment,) for fragment in fragments)
    table = offset_table(file, layout)
    starts = (
        {offset + _first_item(file, layout) + 8 for offset in table}
        if table
        else {offset for offset, _ in fragments if _at(file, offset, 2) in CODESTREAM_STARTS}
    )
    grouped: list[list[tuple[int, int]]] = []
    for fragment in fragments:
        if fragment[0] in starts:
            grouped.append([])
        if grouped:
            grouped[-1].append(fragment)
    if len(grouped) != layout.frames:
        raise FrameBroken(
            f"(7FE0,0010) PixelData has {len(fragments)} fragments that cannot be told apart into {layout.frames} frames."
        )
    return tuple(tuple(fragments_of_frame) for fragments_of_frame in grouped)


def offset_table(file: BinaryIO, layout: PixelLayout) -> tuple[int, ...]:
    """The Basic Offset Table (PS3.5 A.4): bytes from the first item after it to each frame's first item; may be empty.

    Raises FrameBroken when it has entries, but not one a frame.
    """
    length = _item_length(file, layout.offset)
    if length == 0:
        return ()
    if length != 4 * layout.frames:
        raise FrameBroken(f"The Basic Offset Table has {length} bytes for {layout.frames} frames.")
    return struct.unpack(f"<{layout.frames}L", _at(file, layout.offset + 8, length))


def unpack_bits(packed: bytes, rows: int, columns: int) -> np.ndarray:
    """A packed 1-bit frame that begins on a byte, as 0 and 1 in ``uint8`` of shape (rows, columns).

    Raises FrameBroken when the bytes are too few.
    """
    pixels = rows * columns
    if len(packed) * 8 < pixels:
        raise FrameBroken(f"{len(packed)} bytes do not hold {rows} by {columns} bits.")
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=pixels, bitorder="little")
    return bits.reshape(rows, columns)


def pack_bits(pixels: np.ndarray) -> bytes:
    """Zeros and ones as packed bits, the first pixel in the lowest bit (PS3.5 8.1.1)."""
    return np.packbits(pixels.ravel() != 0, bitorder="little").tobytes()


def one_bit_rle_frame(fragment: bytes, rows: int, columns: int) -> np.ndarray:
    """A 1-bit frame in RLE Lossless (PS3.5 Annex G) as 0 and 1 of shape (rows, columns).

    Two forms are in use, told apart by what they decode to: packed bits, and one byte a pixel (the letter of PS3.5 G.2).
    Raises FrameBroken for anything that is neither.
    """
    if len(fragment) < 64 or struct.unpack("<2L", fragment[:8]) != (1, 64):
        raise FrameBroken("A 1-bit RLE frame has a header of 64 bytes and exactly one segment.")
    pixels = rows * columns
    decoded = np.frombuffer(_unpack_runs(fragment[64:], pixels), np.uint8)
    packed = (pixels + 7) // 8
    if packed <= len(decoded) <= packed + 1:
        return unpack_bits(decoded.tobytes(), rows, columns)
    if len(decoded) == pixels and decoded.max(initial=0) <= 1:
        return decoded.reshape(rows, columns)
    raise FrameBroken(f"A 1-bit RLE frame of {rows} by {columns} pixels decodes to {len(decoded)} bytes.")


def _unpack_runs(data: bytes, limit: int) -> bytes:
    """Undo PackBits (PS3.5 G.3.2), giving up at ``limit`` bytes: runs of runs cannot fill the memory."""
    out, at, end = bytearray(), 0, len(data) - 1
    while at < end and len(out) < limit:
        control = data[at]
        if control < 128:
            out += data[at + 1 : at + 2 + control]
            at += 2 + control
        elif control > 128:
            out += data[at + 1 : at + 2] * (257 - control)
            at += 2
        else:
            at += 1
    return bytes(out[:limit])


def _read_native(file: BinaryIO, layout: PixelLayout, number: int) -> bytes:
    bits = frame_bits(layout)
    first = (number - 1) * bits
    start, shift = divmod(first, 8)
    length = (shift + bits + 7) // 8
    if layout.length is not None and start + length > layout.length:
        raise FrameBroken(f"Frame {number} ends beyond the {layout.length} bytes of {named(tag_of(layout.keyword))}.")
    data = _at(file, layout.offset + start, length)
    if bits % 8 == 0 and shift == 0:
        return data
    unpacked = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[shift : shift + bits]
    return np.packbits(unpacked, bitorder="little").tobytes()


def _find_fragments(
    file: BinaryIO, layout: PixelLayout, number: int, extended_offsets: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    offsets = extended_offsets or offset_table(file, layout)
    if not offsets or layout.frames == 1:
        return frame_fragments(file, layout)[number - 1]
    if len(offsets) != layout.frames:
        raise FrameBroken(f"The offset table has {len(offsets)} entries for {layout.frames} frames.")
    base = _first_item(file, layout)
    end = base + offsets[number] if number < layout.frames else None
    found = []
    for fragment in _walk(file, base + offsets[number - 1]):
        if end is not None and fragment[0] >= end:
            break
        found.append(fragment)
    if not found:
        raise FrameBroken(f"The offset table points at nothing for frame {number}.")
    return tuple(found)


def _first_item(file: BinaryIO, layout: PixelLayout) -> int:
    """Where offset tables count from: the first item after the Basic Offset Table."""
    return layout.offset + 8 + _item_length(file, layout.offset)


def _walk(file: BinaryIO, position: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of the items from ``position`` to the sequence delimiter, reading their heads alone."""
    file.seek(0, io.SEEK_END)  # a mapped file answers None
    end = file.tell()
    for _ in range(MOST_FRAGMENTS):
        head = _at(file, position, 8)
        if head[:4] == SEQUENCE_DELIMITER:
            return
        length = _length_of_item(head, position)
        if position + 8 + length > end:
            raise FrameBroken(f"The fragment at byte {position} is said to have {length} bytes; the file ends before.")
        yield position + 8, length
        position += 8 + length
    raise FrameBroken(f"(7FE0,0010) PixelData has more than {MOST_FRAGMENTS} fragments.")


def _item_length(file: BinaryIO, position: int) -> int:
    return _length_of_item(_at(file, position, 8), position)


def _length_of_item(head: bytes, position: int) -> int:
    if head[:4] != ITEM:
        raise FrameBroken(f"There is no item (FFFE,E000) at byte {position} of encapsulated pixel data.")
    return int.from_bytes(head[4:], "little")


def _read_fragments(file: BinaryIO, fragments: tuple[tuple[int, int], ...]) -> bytes:
    return b"".join(_at(file, offset, length) for offset, length in fragments)


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise FrameBroken(f"The file ends {length - len(data)} bytes too early for what lies at byte {offset}.")
    return data
