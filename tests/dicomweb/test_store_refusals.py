"""What is wrong with an instance is told by status, code and sentence, and then nothing of it is stored."""

from functools import partial

import pytest

from overlays.dicom.bounds import Bounds
from tests.builders import ct_series, segmentation, to_bytes, uid
from tests.builders.mutations import MUTATIONS
from tests.dicomweb.conftest import snapshot

pytestmark = pytest.mark.django_db

NOT_UNDERSTOOD, RULES_BROKEN, NO_CLASS, NO_SYNTAX = 0xC000, 0xA900, 0x0122, 0xC122
BROKEN = {
    "a text file": (NOT_UNDERSTOOD, "FIL-001"),
    "an empty file": (NOT_UNDERSTOOD, "FIL-001"),
    "the last byte missing": (NOT_UNDERSTOOD, "FIL-004"),
    "pixel data too short": (RULES_BROKEN, "IMG-004"),
    "too many frames": (RULES_BROKEN, "FRM-002"),
    "twenty million frames": (NOT_UNDERSTOOD, "LIM-006"),
    "segment numbers with a gap": (RULES_BROKEN, "SEG-011"),
    "a frame of segment 99": (RULES_BROKEN, "FRM-015"),
    "no source at all": (RULES_BROKEN, "REF-001"),
    "a class that is not taken in": (NO_CLASS, "IDN-001"),
    "a lossy transfer syntax": (NO_SYNTAX, "FIL-006"),
    "big endian": (NO_SYNTAX, "FIL-007"),
    "sequences nested 500 deep": (NOT_UNDERSTOOD, "LIM-003"),
    "sequences of undefined length nested 500 deep": (NOT_UNDERSTOOD, "LIM-003"),
    "two million empty items": (NOT_UNDERSTOOD, "LIM-004"),
    "a broken deflated stream": (NOT_UNDERSTOOD, "FIL-014"),
}
BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}


def failure(answer) -> tuple[int, str]:
    """The one failure of an answer: its reason, and all its comments."""
    found = answer.json()
    (item,) = found.get("00081198", {}).get("Value", []) + found.get("0008119A", {}).get("Value", [])
    comments = [each["00771001"]["Value"][0] for each in item["00741048"]["Value"]]
    return item["00081197"]["Value"][0], " ".join(comments)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_instance_is_told_and_leaves_nothing(stow, registered, own_store, name):
    registered()
    reason, rule = BROKEN[name]
    answer = stow(BY_NAME[name].content())
    told, comments = failure(answer)
    assert (answer.status_code, told) == (409, reason), comments
    assert f"[{rule}" in comments
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


def test_a_deflate_bomb_is_told_and_leaves_nothing(stow, monkeypatch, own_store):
    monkeypatch.setattr("overlays.services.examine.Bounds", partial(Bounds, max_inflated_bytes=1 << 20))
    answer = stow(BY_NAME["a deflate bomb"].content())
    reason, comments = failure(answer)
    assert (answer.status_code, reason) == (409, NOT_UNDERSTOOD)
    assert "inflates to more than 1048576 bytes" in comments
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


def test_an_instance_of_another_study_than_the_addresss_is_told(stow, own_store):
    image = ct_series(slices=1, rows=16, columns=16)[0]
    answer = stow(to_bytes(image), study=uid("another study"))
    reason, comments = failure(answer)
    assert (answer.status_code, reason) == (409, RULES_BROKEN)
    assert f"it was posted to the study {uid('another study')}" in comments
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


def test_another_patient_than_that_of_the_known_sources_is_told(stow, registered, own_store):
    registered()
    images = ct_series(slices=2, rows=16, columns=16)
    stow(*map(to_bytes, images))
    before = snapshot(own_store)
    answer = stow(to_bytes(segmentation(sources=images, patient_id="SOMEBODY-ELSE")))
    reason, comments = failure(answer)
    assert (answer.status_code, reason) == (409, RULES_BROKEN)
    assert "(0010,0020)" in comments
    assert "SOMEBODY-ELSE" not in comments
    assert snapshot(own_store) == before


def test_every_finding_of_an_instance_is_told(stow):
    broken = segmentation(sources=ct_series(slices=2, rows=16, columns=16))
    broken.NumberOfFrames = 900
    broken.SegmentationType = "FUZZY"
    del broken.ContentLabel
    _, comments = failure(stow(to_bytes(broken)))
    assert all(f"[{rule}" in comments for rule in ("FRM-002", "SEG-021", "SEG-003"))


def test_a_finding_names_the_attribute_for_programs(stow):
    answer = stow(BY_NAME["segment numbers with a gap"].content())
    (item,) = answer.json()["00081198"]["Value"]
    gap = next(each for each in item["00741048"]["Value"] if "SEG-011" in each["00000902"]["Value"][0])
    assert gap["00720026"]["vr"] == "AT"
    assert gap["00720026"]["Value"][0].startswith("0062")


def test_a_refused_instance_that_can_be_told_apart_is_named(stow):
    content = BY_NAME["a class that is not taken in"].content()
    (item,) = stow(content).json()["00081198"]["Value"]
    assert item["00081155"]["Value"] == [segmentation().SOPInstanceUID]
