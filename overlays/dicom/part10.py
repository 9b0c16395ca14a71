"""Reads the preamble and the File Meta Information of a stored object (PS3.10 7.1)."""

import struct
from dataclasses import dataclass
from mmap import mmap

from overlays.dicom import value_representations as vr
from overlays.dicom.faults import Fault, FaultKind, Unreadable
from overlays.dicom.tags import named

PREAMBLE_LENGTH = 128
TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
MARKS = {
    b"MZ": "a program for Windows",
    b"\x7fELF": "a program for Linux",
    b"\xce\xfa\xed\xfe": "a program for macOS",
    b"\xcf\xfa\xed\xfe": "a program for macOS",
    b"\xfe\xed\xfa\xce": "a program for macOS",
    b"\xfe\xed\xfa\xcf": "a program for macOS",
    b"\xca\xfe\xba\xbe": "a program for macOS or Java",
    b"\x00asm": "a program for browsers",
    b"L\x00\x00\x00\x01\x14\x02\x00": "a shortcut of Windows",
    b"#!": "a script",
    b"Rar!\x1a": "an archive",
    b"7z\xbc\xaf\x27\x1c": "an archive",
    b"\x1f\x8b\x08": "an archive",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a document with macros",
    b"{\\rtf": "a document",
    b"<!DOCTYPE": "a web page",
    b"<?xml": "a web page",
}
"""What a file of another kind begins with, behind white space or the mark of Unicode."""
MARKS_ANYWHERE = {
    b"PK\x03\x04": "an archive",
    b"PK\x05\x06": "an archive",
    b"%PDF": "a document",
    b"%!PS": "a document",
    b"<html": "a web page",
    b"<script": "a web page",
    b"<svg": "a web page",
    b"<?php": "a script",
}
"""What readers of such files look for behind other bytes too."""
BEFORE_MARKS = b" \t\r\n\xef\xbb\xbf"
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
    """Implementations may use the preamble as they like (PS3.10 7.1); what makes the file one of another kind is refused."""
    lowered = preamble.lower()
    kinds = [kind for mark, kind in MARKS.items() if lowered.lstrip(BEFORE_MARKS).startswith(mark.lower())]
    kinds += [kind for mark, kind in MARKS_ANYWHERE.items() if mark.lower() in lowered]
    if kinds:
        return (Fault(FaultKind.PREAMBLE, "", f"The preamble makes the file {kinds[0]} as well as a DICOM object."),)
    if not any(preamble) or preamble.startswith(TIFF_MARKS):
        return ()
    at = next(index for index, byte in enumerate(preamble) if byte)
    sentence = f"The preamble is neither all zero nor of a TIFF file: at byte {at + 1} it holds {preamble[at : at + 4].hex().upper()}H."
    return (Fault(FaultKind.PREAMBLE_CONTENT, "", sentence),)


def _uid(values: dict[int, bytes], tag: int) -> str:
    return values.get(tag, b"").rstrip(b"\x00 ").decode("ascii", "replace")
