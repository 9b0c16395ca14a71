"""Tests the limits under which objects are read."""

from dataclasses import fields

import pytest

from overlays.dicom.bounds import Bounds


@pytest.mark.parametrize("name", [field.name for field in fields(Bounds)])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "9"])
def test_a_limit_that_is_no_positive_whole_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Bounds(**{name: value})


def test_limits_start_at_what_large_sound_objects_need() -> None:
    bounds = Bounds()
    assert bounds.max_bytes == 1 << 30
    assert bounds.max_depth == 16
    assert bounds.max_frames == 100_000
