"""Frames and surroundings of objects in forms that only our own decoders read come out as native ones."""

import numpy as np
import pytest

from overlays.dicom.child_tasks import explicit, frames
from overlays.dicom.frames import FrameNotFound, pack_bits
from tests.builders import ct_series, segmentation
from tests.dicom.recoded import as_deflated_frames, as_one_bit_rle, save

RECODE = {
    "packed runs": lambda made: as_one_bit_rle(made, packed=True),
    "runs of bytes": lambda made: as_one_bit_rle(made, packed=False),
    "deflated frames": as_deflated_frames,
}


@pytest.fixture(params=RECODE)
def recoded(request, tmp_path):
    """A binary segmentation whose frames of 15 by 15 end in the midst of a byte: its pixels, and its path."""
    made = segmentation(sources=ct_series(slices=3, rows=15, columns=15))
    pixels = np.atleast_3d(made.pixel_array).copy()
    RECODE[request.param](made)
    save(made, tmp_path / "seg.dcm")
    return pixels, tmp_path / "seg.dcm"


def test_joined_frames_follow_each_other_without_a_gap(recoded):
    pixels, path = recoded
    numbers = list(range(1, len(pixels) + 1))
    assert frames(path, numbers=numbers, joined=True)[1] == pack_bits(pixels)


def test_single_frames_each_begin_on_a_byte(recoded):
    pixels, path = recoded
    assert frames(path, numbers=[2, 1])[1] == pack_bits(pixels[1]) + pack_bits(pixels[0])


def test_the_surroundings_tell_where_the_pixels_belong(recoded):
    _, path = recoded
    found, encoded = explicit(path)
    assert (found["keyword"], found["vr"]) == ("PixelData", "OB")
    assert (found["described"]["rows"], found["described"]["bits_allocated"]) == (15, 1)
    assert found["before"] <= len(encoded)
    assert b"1.2.840.10008.1.2.1\x00" in encoded[:400]


@pytest.mark.parametrize("number", [0, 99])
def test_a_frame_that_is_not_there_is_refused(recoded, number):
    with pytest.raises(FrameNotFound):
        frames(recoded[1], numbers=[number])
