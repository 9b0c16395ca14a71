"""Tests the walk over the elements of a data set."""

import struct

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.element_table import Scan
from overlays.dicom.faults import FaultKind, Unreadable
from overlays.dicom.scan import scan
from tests.builders.mutations import raw

MODALITY = raw.element(0x00080060, b"CS", b"CT")


def scanned(content: bytes, *, implicit: bool = False, bounds: Bounds | None = None) -> Scan:
    return scan(content, 0, len(content), implicit=implicit, bounds=bounds or Bounds())


def refused(content: bytes, *, implicit: bool = False, bounds: Bounds | None = None) -> FaultKind:
    with pytest.raises(Unreadable) as caught:
        scanned(content, implicit=implicit, bounds=bounds)
    return caught.value.fault.kind


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def undefined(tag: int, *items: bytes) -> bytes:
    inner = b"".join(raw.ITEM + content + raw.ITEM_END for content in items)
    return raw.header(tag, b"SQ", raw.UNDEFINED) + inner + raw.SEQUENCE_END


def shape(table: Scan) -> list[tuple[int, int]]:
    return list(zip(table.tags, table.ends, strict=True))


def test_a_row_points_behind_everything_inside_it() -> None:
    content = raw.element(0x00081115, b"SQ", item(MODALITY) + item(b"")) + raw.element(0x00100020, b"LO", b"ID")
    assert shape(scanned(content)) == [
        (0, 6),
        (0x00081115, 5),
        (0xFFFEE000, 4),
        (0x00080060, 4),
        (0xFFFEE000, 5),
        (0x00100020, 6),
    ]


def test_defined_and_undefined_lengths_give_the_same_table() -> None:
    defined = raw.element(0x00081115, b"SQ", item(MODALITY) + item(MODALITY)) + raw.element(0x00100020, b"LO", b"ID")
    other = undefined(0x00081115, MODALITY, MODALITY) + raw.element(0x00100020, b"LO", b"ID")
    assert shape(scanned(defined)) == shape(scanned(other))


def test_a_value_is_given_by_its_bytes() -> None:
    table = scanned(MODALITY)
    assert table.value(1) == b"CT"


def test_a_path_counts_items_from_one() -> None:
    table = scanned(undefined(0x00081115, b"", MODALITY))
    assert table.path(len(table.tags) - 1) == "(0008,1115)[2].(0008,0060) Modality"


def test_implicit_elements_take_their_representation_from_the_dictionary() -> None:
    content = (
        struct.pack("<HHL", 0x0008, 0x1115, 0xFFFFFFFF)
        + item(struct.pack("<HHL", 0x0008, 0x0060, 2) + b"CT")
        + raw.SEQUENCE_END
    )
    table = scanned(content, implicit=True)
    assert [table.path(row) for row in (1, 3)] == [
        "(0008,1115) ReferencedSeriesSequence",
        "(0008,1115)[1].(0008,0060) Modality",
    ]


def test_an_unknown_value_of_undefined_length_holds_implicit_items() -> None:
    inner = item(struct.pack("<HHL", 0x0008, 0x0060, 2) + b"CT")
    table = scanned(
        raw.header(0x00710100, b"UN", raw.UNDEFINED)
        + inner
        + raw.SEQUENCE_END
        + raw.element(0x00720000, b"UL", bytes(4))
    )
    assert list(table.tags) == [0, 0x00710100, 0xFFFEE000, 0x00080060, 0x00720000]


def test_fragments_of_pixel_data_are_listed_and_not_read() -> None:
    content = raw.header(0x7FE00010, b"OB", raw.UNDEFINED) + raw.EMPTY_ITEM + item(b"abcd") + raw.SEQUENCE_END
    table = scanned(content)
    assert list(table.fragments[1]) == [20, 0, 28, 4]


def test_a_length_beyond_the_item_is_refused_although_the_file_goes_on() -> None:
    content = raw.element(0x00081115, b"SQ", item(raw.header(0x00080060, b"CS", 40))) + raw.element(
        0x00720100, b"OB", bytes(99)
    )
    assert refused(content) is FaultKind.OVERRUN


def test_an_item_beyond_its_sequence_is_refused() -> None:
    content = raw.element(0x00081115, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, 50)) + raw.element(
        0x00720100, b"OB", bytes(99)
    )
    assert refused(content) is FaultKind.OVERRUN


def test_a_sequence_beyond_the_file_is_refused() -> None:
    assert refused(raw.header(0x00081115, b"SQ", 5000) + item(b"")) is FaultKind.OVERRUN


@pytest.mark.parametrize("length", [0xFFFFFFFE, 0x7FFFFFFF])
def test_a_length_of_gigabytes_is_refused(length: int) -> None:
    assert refused(MODALITY + raw.header(0x7FE00010, b"OB", length) + bytes(8)) is FaultKind.OVERRUN


def test_a_fragment_beyond_the_file_is_refused() -> None:
    content = raw.header(0x7FE00010, b"OB", raw.UNDEFINED) + struct.pack("<HHL", 0xFFFE, 0xE000, 5000)
    assert refused(content) is FaultKind.OVERRUN


@pytest.mark.parametrize("depth", [17, 500, 5000])
@pytest.mark.parametrize("defined", [True, False])
def test_nesting_beyond_the_limit_is_refused(depth: int, defined: bool) -> None:
    assert refused(raw.nested(depth, defined=defined)) is FaultKind.DEPTH


@pytest.mark.parametrize("defined", [True, False])
def test_nesting_at_the_limit_is_read(defined: bool) -> None:
    assert len(scanned(raw.nested(16, defined=defined)).tags) == 33


def test_items_beyond_the_limit_are_refused() -> None:
    assert refused(raw.empty_items(200_001)) is FaultKind.ITEMS


def test_items_at_the_limit_are_read() -> None:
    assert len(scanned(raw.empty_items(10), bounds=Bounds(max_items=10)).tags) == 12


def test_fragments_count_as_items() -> None:
    content = raw.header(0x7FE00010, b"OB", raw.UNDEFINED) + raw.EMPTY_ITEM * 11 + raw.SEQUENCE_END
    assert refused(content, bounds=Bounds(max_items=10)) is FaultKind.ITEMS


def test_a_tag_twice_in_an_item_is_told_with_its_path() -> None:
    table = scanned(undefined(0x00081115, MODALITY + MODALITY))
    assert [(fault.kind, fault.path) for fault in table.faults] == [
        (FaultKind.DUPLICATE, "(0008,1115)[1].(0008,0060) Modality")
    ]


def test_the_same_tag_in_two_items_is_sound() -> None:
    assert scanned(undefined(0x00081115, MODALITY, MODALITY)).faults == []


def test_an_undefined_length_where_none_may_be_is_refused() -> None:
    assert refused(raw.header(0x00720100, b"OB", raw.UNDEFINED) + raw.SEQUENCE_END) is FaultKind.STRUCTURE


def test_a_sequence_that_is_never_closed_is_refused() -> None:
    assert refused(raw.header(0x00081115, b"SQ", raw.UNDEFINED) + item(MODALITY)) is FaultKind.STRUCTURE
