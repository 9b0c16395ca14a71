"""What is the same in a correction keeps the identifiers by which it is followed."""

from overlays.dicom.encode.description import parse_description
from overlays.dicom.encode.tracking import Tracked, tracked
from tests.dicom.encode.wishes import LIVER, SPLEEN, document, segment

LIVER_BEFORE = Tracked(label="Liver", code=("10200004", "SCT"), tracking_id="L1", tracking_uid="1.2.1")


def found(segments: list[dict], *before: Tracked) -> list[tuple[str, str]]:
    description, faults = parse_description(document(segments=segments))
    assert not faults
    return [(each.tracking_id, each.tracking_uid) for each in tracked(description, before).segmentation.segments]


def test_the_same_type_and_label_keep_both_identifiers():
    assert found([segment(7), segment(2, "Spleen", SPLEEN)], LIVER_BEFORE) == [("", ""), ("L1", "1.2.1")]


def test_another_type_or_label_is_something_else():
    assert found([segment(1, "Liver", SPLEEN), segment(2, "Left liver")], LIVER_BEFORE) == [("", ""), ("", "")]


def test_a_tracking_identifier_tells_it_under_another_label():
    assert found([segment(1, "Leber", tracking_id="L1")], LIVER_BEFORE) == [("L1", "1.2.1")]


def test_another_tracking_identifier_is_something_else():
    assert found([segment(1, tracking_id="L2")], LIVER_BEFORE) == [("L2", "")]


def test_a_uid_that_is_given_stays():
    assert found([segment(1, tracking_id="L2", tracking_uid="1.9")], LIVER_BEFORE) == [("L2", "1.9")]


def test_what_is_there_twice_is_not_told_apart():
    twin = Tracked(label="Liver", code=("10200004", "SCT"), tracking_id="L2", tracking_uid="1.2.2")
    assert found([segment(1)], LIVER_BEFORE, twin) == [("", "")]
    assert found([segment(1), segment(2)], LIVER_BEFORE) == [("", ""), ("", "")]


def test_a_uid_is_not_given_to_two():
    given = segment(2, "Spleen", SPLEEN, tracking_id="x", tracking_uid="1.2.1")
    assert found([segment(1), given], LIVER_BEFORE) == [("", ""), ("x", "1.2.1")]


def test_groups_of_a_report_are_told_by_their_identifier():
    section = {"groups": [{"tracking_id": "L1", "finding": LIVER}, {"tracking_id": "L3", "finding": LIVER}, 5]}
    text = document() | {"kind": "report", "report": section}
    del text["segmentation"]
    description, _ = parse_description(text)
    groups = tracked(description, [Tracked(tracking_id="L1", tracking_uid="1.2.1")]).section["groups"]
    assert [group.get("tracking_uid") for group in groups[:2]] == ["1.2.1", None]
