"""Palettes are read plain and segmented, and a broken one is none."""

import numpy as np
import pytest

from overlays.dicom.pictures_palette import COLOURS, Palette, read_palette
from overlays.dicom.stored import open_stored
from tests.builders import ct_series, to_bytes


@pytest.fixture
def reading(tmp_path):
    def read(descriptor, data, segmented: bool = False) -> Palette | None:
        (image,) = ct_series(slices=1)
        for colour in COLOURS:
            image.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", descriptor)
            word = f"{'Segmented' if segmented else ''}{colour}PaletteColorLookupTableData"
            image.add_new(word, "OW", data)
        path = tmp_path / "palette.dcm"
        path.write_bytes(to_bytes(image))
        with open_stored(path) as stored:
            return read_palette(stored.root)

    return read


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


def test_sixteen_bits_are_reduced_to_eight(reading):
    found = reading([3, 10, 16], words(0, 0x8000, 0xFFFF))
    assert (found.first, found.colours[:, 0].tolist()) == (10, [0, 128, 255])


@pytest.mark.parametrize("data", [bytes((1, 2, 3, 4)), words(1, 2, 3, 4)])
def test_eight_bits_stand_one_a_byte_or_one_a_word(data, reading):
    assert reading([4, 0, 8], data).colours[:, 0].tolist() == [1, 2, 3, 4]


def test_a_segmented_palette_is_expanded(reading):
    data = words(0, 2, 0x1000, 0x2000, 1, 2, 0x4000)
    assert reading([4, 0, 16], data, segmented=True).colours[:, 0].tolist() == [0x10, 0x20, 0x30, 0x40]


@pytest.mark.parametrize(
    ("descriptor", "data", "segmented"),
    [
        ([4, 0, 16], words(1, 2), False),
        ([2, 0, 12], words(1, 2), False),
        ([4, 0, 16], words(2, 1, 0, 0), True),
        ([4, 0, 16], words(1, 4, 9), True),
        ([4, 0, 16], words(0, 60000), True),
        ([4, 0], words(1, 2, 3, 4), False),
    ],
)
def test_a_broken_palette_is_none(descriptor, data, segmented, reading):
    assert reading(descriptor, data, segmented) is None


def test_values_outside_have_the_colour_of_the_nearest_end():
    palette = Palette(5, np.array([(1, 1, 1), (2, 2, 2)], np.uint8))
    assert palette.of(np.array([[0, 5, 6, 99]]))[0, :, 0].tolist() == [1, 1, 2, 2]


def test_grey_is_stretched_over_all_entries():
    palette = Palette(0, np.array([(10, 0, 0), (20, 0, 0), (30, 0, 0)], np.uint8))
    assert palette.over(np.array([[0, 128, 255]], np.uint8))[0, :, 0].tolist() == [10, 20, 30]
