"""Inputs that fuzzing found, each in its smallest form: what the core did not answer as it should, it answers now."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.pictures import drawn
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_slide import read_slide
from overlays.dicom.rules.rule import LONGEST_SENTENCE, error
from tests.builders.mutations import Mutation


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Path]:
    """A file with a base after a change."""

    def store(base: str, change: Callable[[Dataset], None]) -> Path:
        path = tmp_path / "object.dcm"
        path.write_bytes(Mutation(name="", rules=(), base=base, change=change).content())
        return path

    return store


def test_values_that_overflow_are_drawn_as_the_brightest(stored):
    def steep(image: Dataset) -> None:
        image.RescaleSlope, image.RescaleIntercept = "1e308", "1e308"

    picture = drawn(stored("ct", steep))
    assert picture.dtype == np.uint8


def test_a_map_that_holds_the_largest_number_is_drawn(stored):
    def huge(image: Dataset) -> None:
        values = np.zeros(len(image.FloatPixelData) // 4, np.float32)
        values[:2] = np.finfo(np.float32).max, np.finfo(np.float32).min
        image.FloatPixelData = values.tobytes()

    assert drawn(stored("map", huge)).max() > 0


@pytest.mark.parametrize("frames", [-1, 0])
def test_a_slide_of_no_frames_has_no_picture(stored, frames):
    def without(image: Dataset) -> None:
        image.NumberOfFrames = frames

    with pytest.raises(NoPicture, match=f"in {frames} frames"):
        read_slide(stored("ct", without))


def test_a_uid_as_long_as_a_page_is_told_in_a_short_sentence(tmp_path):
    def long(data_set: Dataset) -> None:
        data_set.SOPInstanceUID = "2.25." + "1" * 4000

    path = tmp_path / "object.dcm"
    path.write_bytes(Mutation(name="", rules=(), change=long).content())
    assert max(len(finding.sentence) for finding in inspect(path, bounds=Bounds()).findings) < 400


def test_no_sentence_is_longer_than_can_be_kept_or_holds_what_cannot_be_shown():
    wordy = error("SEG-001", "Wordy.", "PS3.3", lambda _: iter([("", "x\x00" * 5000)]))
    (finding,) = wordy.findings(None, 1, wordy.severity)
    assert len(finding.sentence) == LONGEST_SENTENCE
    assert finding.sentence.isprintable()
