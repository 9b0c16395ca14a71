"""Tests the colours of segments."""

import highdicom as hd
import pytest

from overlays.dicom.colours import srgb_of_cielab


@pytest.mark.parametrize(
    "rgb", [(0, 0, 0), (255, 255, 255), (200, 30, 30), (30, 200, 30), (12, 34, 250), (128, 128, 128)]
)
def test_a_colour_comes_back_as_it_was_written(rgb: tuple[int, int, int]) -> None:
    written = hd.color.CIELabColor.from_rgb(*rgb).value
    assert max(abs(a - b) for a, b in zip(srgb_of_cielab(written), rgb, strict=True)) <= 1


@pytest.mark.parametrize("values", [(0, 0, 0), (65535, 65535, 65535), (65535, 0, 65535)])
def test_a_colour_that_no_screen_shows_is_clipped(values: tuple[int, int, int]) -> None:
    assert all(0 <= part <= 255 for part in srgb_of_cielab(values))
