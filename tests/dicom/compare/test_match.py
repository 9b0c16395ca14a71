"""Segments are paired by what they are, and left alone where that is not clear."""

import pytest

from overlays.dicom.compare.figures import MatchedBy
from overlays.dicom.compare.match import Described, match

LIVER, KIDNEY, LESION = ("10200004", "SCT"), ("64033007", "SCT"), ("52988006", "SCT")
LEFT, RIGHT = frozenset({("7771000", "SCT")}), frozenset({("24028007", "SCT")})


def segment(number: int, label: str = "", kind=LIVER, uid: str = "", where=frozenset()) -> Described:
    return Described(number=number, label=label or f"Segment {number}", tracking_uid=uid, kind=kind, where=where)


def pairs(before: list[Described], after: list[Described], common=None) -> list[tuple[int, int, MatchedBy]]:
    """The pairs by number; ``common`` are the voxels that two segments have in common, by their numbers."""

    def overlap(asked) -> dict[tuple[int, int], int]:
        return {pair: (common or {}).get(pair, 0) for pair in asked}

    return [(one.number, other.number, reason) for one, other, reason in match(before, after, overlap)]


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


LESIONS = [segment(1, "Lesion", LESION), segment(2, "Lesion", LESION)]


def test_segments_of_one_type_and_label_are_paired_by_what_they_have_in_common():
    found = pairs(LESIONS, LESIONS, {(1, 2): 5, (2, 1): 3, (1, 1): 4, (2, 2): 0})
    assert found == [(1, 2, MatchedBy.OVERLAP), (2, 1, MatchedBy.OVERLAP)]


def test_those_that_have_nothing_in_common_stay_alone_whatever_their_number():
    assert pairs(LESIONS, LESIONS) == []


def test_one_of_several_is_paired_by_overlap_too():
    assert pairs(LESIONS, LESIONS[:1], {(2, 1): 1}) == [(2, 1, MatchedBy.OVERLAP)]


def test_of_equal_overlaps_the_lower_numbers_are_taken():
    found = pairs(LESIONS, LESIONS, dict.fromkeys([(1, 1), (1, 2), (2, 1), (2, 2)], 7))
    assert found == [(1, 1, MatchedBy.OVERLAP), (2, 2, MatchedBy.OVERLAP)]


def test_what_a_tracking_uid_has_paired_is_left_to_it():
    before = [segment(1, "Lesion", LESION, uid="1.2"), segment(2, "Lesion", LESION)]
    after = [segment(1, "Lesion", LESION), segment(2, "Lesion", LESION, uid="1.2")]
    found = pairs(before, after, {(1, 1): 9, (2, 1): 1})
    assert found == [(1, 2, MatchedBy.TRACKING_UID), (2, 1, MatchedBy.OVERLAP)]


def test_more_that_are_alike_than_are_laid_on_each_other_stay_alone():
    many = [segment(number, "Lesion", LESION) for number in range(1, 60)]
    assert pairs(many, many, {(1, 1): 5}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kidney_left", "kidney_right"),
        ("Kidney L", "R kidney"),
        ("LeftKidney", "RightKidney"),
        ("Left kidney", "Both kidneys"),
        ("Upper lobe", "Lower lobe"),
        ("left", "links rechts"),
    ],
)
def test_labels_of_other_sides_are_not_paired_by_their_type(one, other):
    assert pairs([segment(1, one, KIDNEY)], [segment(1, other, KIDNEY)]) == []


def test_a_side_in_words_contradicts_one_in_codes():
    assert pairs([segment(1, "Left", KIDNEY)], [segment(1, "Kidney", KIDNEY, where=RIGHT)]) == []


@pytest.mark.parametrize(
    ("one", "other"), [("Left kidney", "kidney_left"), ("Kidney", "kidney_left"), ("Liver", "Leber")]
)
def test_labels_that_do_not_contradict_are_paired_by_their_type(one, other):
    assert pairs([segment(1, one)], [segment(1, other)]) == [(1, 1, MatchedBy.TYPE)]


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


TISSUE = ("T-D0050", "SRT")


def test_where_a_viewer_wrote_tissue_the_label_tells():
    after = [segment(1, "Liver", TISSUE), segment(2, "Lesion", TISSUE)]
    found = pairs([segment(1, "Lesion", LESION), segment(2, "Liver")], after)
    assert found == [(1, 2, MatchedBy.LABEL), (2, 1, MatchedBy.LABEL)]


def test_a_label_does_not_outweigh_two_types_that_differ():
    assert pairs([segment(1, "Mass", LIVER)], [segment(1, "Mass", LESION)]) == []


def test_two_segments_of_tissue_with_different_labels_stay_alone():
    assert pairs([segment(1, "Liver", TISSUE)], [segment(1, "Lesion", TISSUE)]) == []
