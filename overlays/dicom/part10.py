"""Reads the preamble and the File Meta Information of a stored object (PS3.10 7.1)."""

import struct
from dataclasses import dataclass
from mmap import mmap

from overlays.dicom import value_representations as vr
from overlays.dicom.faults import Fault, FaultKind, Unreadable
from overlays.dicom.tags import named

PREAMBLE_LENGTH = 128
TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
MAX_META_ELEMENTS = 64
MAX_META_VALUE = 1 << 16
SOP_CLASS, SOP_INSTANCE, TRANSFER_SYNTAX = 0x00020002, 0x00020003, 0x00020010


@dataclass(frozen=True, kw_only=True)
class FileMeta:
    """What stands before the data set: ``body`` is the offset of its first byte; ``faults`` did not hinder reading."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    body: int
    faults: tuple[Fault, ...]


def read_file_meta(data: mmap | bytes) -> FileMeta:
    """The File Meta Information, always Explicit VR Little Endian.

    Raises Unreadable when the file is not a Part 10 file, or its meta information breaks off.
    """
    size = len(data)
    if size < PREAMBLE_LENGTH + 4 or data[PREAMBLE_LENGTH : PREAMBLE_LENGTH + 4] != b"DICM":
        raise Unreadable(
            FaultKind.NOT_PART10, "", f"No DICM stands behind a preamble of 128 bytes; the file has {size} bytes."
        )
    values, position = _elements(data, PREAMBLE_LENGTH + 4, size)
    if not values:
        raise Unreadable(FaultKind.NOT_PART10, "", "No File Meta Information (group 0002) stands behind DICM.")
    return FileMeta(
        sop_class_uid=_uid(values, SOP_CLASS),
        sop_instance_uid=_uid(values, SOP_INSTANCE),
        transfer_syntax_uid=_uid(values, TRANSFER_SYNTAX),
        body=position,
        faults=_preamble_faults(data[:PREAMBLE_LENGTH]),
    )


def _elements(data: mmap | bytes, position: int, size: int) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    while size - position >= 8:
        group, element, representation, length = struct.unpack_from("<HHHH", data, position)
        if group != 2:
            break
        tag = group << 16 | element
        if representation in vr.LONG and size - position >= 12:
            length = struct.unpack_from("<L", data, position + 8)[0]
            position += 12
        elif representation in vr.SHORT:
            position += 8
        else:
            raise Unreadable(FaultKind.VR_FORM, named(tag), "File Meta Information must be Explicit VR Little Endian.")
        if length > size - position:
            raise Unreadable(
                FaultKind.OVERRUN,
                named(tag),
                f"The length says {length} bytes, but only {size - position} are left there.",
            )
        if len(values) >= MAX_META_ELEMENTS or length > MAX_META_VALUE:
            raise Unreadable(FaultKind.ELEMENTS, named(tag), "File Meta Information is larger than any that is known.")
        values[tag] = data[position : position + length]
        position += length
    return values, position


def _preamble_faults(preamble: bytes) -> tuple[Fault, ...]:
    if not any(preamble) or preamble.startswith(TIFF_MARKS):
        return ()
    at = next(index for index, byte in enumerate(preamble) if byte)
    sentence = f"The preamble must be all zero or begin a TIFF file; at byte {at + 1} it holds {preamble[at : at + 4].hex().upper()}H."
    return (Fault(FaultKind.PREAMBLE, "", sentence),)


def _uid(values: dict[int, bytes], tag: int) -> str:
    return values.get(tag, b"").rstrip(b"\x00 ").decode("ascii", "replace")
