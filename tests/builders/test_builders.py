"""Tests that the builders' objects are the same in every run and belong to their caller."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import capture, ct_series, key_objects, presentation, report, segmentation, to_bytes, uid

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DIGESTS = """
import hashlib
from tests.builders import capture, ct_series, key_objects, presentation, report, segmentation, to_bytes
made = (ct_series()[0], segmentation(), report(), presentation(), key_objects(), capture())
print(*(hashlib.sha256(to_bytes(one)).hexdigest() for one in made))
"""


def test_another_process_builds_the_same_bytes() -> None:
    answer = subprocess.run([sys.executable, "-c", DIGESTS], cwd=ROOT, capture_output=True, text=True, check=True)
    made = (ct_series()[0], segmentation(), report(), presentation(), key_objects(), capture())
    assert answer.stdout.split() == [hashlib.sha256(to_bytes(one)).hexdigest() for one in made]


def test_a_change_of_one_object_does_not_reach_the_next() -> None:
    first = segmentation()
    first.PatientID = "changed"
    assert segmentation().PatientID == "PAT-1"


def test_another_seed_gives_another_instance_and_series() -> None:
    first, second = segmentation(), segmentation(uid_seed="second")
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.SeriesInstanceUID != second.SeriesInstanceUID
    assert first.StudyInstanceUID == second.StudyInstanceUID


def test_a_uid_is_one_and_depends_on_its_words() -> None:
    assert uid("a", 1) == uid("a", 1) != uid("a", 2)
    assert len(uid("a")) <= 64
