"""Tests the survey of floating point pixels."""

import numpy as np
import pytest

from overlays.dicom.float_pixels import CHUNK, FloatSurvey, survey_floats
from overlays.dicom.instance import PixelLayout


def survey(values, kind: str = "<f4", padding: float | None = None, limit: float | None = None) -> FloatSurvey | None:
    data = b"head" + np.asarray(values, kind).tobytes()
    layout = PixelLayout(
        offset=4,
        length=len(data) - 4,
        rows=1,
        columns=len(values),
        frames=1,
        samples_per_pixel=1,
        bits_allocated=8 * np.dtype(kind).itemsize,
        bits_stored=8 * np.dtype(kind).itemsize,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encapsulated=False,
        keyword="FloatPixelData" if kind == "<f4" else "DoubleFloatPixelData",
    )
    return survey_floats(data, layout, padding=padding, padding_limit=limit)


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_what_is_no_number_is_counted_and_the_range_of_the_rest_told(kind: str) -> None:
    found = survey([1.5, np.nan, np.inf, -2.0, -np.inf], kind)
    assert found == FloatSurvey(not_finite=3, low=-2.0, high=1.5)


def test_padding_is_left_out() -> None:
    assert survey([-999.0, 1.0, 2.0], padding=-999.0) == FloatSurvey(not_finite=0, low=1.0, high=2.0)


def test_a_range_of_padding_is_left_out() -> None:
    assert survey([-999.0, -998.5, 1.0], padding=-998.0, limit=-999.0) == FloatSurvey(not_finite=0, low=1.0, high=1.0)


def test_padding_may_be_no_number() -> None:
    assert survey([np.nan, np.inf, 1.0], padding=np.nan) == FloatSurvey(not_finite=1, low=1.0, high=1.0)


def test_padding_beyond_the_pixels_own_range_pads_nothing() -> None:
    assert survey([1.0, 2.0], padding=1e300) == FloatSurvey(not_finite=0, low=1.0, high=2.0)


def test_pixels_that_are_all_padding_have_no_range() -> None:
    assert survey([0.0, 0.0], padding=0.0) == FloatSurvey(not_finite=0, low=None, high=None)


def test_every_chunk_is_looked_at() -> None:
    values = np.zeros(CHUNK // 4 + 2, "<f4")
    values[0], values[-1] = -1, 5
    assert survey(values) == FloatSurvey(not_finite=0, low=-1.0, high=5.0)


def test_a_length_of_no_whole_numbers_is_not_surveyed() -> None:
    layout = PixelLayout(
        offset=0,
        length=7,
        rows=1,
        columns=1,
        frames=1,
        samples_per_pixel=1,
        bits_allocated=32,
        bits_stored=32,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encapsulated=False,
        keyword="FloatPixelData",
    )
    assert survey_floats(bytes(7), layout, padding=None, padding_limit=None) is None
