"""Tests the reading of preamble and File Meta Information."""

import struct

import pytest

from overlays.dicom.faults import FaultKind, Unreadable
from overlays.dicom.part10 import read_file_meta
from tests.builders.files import body_offset
from tests.builders.mutations import base_bytes, raw


def refused(content: bytes) -> FaultKind:
    with pytest.raises(Unreadable) as caught:
        read_file_meta(content)
    return caught.value.fault.kind


def test_the_body_begins_behind_the_meta_information() -> None:
    content = base_bytes("binary")
    assert read_file_meta(content).body == body_offset(content)


@pytest.mark.parametrize("mark", [b"II*\x00", b"MM\x00*", b"II+\x00", bytes(4)])
def test_the_preamble_may_begin_a_tiff_file(mark: bytes) -> None:
    assert read_file_meta(mark + base_bytes("binary")[4:]).faults == ()


@pytest.mark.parametrize("mark", [b"MZ\x90\x00", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"PK\x03\x04", b"#!/b"])
def test_the_preamble_may_not_begin_anything_else(mark: bytes) -> None:
    assert [fault.kind for fault in read_file_meta(mark + base_bytes("binary")[4:]).faults] == [FaultKind.PREAMBLE]


def test_a_meta_element_longer_than_the_file_is_refused() -> None:
    content = bytes(128) + b"DICM" + raw.header(0x00020001, b"OB", 0xFFFFFFF0)
    assert refused(content) is FaultKind.OVERRUN


def test_implicit_meta_information_is_refused() -> None:
    content = bytes(128) + b"DICM" + struct.pack("<HHL", 0x0002, 0x0010, 4) + b"1.2\x00"
    assert refused(content) is FaultKind.VR_FORM


def test_endless_meta_information_is_refused() -> None:
    content = bytes(128) + b"DICM" + b"".join(raw.element(0x00020100 + number, b"UI", b"") for number in range(100))
    assert refused(content) is FaultKind.ELEMENTS
