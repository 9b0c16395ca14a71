"""Walks the elements of a data set in its bytes, under bounds, without reading a value."""

import struct
from array import array
from mmap import mmap

from overlays.dicom import value_representations as vr
from overlays.dicom.bounds import Bounds
from overlays.dicom.element_table import Scan
from overlays.dicom.faults import Fault, FaultKind, Unreadable
from overlays.dicom.tags import ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION, named, plain, tag_of

UNDEFINED = 0xFFFFFFFF
PIXEL_DATA = 0x7FE00010
PIXEL_GROUP = 0x7FE0
LONG_VALUES = frozenset(
    map(
        tag_of,
        (
            "PixelData",
            "FloatPixelData",
            "DoubleFloatPixelData",
            "ContourData",
            "PointCoordinatesData",
            "DoublePointCoordinatesData",
            "LongPrimitivePointIndexList",
            "AnnotationIndexList",
            "FloatingPointValues",
        ),
    )
)
"""Pixels, coordinates and what is measured along them: as long as the file allows, and never taken into memory whole."""
MAX_NON_FATAL_FAULTS = 50
_HEADER = struct.Struct("<HHHH").unpack_from
_LENGTH = struct.Struct("<L").unpack_from


def scan(data: mmap | bytes, start: int, end: int, *, implicit: bool, bounds: Bounds) -> Scan:
    """The table of the little endian data set that lies from ``start`` to ``end`` (PS3.5 section 7).

    Raises Unreadable at the first fault behind which no element can be told any more, or when a bound is passed. Faults that
    do not hinder reading (a tag twice, tags not ascending) are left in ``faults``.
    """
    table = Scan(data)
    try:
        _walk(table, start, end, implicit, bounds)
    except struct.error:
        raise Unreadable(
            FaultKind.OVERRUN, "", f"The file ends inside an element header; it has {end} bytes."
        ) from None
    return table


def _walk(table: Scan, start: int, end: int, implicit: bool, bounds: Bounds) -> None:
    data, tags, ends = table.data, table.tags, table.ends
    add_tag, add_vr, add_offset = tags.append, table.vrs.append, table.offsets.append
    add_length, add_end, lengths = table.lengths.append, ends.append, table.lengths
    representations, unknown = vr.dictionary(), vr.repeating
    short_vrs, long_vrs, sequence_vr, unknown_vr = vr.SHORT, vr.LONG, vr.SQ, vr.UN
    max_rows, items_left, max_value = bounds.max_elements, bounds.max_items, bounds.max_value_bytes
    add_tag(0), add_vr(0), add_offset(start), add_length(end - start), add_end(0)
    unordered: set[int] = set()
    crowd = bounds.max_elements_of_one_data_set
    stack: list[tuple[int, int, bool, bool, int, bool]] = []
    node, limit, defined, in_sequence, last = 0, end, True, False, -1
    position = start
    while True:
        if position >= limit:
            if not defined:
                raise Unreadable(
                    FaultKind.STRUCTURE, table.path(node), "The delimiter of an undefined length is missing."
                )
            ends[node] = len(tags)
            if len(tags) - node > crowd and not in_sequence:
                _refuse_crowd(table, node, crowd)
            if not stack:
                break
            node, limit, defined, in_sequence, last, implicit = stack.pop()
            continue
        if limit - position < 8:
            raise _stray(table, node, position, limit)
        group, element, third, fourth = _HEADER(data, position)
        tag = group << 16 | element
        if in_sequence:
            length = third | fourth << 16
            position += 8
            if tag == ITEM:
                items_left -= 1
                if items_left < 0:
                    raise Unreadable(
                        FaultKind.ITEMS, table.path(node), f"The object has more than {bounds.max_items} items."
                    )
                stack.append((node, limit, defined, True, last, implicit))
                node = len(tags)
                add_tag(ITEM), add_vr(0), add_offset(position), add_length(length), add_end(0)
                in_sequence, last, defined = False, -1, length != UNDEFINED
                if defined:
                    if length > limit - position:
                        raise _overrun(table, node, length, limit - position)
                    limit = position + length
            elif tag == SEQUENCE_DELIMITATION and not defined and not length:
                lengths[node] = position - 8 - table.offsets[node]
                ends[node] = len(tags)
                node, limit, defined, in_sequence, last, implicit = stack.pop()
            else:
                raise Unreadable(
                    FaultKind.STRUCTURE, table.path(node), f"A sequence holds {plain(tag)} where an item must stand."
                )
            continue
        if group == 0xFFFE:
            if tag == ITEM_DELIMITATION and not defined and not (third or fourth):
                position += 8
                lengths[node] = position - 8 - table.offsets[node]
                ends[node] = len(tags)
                if len(tags) - node > crowd:
                    _refuse_crowd(table, node, crowd)
                node, limit, defined, in_sequence, last, implicit = stack.pop()
                continue
            raise Unreadable(
                FaultKind.STRUCTURE, table.path(node), f"A data set holds {plain(tag)} where an element must stand."
            )
        if implicit:
            length = third | fourth << 16
            position += 8
            representation = representations.get(tag) or unknown(tag)
        elif third in short_vrs:
            representation, length = third, fourth
            position += 8
        elif third in long_vrs:
            if limit - position < 12:
                raise _stray(table, node, position, limit)
            representation = third
            length = _LENGTH(data, position + 8)[0]
            position += 12
        else:
            raise _no_representation(table, node, tag, third, limit - position)
        if tag <= last:
            if not node and group < 8:
                raise Unreadable(
                    FaultKind.TRAILING, "", f"{limit - position} bytes that are no element follow the last element."
                )
            unordered.add(node)
        last = tag
        row = len(tags)
        if row > max_rows:
            raise Unreadable(FaultKind.ELEMENTS, table.path(node), f"The object has more than {max_rows} elements.")
        add_tag(tag), add_vr(representation), add_offset(position), add_length(length), add_end(row + 1)
        if length == UNDEFINED:
            if tag == PIXEL_DATA:
                position, used = _fragments(table, row, position, limit, items_left, bounds)
                items_left -= used
                continue
            if representation != sequence_vr and representation != unknown_vr:
                raise Unreadable(
                    FaultKind.STRUCTURE, table.path(row), "Only a sequence or pixel data may have an undefined length."
                )
        elif length > limit - position:
            raise _overrun(table, row, length, limit - position)
        if representation == sequence_vr or length == UNDEFINED:
            # Every second level is an item.
            if len(stack) >> 1 >= bounds.max_depth:
                raise Unreadable(
                    FaultKind.DEPTH, plain(tag), f"Sequences are nested deeper than {bounds.max_depth} levels."
                )
            ends[row] = 0
            stack.append((node, limit, defined, False, last, implicit))
            # PS3.5 6.2.2: a value of unknown representation and undefined length is encoded as implicit VR.
            implicit = implicit or representation == unknown_vr
            node, in_sequence, defined = row, True, length != UNDEFINED
            if defined:
                limit = position + length
        else:
            if length > max_value and tag not in LONG_VALUES:
                raise Unreadable(
                    FaultKind.VALUE_SIZE,
                    table.path(row),
                    f"The value has {length} bytes; at most {max_value} are taken.",
                )
            position += length
    _order_faults(table, unordered)


def _fragments(table: Scan, row: int, position: int, limit: int, allowed: int, bounds: Bounds) -> tuple[int, int]:
    """Walk the items of an encapsulated value (PS3.5 A.4); the position behind it and the number of items."""
    found = array("Q")
    start = position
    while True:
        if limit - position < 8:
            raise Unreadable(FaultKind.OVERRUN, table.path(row), "The file ends inside encapsulated pixel data.")
        group, element, low, high = _HEADER(table.data, position)
        tag, length = group << 16 | element, low | high << 16
        position += 8
        if tag == SEQUENCE_DELIMITATION and not length:
            break
        if tag != ITEM or length == UNDEFINED:
            raise Unreadable(
                FaultKind.STRUCTURE,
                table.path(row),
                f"Encapsulated pixel data holds {plain(tag)} where a fragment must stand.",
            )
        if length > limit - position:
            raise _overrun(table, row, length, limit - position)
        if len(found) >= 2 * allowed:
            raise Unreadable(
                FaultKind.ITEMS, table.path(row), f"The object has more than {bounds.max_items} items and fragments."
            )
        found.extend((position, length))
        position += length
    table.fragments[row] = found
    table.lengths[row] = position - start
    return position, len(found) // 2


def _refuse_crowd(table: Scan, node: int, most: int) -> None:
    if sum(1 for _ in table.children(node)) > most:
        raise Unreadable(FaultKind.ELEMENTS, table.path(node), f"One data set has more than {most} elements.")


def _overrun(table: Scan, row: int, length: int, left: int) -> Unreadable:
    return Unreadable(
        FaultKind.OVERRUN, table.path(row), f"The length says {length} bytes, but only {left} are left there."
    )


def _stray(table: Scan, node: int, position: int, limit: int) -> Unreadable:
    """Fewer bytes are left than any element has."""
    left = limit - position
    if node == 0 and table.tags[-1] >> 16 >= PIXEL_GROUP:
        return Unreadable(FaultKind.TRAILING, "", f"{left} bytes follow the last element.")
    return Unreadable(FaultKind.OVERRUN, table.path(node), f"{left} bytes are left there, too few for an element.")


def _no_representation(table: Scan, node: int, tag: int, found: int, left: int) -> Unreadable:
    letters = found.to_bytes(2, "little").hex().upper()
    if node == 0 and len(table.tags) > 1:
        return Unreadable(
            FaultKind.TRAILING, "", f"{left} bytes that are no element follow {named(table.tags[_last_top(table)])}."
        )
    return Unreadable(
        FaultKind.VR_FORM,
        table.path(node),
        f"{plain(tag)} bears {letters}H where explicit VR demands a value representation.",
    )


def _last_top(table: Scan) -> int:
    row = 0
    for row in table.children_so_far(0):  # noqa: B007 - the last one is wanted
        pass
    return row


def _order_faults(table: Scan, unordered: set[int]) -> None:
    for node in sorted(unordered)[:MAX_NON_FATAL_FAULTS]:
        seen: set[int] = set()
        for row in table.children(node):
            tag = table.tags[row]
            if tag in seen:
                table.faults.append(
                    Fault(FaultKind.DUPLICATE, table.path(row), "The tag stands twice in one data set.")
                )
                break
            seen.add(tag)
        else:
            where = table.path(node) if node else ""
            table.faults.append(Fault(FaultKind.ORDER, where, "The tags of a data set must ascend."))
