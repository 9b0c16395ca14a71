"""Tests that values of any length are read a piece at a time."""

import numpy as np
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.long_values import BINARY_PIECE, PIECE, binary_pieces, count_decimals, decimal_pieces, decimals
from overlays.dicom.scan import scan
from tests.builders.mutations import raw

CONTOUR_DATA = 0x30060050
MANY = "\\".join(["1.25"] * (3 * PIECE // 5)).encode()


def scanned(value: bytes):
    content = raw.element(CONTOUR_DATA, b"UN", value)
    return scan(content, 0, len(content), implicit=False, bounds=Bounds(max_value_bytes=8))


@pytest.mark.parametrize(
    ("value", "count"), [(b"", 0), (b"  ", 0), (b"1", 1), (b"1\\2\\3 ", 3), (b"\\", 2), (MANY, 3 * PIECE // 5)]
)
def test_values_are_counted_by_their_backslashes(value: bytes, count: int) -> None:
    assert count_decimals(scanned(value), 1) == count


def test_pieces_are_small_and_together_the_whole() -> None:
    pieces = list(decimal_pieces(scanned(MANY), 1))
    assert b"\\".join(pieces) == MANY
    assert max(map(len, pieces)) <= PIECE


def test_a_run_without_a_backslash_is_given_as_it_is() -> None:
    pieces = list(decimal_pieces(scanned(b"1" * (2 * PIECE + 1)), 1))
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, 1]


def test_decimals_are_numbers() -> None:
    assert decimals(scanned(b" 1.5\\-2e1\\3 "), 1).tolist() == [1.5, -20.0, 3.0]


def test_what_is_no_decimal_gives_none() -> None:
    assert decimals(scanned(b"1\\two"), 1) is None


def test_binary_numbers_come_in_pieces_without_what_is_left_over() -> None:
    numbers = np.arange(BINARY_PIECE // 4 + 3, dtype="<u4")
    pieces = list(binary_pieces(scanned(numbers.tobytes() + b"\x01\x02"), 1, "<u4"))
    assert len(pieces) == 2
    assert np.array_equal(np.concatenate(pieces), numbers)
