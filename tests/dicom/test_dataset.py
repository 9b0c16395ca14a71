"""Tests the values of a scanned data set."""

import struct

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.scan import scan
from tests.builders.mutations import raw


def data_set(*elements: bytes) -> DataSet:
    content = b"".join(elements)
    return DataSet(scan(content, 0, len(content), implicit=False, bounds=Bounds()))


def test_text_is_stripped_of_its_padding() -> None:
    assert data_set(raw.element(0x00100020, b"LO", b" ID \x00")).text("PatientID") == "ID"


def test_several_values_are_told_apart() -> None:
    assert data_set(raw.element(0x00080008, b"CS", b"DERIVED\\PRIMARY ")).texts("ImageType") == ("DERIVED", "PRIMARY")


@pytest.mark.parametrize(
    ("representation", "value", "numbers"),
    [
        (b"US", struct.pack("<2H", 1, 65535), (1, 65535)),
        (b"FD", struct.pack("<d", 0.5), (0.5,)),
        (b"DS", b"1.5\\-2 \\3e1 ", (1.5, -2.0, 30.0)),
        (b"IS", b" 12 ", (12,)),
        (b"DS", b"9" * 400, (float("inf"),)),
        (b"DS", b"", ()),
        (b"DS", b"abc ", None),
        (b"US", b"\x01", None),
    ],
)
def test_numbers_are_decoded_by_representation(representation: bytes, value: bytes, numbers: tuple | None) -> None:
    assert data_set(raw.element(0x00280030, representation, value)).numbers("PixelSpacing") == numbers


@pytest.mark.parametrize(
    ("value", "whole"), [(b"3 ", 3), (b"-3", -3), (b"3.5 ", None), (b"nan ", None), (b"inf ", None), (b"1e400 ", None)]
)
def test_an_integer_is_whole_and_finite(value: bytes, whole: int | None) -> None:
    assert data_set(raw.element(0x00280008, b"IS", value)).integer("NumberOfFrames") == whole


def test_what_is_absent_is_empty() -> None:
    nothing = data_set(raw.element(0x00080060, b"CS", b"CT"))
    assert (nothing.text("PatientID"), nothing.items("SegmentSequence"), nothing.code("SegmentSequence")) == (
        "",
        [],
        None,
    )


def test_the_path_of_an_absent_attribute_names_where_it_should_be() -> None:
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    segments = data_set(raw.element(0x00620002, b"SQ", item + item))
    assert segments.items("SegmentSequence")[1].path("SegmentLabel") == "(0062,0002)[2].(0062,0005) SegmentLabel"


def test_an_item_may_have_a_character_set_of_its_own() -> None:
    inner = raw.element(0x00080005, b"CS", b"ISO_IR 192") + raw.element(0x00080104, b"LO", "Ł".encode())
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner
    assert data_set(raw.element(0x00082218, b"SQ", item)).items("AnatomicRegionSequence")[0].text("CodeMeaning") == "Ł"


def test_text_far_beyond_its_length_is_cut() -> None:
    assert len(data_set(raw.element(0x00100020, b"LO", b"x" * 60000)).text("PatientID")) == 4096


@pytest.mark.parametrize("representation", [b"SQ", b"OB", b"AT", b"US"])
def test_a_representation_that_is_no_text_has_none(representation: bytes) -> None:
    assert (
        data_set(raw.element(0x00080020, representation, struct.pack("<HHL", 0xFFFE, 0xE000, 0))).text("StudyDate")
        == ""
    )


def test_a_word_that_is_no_keyword_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        data_set(raw.element(0x00080060, b"CS", b"CT")).text("Modalitty")
