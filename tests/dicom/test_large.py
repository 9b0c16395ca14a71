"""Tests the generator of large segmentations on a small one of its kind."""

import warnings
from pathlib import Path

import highdicom as hd
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from tests.builders.large import large_segmentation, large_sources

FRAMES = 192


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.dcm"
    large_segmentation(path, frames=FRAMES)
    return path


def test_it_breaks_no_rule(large: Path) -> None:
    assert inspect(large, bounds=Bounds()).findings == ()


def test_it_names_the_images_of_its_series(large: Path) -> None:
    named = {reference.sop_instance_uid for reference in inspect(large, bounds=Bounds()).instance.references}
    assert named == {image.SOPInstanceUID for image in large_sources(slices=3)}


def test_highdicom_reads_it(large: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = hd.seg.segread(large)
    assert len(read.segment_numbers) == 64
    assert read.get_stored_frame(1).sum() == 64 * 64
