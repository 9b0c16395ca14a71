"""Words stand below a picture, whole, however narrow it is, and hide nothing of it."""

import numpy as np
import pytest

from overlays.dicom.pictures_words import MARGIN, NARROWEST, with_words


def test_the_picture_stays_as_it_is_above_the_words():
    picture = np.arange(200 * 120, dtype=np.uint8).reshape(120, 200)
    made = with_words(picture, "AI · LiverSeg 2.1.0 · accepted")
    assert np.array_equal(made[:120], np.stack([picture] * 3, axis=2))
    assert made[120:].max() > 200


@pytest.mark.parametrize("columns", [1, 20, 160, 1000])
def test_a_long_text_takes_as_many_lines_as_it_needs(columns):
    short, long = (with_words(np.zeros((10, columns, 3), np.uint8), "word " * count) for count in (1, 400))
    assert long.shape[0] > short.shape[0] > 10 + 2 * MARGIN
    assert long.shape[1] == max(columns, NARROWEST)
