"""QIDO-RS: names matched word by word, the keys of results, lists, and hostile values."""

import pytest

from overlays.queries.name_matching import folded, words
from tests.builders import ct_series, report, to_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(called, clinician):
    def ask(path: str, mount: str = "/dicom-web", **parameters):
        return called(clinician).get(f"{mount}/{path}", parameters)

    return ask


@pytest.fixture
def patients(post, registered):
    """Names of several tongues, each a study."""
    registered()
    for number, name in enumerate(["Müller^Jörg", "Muller^Anna", "O'Neil-Smith^Mary Ann", "GARCÍA^José"]):
        (image,) = ct_series(uid_seed=name, slices=1, rows=16, columns=16)
        image.SpecificCharacterSet = "ISO_IR 192"
        image.PatientName, image.PatientID = name, f"P-{number}"
        found = post(to_bytes(image))
        assert found.refusal is None, found.findings


def names(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {each["00100010"]["Value"][0]["Alphabetic"] for each in answer.json()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("muller", {"Müller^Jörg", "Muller^Anna"}),
        ("MÜLLER", {"Müller^Jörg", "Muller^Anna"}),
        ("jorg mul", {"Müller^Jörg"}),
        ("Jörg^Müller", {"Müller^Jörg"}),
        ("garcia jose", {"GARCÍA^José"}),
        ("smith ann", {"O'Neil-Smith^Mary Ann"}),
        ("neil", {"O'Neil-Smith^Mary Ann"}),
        ("eil", set()),
        ("*eil", {"O'Neil-Smith^Mary Ann"}),
        ("m?ry", {"O'Neil-Smith^Mary Ann"}),
        ("mul_er", set()),
        ("%", set()),
        ("muller smith", set()),
    ],
)
def test_names_match_word_by_word(search, patients, asked, found):
    answer = search("studies", PatientName=asked, fuzzymatching="true")
    assert names(answer) == found
    assert "Warning" not in answer


def test_without_fuzzymatching_a_name_is_matched_as_it_stands(search, patients):
    assert names(search("studies", PatientName="muller", fuzzymatching="false")) == set()
    assert names(search("studies", PatientName="muller*")) == {"Muller^Anna"}


def test_fuzzymatching_reaches_series_and_instances(search, patients):
    for level in ("series", "instances"):
        assert len(search(level, PatientName="muller", fuzzymatching="true").json()) == 2


def test_fuzzymatching_sees_what_a_withheld_version_says_no_more_than_any_other(search, scene):
    assert len(search("series", PatientName="doe jane", fuzzymatching="true").json()) == 1
    scene.accept()
    assert len(search("series", PatientName="doe jane", fuzzymatching="true").json()) == 2


def test_words_are_folded_as_the_names_are():
    assert words("Ängström^É'a") == ["angstrom", "e", "a"]
    assert folded(None) is None


@pytest.fixture
def measured(scene, post):
    made = report(sources=scene.images, about=scene.overlay)
    assert post(to_bytes(made)).refusal is None
    from overlays.models import OverlayVersion

    OverlayVersion.objects.update(review_state="accepted", reviewed_by="R. Lee")
    return made


@pytest.mark.parametrize(
    ("keyword", "other"),
    [
        ("CompletionFlag", "NEVER"),
        ("VerificationFlag", "NEVER"),
        ("ContentDate", "19000101"),
        ("Manufacturer", "Nobody"),
    ],
)
def test_reports_are_found_by_what_they_say_of_themselves(search, measured, keyword, other):
    value = str(measured[keyword].value)
    path = f"studies/{measured.StudyInstanceUID}/instances"
    (found,) = search(path, **{keyword: value, "Modality": "SR"}).json()
    assert found["00080018"]["Value"] == [measured.SOPInstanceUID]
    assert search(path, **{keyword: other, "Modality": "SR"}).json() == []


def test_an_overlay_is_found_by_its_label_with_wild_cards(search, scene):
    scene.accept()
    label = scene.overlay.ContentLabel
    (found,) = search("instances", ContentLabel=f"{label[:3]}*", includefield="ContentLabel").json()
    assert found["00700080"]["Value"] == [label]


def test_a_withheld_overlay_is_not_found_by_its_label(search, scene):
    assert search("instances", ContentLabel=scene.overlay.ContentLabel).json() == []


def test_the_keys_of_results_are_those_of_instances_alone(search, scene):
    assert search("series", ContentLabel="X").status_code == 400


@pytest.mark.parametrize("asked", [["CT", "MR"], ["CT,MR"], ["MR\\CT"]])
def test_modalities_of_studies_may_be_listed(search, scene, asked):
    assert len(search("studies", ModalitiesInStudy=asked).json()) == 1
    assert search("studies", ModalitiesInStudy=["MR", "US"]).json() == []


@pytest.mark.parametrize("separator", [",", "\\"])
def test_uids_may_be_listed(search, scene, separator):
    uids = separator.join([scene.images[0].SOPInstanceUID, scene.images[1].SOPInstanceUID, "1.2.3"])
    assert len(search("instances", SOPInstanceUID=uids).json()) == 2


@pytest.mark.parametrize("value", ["1.2.3\r\nX-Evil: 1", "1.2.3\x00", "' OR 1=1 --", "1.2.3,$ne"])
def test_a_uid_that_is_none_is_refused_and_goes_into_no_header(search, scene, value):
    answer = search("studies", StudyInstanceUID=value)
    assert answer.status_code == 400
    assert "X-Evil" not in answer
    assert not any("\n" in each or "\r" in each for _, each in answer.items())


@pytest.mark.parametrize("limit", ["0", "-1", "1e3", "٣", "99999999999999999999"])
def test_a_limit_that_is_none_is_refused(search, limit):
    assert search("studies", limit=limit).status_code == 400
