"""QIDO-RS tells of a study or series what something visible says, never what a withheld object wrote into the registry's tables."""

import json

import pytest
from pydicom.dataset import Dataset

from overlays.models import OverlayVersion
from tests.builders import ct_series, segmentation, to_bytes, uid

pytestmark = pytest.mark.django_db

PATHS = (
    "studies",
    "series",
    "instances",
    "studies/{study}/series",
    "studies/{study}/instances",
    "studies/{study}/series/{series}/instances",
)
SECRETS = {
    "PatientID": "WITHHELD-1",
    "PatientName": "Withheld^Name",
    "PatientSex": "O",
    "PatientBirthDate": "19000101",
    "IssuerOfPatientID": "WITHHELD",
    "StudyDate": "19010101",
    "StudyTime": "010101",
    "StudyID": "WITHHELD",
    "AccessionNumber": "WITHHELD",
    "StudyDescription": "WITHHELD study",
    "ReferringPhysicianName": "Withheld^Referrer",
    "SeriesNumber": 777,
    "SeriesDescription": "WITHHELD: suspect metastasis",
    "SeriesDate": "19020202",
    "SeriesTime": "020202",
    "BodyPartExamined": "WITHHELD",
}
"""What the withheld object says."""
OPEN = {
    "PatientID": "OPEN-1",
    "PatientName": "Open^Jane=Kanji^J",
    "PatientSex": "F",
    "PatientBirthDate": "19700203",
    "IssuerOfPatientID": "OPEN",
    "StudyDate": "20260203",
    "StudyTime": "101112",
    "StudyID": "OPEN",
    "AccessionNumber": "OPEN",
    "StudyDescription": "Open study",
    "ReferringPhysicianName": "Open^Referrer",
    "SeriesNumber": 5,
    "SeriesDescription": "Open series",
    "SeriesDate": "20260204",
    "SeriesTime": "101213",
    "BodyPartExamined": "LIVER",
}
"""What the visible object of the same series says."""
OF_STUDY = tuple(OPEN)[:11]
OF_SERIES = tuple(OPEN)[11:]


def saying(told: dict[str, object], seed: str, sources: list[Dataset] | None = None) -> Dataset:
    data_set = segmentation(sources=sources, uid_seed=seed, series_uid=uid("shared", "series"))
    for keyword, value in told.items():
        setattr(data_set, keyword, value)
    return data_set


@pytest.fixture
def search(called, clinician):
    def ask(path: str, **parameters):
        where = path.format(study=segmentation().StudyInstanceUID, series=uid("shared", "series"))
        return called(clinician).get(f"/dicom-web/{where}", parameters)

    return ask


@pytest.fixture
def alone(post, registered) -> Dataset:
    """A withheld overlay and, stored after it in its series, an accepted one; of the study nothing else is known."""
    registered()
    shown = saying(OPEN, "shown")
    for data_set in (saying(SECRETS, "hidden"), shown):
        found = post(to_bytes(data_set))
        assert found.refusal is None, found.findings
    OverlayVersion.objects.filter(sop_instance_uid=shown.SOPInstanceUID).update(
        review_state="accepted", reviewed_by="R. Lee", verification="verified"
    )
    return shown


@pytest.mark.parametrize("path", PATHS)
def test_no_search_tells_a_value_of_a_withheld_object(search, alone, path):
    answer = search(path, includefield="all")
    assert len(answer.json()) == 1
    told = json.dumps(answer.json())
    assert [value for value in SECRETS.values() if f'"{value}"' in told or f"[{value}]" in told] == []


def test_a_visible_object_tells_of_its_series_and_study(search, alone):
    (found,) = search("series", includefield="all").json()
    assert found["0008103E"]["Value"] == ["Open series"]
    assert found["00200011"]["Value"] == [5]
    assert found["00100010"]["Value"] == [{"Alphabetic": "Open^Jane", "Ideographic": "Kanji^J"}]
    assert found["00081030"]["Value"] == ["Open study"]
    (study,) = search("studies", includefield="all").json()
    assert study["00100020"]["Value"] == ["OPEN-1"]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_found_by_a_value_of_a_withheld_object(search, alone, path):
    asked = OF_STUDY if path == "studies" else (*OF_STUDY, *OF_SERIES)
    found = {keyword: len(search(path, **{keyword: str(SECRETS[keyword])}).json()) for keyword in asked}
    assert found == dict.fromkeys(asked, 0)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_found_by_what_something_visible_says(search, alone, path):
    asked = OF_STUDY if path == "studies" else (*OF_STUDY, *OF_SERIES)
    found = {keyword: len(search(path, **{keyword: str(OPEN[keyword]).split("=")[0]}).json()) for keyword in asked}
    assert found == dict.fromkeys(asked, 1)


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"SeriesDescription": "Open*"}, 1),
        ({"PatientName": "open*"}, 1),
        ({"ReferringPhysicianName": "*REFERRER"}, 1),
        ({"StudyDate": "20260101-20261231"}, 1),
        ({"StudyDate": "-19991231"}, 0),
        ({"SeriesTime": "1012-1013"}, 1),
        ({"SeriesNumber": "005"}, 1),
        ({"Modality": "SEG", "SeriesDescription": "Open series", "StudyID": "OPEN"}, 1),
        ({"SeriesDescription": "Open series", "StudyID": "WITHHELD"}, 0),
    ],
)
def test_values_of_visible_objects_are_matched_like_others(search, alone, parameters, count):
    assert len(search("series", **parameters).json()) == count


def test_the_modality_of_a_withheld_object_does_not_become_that_of_images_in_its_series(search, post, registered):
    registered()
    assert post(to_bytes(saying(SECRETS, "hidden"))).refusal is None
    image = ct_series(slices=1, rows=16, columns=16, series_uid=uid("shared", "series"))[0]
    assert post(to_bytes(image)).refusal is None
    for path in PATHS:
        answer = search(path, includefield="all")
        assert len(answer.json()) == 1
        assert "WITHHELD" not in answer.content.decode()
        assert "SEG" not in answer.content.decode()
    assert search("studies", ModalitiesInStudy="SEG").json() == []
    assert search("series", Modality="SEG").json() == []
    assert len(search("series", Modality="CT", SeriesDescription=image.SeriesDescription).json()) == 1
