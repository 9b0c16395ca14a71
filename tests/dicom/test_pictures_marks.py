"""What lies on a page is drawn over its picture, and nowhere else."""

import numpy as np
import pytest

from overlays.dicom.pictures_marks import NoMarks, SegmentMarks
from overlays.dicom.pictures_overlay import read_overlay
from overlays.management.demo.phantom_objects import Kind
from overlays.management.demo.phantom_trunk import Structure
from tests.dicom import small

COLOURS = {1: (255, 0, 0), 2: (0, 0, 255)}
LIVER, SPLEEN = (small.masks()[structure] for structure in (Structure.LIVER, Structure.SPLEEN))


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    path = small.save(small.segments(small.images(), Kind.BINARY), tmp_path_factory.mktemp("marks") / "seg.dcm")
    overlay = read_overlay(path)
    third = [place for place in overlay.places if place.position == overlay.places[-1].position]
    return SegmentMarks(overlay, tuple(third))


def test_the_segments_of_a_page_are_those_of_its_frames(marks):
    assert set(marks.numbers) <= {1, 2}
    assert marks.amount == len(marks.frames) > 0


def test_over_a_picture_only_the_segments_are_coloured(marks):
    base = np.full((marks.rows, marks.columns), 90, np.uint8)

    picture = marks.over(base, COLOURS)

    covered = sum(each > 0 for each in marks.covered("fill").values()).astype(bool)
    assert (np.ptp(picture[~covered], axis=-1) == 0).all()
    assert (np.ptp(picture[covered], axis=-1) > 0).all()


def test_of_one_segment_only_that_one_is_drawn(marks):
    (number,) = marks.numbers[:1]

    assert list(marks.covered("fill", only=number)) == [number]


def test_a_page_without_marks_is_its_picture(marks):
    base = np.arange(12, dtype=np.uint8).reshape(3, 4)

    assert (NoMarks(3, 4).over(base, {})[:, :, 0] == base).all()
