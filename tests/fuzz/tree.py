"""Takes a data set apart into a tree that can be changed in any way, valid or not, and writes it again."""

import struct
from dataclasses import dataclass, field

from overlays.dicom import value_representations as vr
from overlays.dicom.element_table import Scan
from overlays.dicom.tags import ITEM

UNDEFINED = 0xFFFFFFFF
LONG = frozenset(vr.LONG_NAMES)
PIXEL_DATA = 0x7FE00010


@dataclass(slots=True)
class Element:
    """An element with a value, with items (a sequence), or with fragments (encapsulated pixel data).

    ``claimed`` is a length to be written in place of the true one, ``undefined`` the form with a delimiter (PS3.5 7.5).
    """

    tag: int
    vr: str
    value: bytes = b""
    items: "list[Item] | None" = None
    fragments: list[bytes] | None = None
    undefined: bool = False
    claimed: int | None = None

    def copy(self) -> "Element":
        """A copy that shares nothing that can change."""
        items = None if self.items is None else [item.copy() for item in self.items]
        fragments = None if self.fragments is None else list(self.fragments)
        return Element(self.tag, self.vr, self.value, items, fragments, self.undefined, self.claimed)


@dataclass(slots=True)
class Item:
    """A sequence item, or the data set itself."""

    elements: list[Element] = field(default_factory=list)
    undefined: bool = False
    claimed: int | None = None

    def copy(self) -> "Item":
        """A copy that shares nothing that can change."""
        return Item([element.copy() for element in self.elements], self.undefined, self.claimed)


def parsed(scan: Scan, row: int = 0) -> Item:
    """The tree of a scanned data set."""
    return Item([_element(scan, child) for child in scan.children(row)])


def _element(scan: Scan, row: int) -> Element:
    name = vr.NAMES[scan.vrs[row]]
    undefined = _was_undefined(scan, row)
    element = Element(scan.tags[row], name, undefined=undefined)
    if row in scan.fragments:
        places = scan.fragments[row]
        element.fragments = [scan.data[at : at + size] for at, size in zip(places[::2], places[1::2], strict=True)]
    elif name == "SQ" or undefined:
        element.items = []
        for child in scan.children(row):
            item = parsed(scan, child)
            item.undefined = _was_undefined(scan, child)
            element.items.append(item)
    else:
        element.value = scan.value(row)
    return element


def _was_undefined(scan: Scan, row: int) -> bool:
    """The length stands in the four bytes before the value of whatever may have none."""
    at = scan.offsets[row]
    return scan.data[at - 4 : at] == b"\xff\xff\xff\xff" and (
        scan.tags[row] == ITEM or vr.NAMES.get(scan.vrs[row]) in LONG
    )


def written(item: Item, *, implicit: bool) -> bytes:
    """The bytes of a data set, its elements in the order in which they stand in the tree."""
    out = bytearray()
    _write(out, item, implicit)
    return bytes(out)


def _write(out: bytearray, item: Item, implicit: bool) -> None:
    for element in item.elements:
        value = bytearray(element.value)
        if element.fragments is not None:
            for fragment in element.fragments:
                value += _head(ITEM, len(fragment)) + fragment
        elif element.items is not None:
            value = bytearray()
            for inner in element.items:
                _write_item(value, inner, implicit or element.vr == "UN")
        length = UNDEFINED if element.undefined else len(value)
        out += _header(element, element.claimed if element.claimed is not None else length, implicit)
        out += value
        if element.undefined:
            out += _head(0xFFFEE0DD, 0)


def _write_item(out: bytearray, item: Item, implicit: bool) -> None:
    value = bytearray()
    _write(value, item, implicit)
    length = UNDEFINED if item.undefined else len(value)
    out += _head(ITEM, item.claimed if item.claimed is not None else length) + value
    if item.undefined:
        out += _head(0xFFFEE00D, 0)


def _head(tag: int, length: int) -> bytes:
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, length & UNDEFINED)


def _header(element: Element, length: int, implicit: bool) -> bytes:
    if implicit:
        return _head(element.tag, length)
    start = struct.pack("<HH", element.tag >> 16, element.tag & 0xFFFF) + element.vr.encode()
    if element.vr in LONG:
        return start + struct.pack("<HL", 0, length & UNDEFINED)
    return start + struct.pack("<H", length & 0xFFFF)
