"""Tests the list of values in native pixel data."""

from dataclasses import replace

import numpy as np
import pytest

from overlays.dicom.instance import PixelLayout
from overlays.dicom.pixel_values import CHUNK, empty_frames, values_present

LAYOUT = PixelLayout(
    offset=4,
    length=8,
    rows=2,
    columns=4,
    frames=1,
    samples_per_pixel=1,
    bits_allocated=8,
    bits_stored=8,
    pixel_representation=0,
    photometric_interpretation="MONOCHROME2",
    encapsulated=False,
)


def test_values_of_bytes_are_listed_and_nothing_before_them() -> None:
    assert values_present(b"\x63\x63\x63\x63" + bytes([0, 1, 1, 7, 7, 7, 0, 0]), LAYOUT) == {0, 1, 7}


def test_values_of_words_are_listed() -> None:
    words = replace(LAYOUT, bits_allocated=16, length=16)
    assert values_present(bytes(4) + np.array([300, 0, 1, 1, 1, 1, 1, 2], "<u2").tobytes(), words) == {0, 1, 2, 300}


def test_padding_is_no_pixel() -> None:
    assert values_present(bytes(4) + bytes(7) + b"\x09", replace(LAYOUT, rows=1, columns=7)) == {0}


def test_values_behind_the_first_chunk_are_listed() -> None:
    large = replace(LAYOUT, offset=0, rows=2, columns=CHUNK, length=2 * CHUNK)
    assert values_present(bytes(2 * CHUNK - 1) + b"\x05", large) == {0, 5}


@pytest.mark.parametrize(
    "change",
    [{"encapsulated": True, "length": None}, {"bits_allocated": 1}, {"pixel_representation": 1}, {"frames": 9}],
)
def test_other_forms_are_left_alone(change: dict) -> None:
    assert values_present(bytes(64), replace(LAYOUT, **change)) is None


def test_empty_frames_are_told() -> None:
    frames = replace(LAYOUT, frames=3, length=24)
    data = bytes(4) + bytes(8) + bytes(7) + b"\x01" + bytes(8)
    assert empty_frames(data, frames).tolist() == [True, False, True]


def test_a_frame_longer_than_a_chunk_is_looked_through_to_its_end() -> None:
    large = replace(LAYOUT, offset=0, rows=2, columns=CHUNK, length=2 * CHUNK)
    assert empty_frames(bytes(2 * CHUNK - 1) + b"\x05", large).tolist() == [False]


@pytest.mark.parametrize("change", [{"encapsulated": True, "length": None}, {"bits_allocated": 1}, {"frames": 9}])
def test_empty_frames_of_other_forms_are_not_known(change: dict) -> None:
    assert empty_frames(bytes(64), replace(LAYOUT, **change)) is None


def test_zero_among_other_values_is_listed() -> None:
    assert values_present(bytes(4) + bytes([1, 2, 3, 4, 5, 6, 7, 0]), LAYOUT) == {0, 1, 2, 3, 4, 5, 6, 7}
