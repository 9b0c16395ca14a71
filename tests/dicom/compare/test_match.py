"""Segments are paired by what they are, and left alone where that is not clear."""

from overlays.dicom.compare.figures import MatchedBy
from overlays.dicom.compare.match import Described, match

LIVER, KIDNEY, LESION = ("10200004", "SCT"), ("64033007", "SCT"), ("52988006", "SCT")
LEFT, RIGHT = frozenset({("7771000", "SCT")}), frozenset({("24028007", "SCT")})


def segment(number: int, label: str = "", kind=LIVER, uid: str = "", where=frozenset()) -> Described:
    return Described(number=number, label=label or f"Segment {number}", tracking_uid=uid, kind=kind, where=where)


def pairs(before: list[Described], after: list[Described]) -> list[tuple[int, int, MatchedBy]]:
    return [(one.number, other.number, reason) for one, other, reason in match(before, after)]


def test_the_tracking_uid_comes_first():
    before = [segment(1, "A", uid="1.2"), segment(2, "B", uid="1.3")]
    after = [segment(1, "A", uid="1.3"), segment(2, "B", uid="1.2")]
    assert pairs(before, after) == [(1, 2, MatchedBy.TRACKING_UID), (2, 1, MatchedBy.TRACKING_UID)]


def test_type_and_label_come_next():
    assert pairs([segment(1, "Liver", uid="1.2")], [segment(7, "Liver", uid="1.3")]) == [
        (1, 7, MatchedBy.TYPE_AND_LABEL)
    ]


def test_a_tracking_uid_used_twice_pairs_nothing():
    before = [segment(1, "A", uid="1.2")]
    after = [segment(1, "A", uid="1.2"), segment(2, "B", uid="1.2")]
    assert pairs(before, after) == [(1, 1, MatchedBy.TYPE_AND_LABEL)]


def test_the_number_tells_segments_of_one_type_and_label_apart():
    before = [segment(1, "Lesion", LESION), segment(2, "Lesion", LESION)]
    after = [segment(2, "Lesion", LESION), segment(3, "Lesion", LESION)]
    assert pairs(before, after) == [(2, 2, MatchedBy.TYPE_LABEL_AND_NUMBER)]


def test_a_type_that_each_has_once_is_the_same_under_another_label():
    assert pairs([segment(1, "Leber")], [segment(4, "Liver")]) == [(1, 4, MatchedBy.TYPE)]


def test_lesions_that_are_left_over_are_not_taken_for_each_other():
    before = [segment(1, "Lesion 1", LESION), segment(2, "Lesion 2", LESION)]
    after = [segment(1, "Lesion 1", LESION), segment(2, "Lesion 5", LESION)]
    assert pairs(before, after) == [(1, 1, MatchedBy.TYPE_AND_LABEL)]


def test_a_left_kidney_is_no_right_one():
    assert pairs([segment(1, "Left", KIDNEY, where=LEFT)], [segment(1, "Right", KIDNEY, where=RIGHT)]) == []


def test_not_even_under_one_label():
    assert pairs([segment(1, "Kidney", KIDNEY, where=LEFT)], [segment(1, "Kidney", KIDNEY, where=RIGHT)]) == []


def test_a_label_suffices_where_one_of_the_two_names_no_place():
    found = pairs([segment(1, "Kidney", KIDNEY, where=LEFT)], [segment(1, "Kidney", KIDNEY)])
    assert found == [(1, 1, MatchedBy.TYPE_AND_LABEL)]


def test_other_types_under_one_label_stay_alone():
    assert pairs([segment(1, "ROI", LIVER)], [segment(1, "ROI", KIDNEY)]) == []
