"""Reads from the first bytes of a file which object its data set says that it is, for files that go on before they are there as a whole."""

import struct
import zlib

from overlays.dicom import value_representations as vr
from overlays.dicom.part10 import FileMeta
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, EXPLICIT_BE, IMPLICIT_LE

SOP_CLASS, SOP_INSTANCE = 0x00080016, 0x00080018
MOST_ELEMENTS = 64
_UNDEFINED = 0xFFFFFFFF


def identity_in(head: bytes, meta: FileMeta) -> tuple[str, str]:
    """SOP Class and SOP Instance UID of the data set that begins in ``head``, empty where they are not found there (PS3.10 7.1, PS3.5 7.1).

    Elements come in the order of their tags, so few stand before these two; one of undefined length among them ends the search.
    """
    data, order = head[meta.body :], "<"
    if meta.transfer_syntax_uid == DEFLATED_LE:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, len(head))
        except zlib.error:
            return "", ""
    elif meta.transfer_syntax_uid == EXPLICIT_BE:
        order = ">"
    found = {SOP_CLASS: "", SOP_INSTANCE: ""}
    position = 0
    for _ in range(MOST_ELEMENTS):
        element = _element(data, position, order, implicit=meta.transfer_syntax_uid == IMPLICIT_LE)
        if element is None:
            break
        tag, start, length = element
        if tag > SOP_INSTANCE or length == _UNDEFINED or start + length > len(data):
            break
        if tag in found:
            found[tag] = data[start : start + length].decode("ascii", "replace").rstrip("\0 ")
        position = start + length
    return found[SOP_CLASS], found[SOP_INSTANCE]


def _element(data: bytes, position: int, order: str, *, implicit: bool) -> tuple[int, int, int] | None:
    """Tag, and offset and length of the value, of the element there."""
    if len(data) - position < 12:
        return None
    group, number = struct.unpack_from(f"{order}HH", data, position)
    tag = group << 16 | number
    if implicit:
        return tag, position + 8, struct.unpack_from("<L", data, position + 4)[0]
    letters = struct.unpack_from("<H", data, position + 4)[0]
    if letters in vr.LONG:
        return tag, position + 12, struct.unpack_from(f"{order}L", data, position + 8)[0]
    return tag, position + 8, struct.unpack_from(f"{order}H", data, position + 6)[0]
