"""The tiles of a small slide are put together where they belong; a large one is refused."""

import numpy as np
import pytest

from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_slide import read_slide, slide_picture
from tests.builders import to_bytes
from tests.builders.images import slide_image


@pytest.fixture
def reading(tmp_path):
    def read(image):
        path = tmp_path / "slide.dcm"
        path.write_bytes(to_bytes(image))
        return read_slide(path)

    return read


def coloured(tiles: int = 2, side: int = 8):
    """A slide whose tile n is of the grey 40 × n."""
    image = slide_image(side=side, tiles=tiles)
    shades = [np.full(side * side * 3, 40 * (number + 1), np.uint8) for number in range(tiles * tiles)]
    image.PixelData = np.concatenate(shades).tobytes()
    return image


def test_tiles_lie_row_by_row(reading):
    picture = slide_picture(reading(coloured()), longest=64)
    assert [picture[y, x, 0] for y, x in ((0, 0), (0, 15), (15, 0), (15, 15))] == [40, 80, 120, 160]


def test_a_slide_is_made_smaller(reading):
    assert slide_picture(reading(coloured()), longest=8).shape == (8, 8, 3)


def test_the_place_on_the_slide_is_read(reading):
    slide = reading(coloured())
    assert (slide.grid.position, slide.grid.pixel_spacing) == ((20.0, 40.0, 0.0), (0.0005, 0.0005))


def test_a_slide_of_too_many_tiles_is_refused(reading):
    image = coloured()
    image.TotalPixelMatrixRows = 10**6
    with pytest.raises(NoPicture, match="250000 tiles"):
        reading(image)
