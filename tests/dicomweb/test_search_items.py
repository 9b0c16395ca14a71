"""QIDO-RS: what is asked of the items of sequences, as IHE AI Results lists it."""

import pytest

from overlays.dicom.search_sequences import PATHS
from overlays.models import OverlayVersion

pytestmark = pytest.mark.django_db

SEGMENT = "SegmentSequence.SegmentedPropertyTypeCodeSequence"
CATEGORY = "SegmentSequence.SegmentedPropertyCategoryCodeSequence"


@pytest.fixture
def search(called, clinician):
    def ask(path: str = "instances", actor=clinician, **parameters):
        return called(actor).get(f"/dicom-web/{path}", parameters)

    return ask


@pytest.fixture
def types(scene) -> list:
    """The codes of the accepted overlay's segments."""
    scene.accept()
    return [each.SegmentedPropertyTypeCodeSequence[0] for each in scene.overlay.SegmentSequence]


def found(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["00080018"]["Value"][0] for each in answer.json()]


def test_a_segmentation_is_found_by_the_code_of_a_segment(search, scene, types):
    assert found(search(**{f"{SEGMENT}.CodeValue": types[0].CodeValue})) == [scene.overlay.SOPInstanceUID]
    assert found(search(**{f"{SEGMENT}.CodeValue": "no such code"})) == []


def test_keywords_and_tags_name_the_same(search, scene, types):
    assert found(search(**{"00620002.0062000f.00080100": types[0].CodeValue})) == [scene.overlay.SOPInstanceUID]


@pytest.mark.parametrize(
    "pattern",
    [lambda word: "*", lambda word: word[:2].upper() + "*", lambda word: "?" + word[1:]],
    ids=["*", "LI*", "?iver"],
)
def test_wild_cards_match_in_items(search, scene, types, pattern):
    asked = pattern(types[0].CodeMeaning)
    assert found(search(**{f"{SEGMENT}.CodeMeaning": asked})) == [scene.overlay.SOPInstanceUID]


@pytest.mark.parametrize(
    "change", [lambda word: "%", lambda word: "_" + word[1:], lambda word: word[:-1], lambda word: f"{word}' OR 1=1 --"]
)
def test_other_letters_mean_themselves(search, types, change):
    assert found(search(**{f"{SEGMENT}.CodeMeaning": change(types[0].CodeMeaning)})) == []


@pytest.mark.parametrize("value", ['"', "\\", "\\*", "*%", "'", "$.x", "{0}"])
def test_signs_of_the_database_find_nothing_and_break_nothing(search, types, value):
    assert found(search(**{f"{SEGMENT}.CodeMeaning": value})) == []


def test_one_item_has_to_have_all_that_is_asked(search, types):
    one, other = types
    assert one.CodeValue != other.CodeValue
    keys = {f"{SEGMENT}.CodeValue": one.CodeValue, f"{SEGMENT}.CodeMeaning": one.CodeMeaning}
    assert len(found(search(**keys))) == 1
    assert found(search(**keys | {f"{SEGMENT}.CodeMeaning": other.CodeMeaning})) == []


def test_one_segment_has_to_have_both_codes(search, types):
    pairs = {f"{SEGMENT}.CodeValue": types[0].CodeValue, f"{CATEGORY}.CodeValue": "no such category"}
    assert found(search(**pairs)) == []


def test_what_is_withheld_is_not_found(search, scene):
    value = scene.overlay.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue
    assert found(search(**{f"{SEGMENT}.CodeValue": value})) == []


def test_a_sequence_is_told_where_it_is_asked_for(search, scene, types):
    (told,) = search(**{f"{SEGMENT}.CodeValue": types[0].CodeValue}).json()
    (first, *_) = told["00620002"]["Value"]
    assert first["0062000F"]["Value"][0]["00080100"]["Value"] == [types[0].CodeValue]
    scene_wide = search(includefield="SegmentSequence").json()
    assert any("00620002" in each for each in scene_wide)
    assert not any("00620002" in each for each in search().json())


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_every_key_can_be_asked_for(search, scene, path):
    scene.accept()
    value = "1.2.3" if path[-1].endswith("UID") else "nothing is called so"
    assert found(search(**{".".join(path): value})) == []
    assert scene.overlay.SOPInstanceUID in found(search(**{".".join(path): ""}))


@pytest.mark.parametrize(
    "key",
    [
        "ConceptNameCodeSequence",
        "ConceptNameCodeSequence.PatientName",
        "ConceptNameCodeSequence.CodeValue.CodeValue",
        "PatientID.CodeValue",
        ".",
        "SegmentSequence..CodeValue",
        ".".join(["SegmentSequence"] * 50),
        "0040A043.00080100'",
        "PredecessorDocumentsSequence.StudyInstanceUID",
    ],
)
def test_a_key_that_is_none_is_refused(search, key):
    assert search(**{key: "not a UID"}).status_code == 400


@pytest.mark.parametrize("level", ["studies", "series"])
def test_only_instances_are_searched_by_items(search, level):
    assert search(level, **{"ConceptNameCodeSequence.CodeValue": "1"}).status_code == 400


def test_what_is_stored_of_sequences_is_what_can_be_searched(scene):
    stored = OverlayVersion.objects.get(sop_instance_uid=scene.overlay.SOPInstanceUID).attributes
    for item in stored["00620002"]["Value"]:
        assert set(item) <= {"00620003", "0062000F"}
