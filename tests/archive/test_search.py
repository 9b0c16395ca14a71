"""Searches answer with the archive's images and the registry's results together, and never with what nobody has ruled on."""

import pytest

from overlays.archive.holdings import HOLDINGS
from overlays.models import OverlayVersion
from tests.archive.double import Answer, holding, told
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

STUDY, SERIES, INSTANCE, MODALITY = "0020000D", "0020000E", "00080018", "00080060"
MODALITIES, SERIES_COUNT, COUNT, IN_SERIES = "00080061", "00201206", "00201208", "00201209"


@pytest.fixture(autouse=True)
def nothing_known():
    HOLDINGS.clear()


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def overlay(images):
    return segmentation(sources=images)


@pytest.fixture
def search(client_of, clinician):
    """Searches as the clinician, and gives the results."""

    def ask(path: str, actor=clinician, **query) -> list[dict]:
        answer = client_of(actor).get(f"/dicom-web/{path}", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def values(element, tag):
    return element[tag].get("Value", [])


def uids(found, tag):
    return [values(each, tag)[0] for each in found]


@pytest.fixture
def accepted(post, registered, overlay):
    """The overlay is registered and accepted."""
    registered()
    assert post(to_bytes(overlay)).refusal is None
    OverlayVersion.objects.update(review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2")


@pytest.mark.real
class TestWithOrthanc:
    """Against a real archive."""

    @pytest.fixture(autouse=True)
    def stored(self, orthanc, images, overlay):
        orthanc.store(*images, overlay)

    def test_a_study_is_counted_without_what_nobody_ruled_on(self, search, images):
        (study,) = search("studies")
        assert values(study, STUDY) == [images[0].StudyInstanceUID]
        assert (values(study, MODALITIES), values(study, COUNT), values(study, SERIES_COUNT)) == (["CT"], [2], [1])

    def test_a_registered_overlay_is_counted_once_accepted(self, search, accepted):
        (study,) = search("studies")
        assert (values(study, MODALITIES), values(study, COUNT), values(study, SERIES_COUNT)) == (
            ["CT", "SEG"],
            [3],
            [2],
        )

    def test_a_pending_one_is_not_counted_though_the_archive_has_it(self, search, accepted):
        OverlayVersion.objects.update(review_state="pending")
        (study,) = search("studies")
        assert values(study, MODALITIES) == ["CT"]

    def test_series_of_the_study(self, search, accepted, images, overlay):
        found = search(f"studies/{images[0].StudyInstanceUID}/series")
        assert sorted(uids(found, MODALITY)) == ["CT", "SEG"]
        assert {values(each, MODALITY)[0]: values(each, IN_SERIES) for each in found} == {"CT": [2], "SEG": [1]}

    def test_instances_of_the_study(self, search, images):
        found = search(f"studies/{images[0].StudyInstanceUID}/instances")
        assert uids(found, INSTANCE) == [image.SOPInstanceUID for image in images]

    def test_a_study_is_not_found_by_the_modality_of_what_is_withheld(self, search):
        assert search("studies", ModalitiesInStudy="SEG") == []

    def test_it_is_found_by_the_modality_of_what_is_accepted(self, search, accepted):
        assert len(search("studies", ModalitiesInStudy="SEG")) == 1

    @pytest.mark.parametrize("key", ["PatientID=*", "PatientName=*", "ModalitiesInStudy=CT&StudyDescription=*"])
    def test_a_study_is_found_by_a_wild_card(self, search, key):
        assert len(search(f"studies?{key}")) == 1

    def test_addresses_lead_to_the_registry(self, search, images):
        (series,) = search("series", StudyInstanceUID=images[0].StudyInstanceUID)
        assert values(series, "00081190")[0].startswith("http://127.0.0.1:8000/dicom-web/studies/")

    def test_a_kind_that_passes_by_setting_is_found(self, search, settings, images):
        settings.OVERLAYS_ARCHIVE_PASSES = frozenset({"SEG"})
        assert len(search(f"studies/{images[0].StudyInstanceUID}/instances")) == 3

    def test_a_kind_that_passes_is_governed_all_the_same_once_registered(self, search, settings, accepted, images):
        settings.OVERLAYS_ARCHIVE_PASSES = frozenset({"SEG"})
        OverlayVersion.objects.update(review_state="rejected")
        assert len(search(f"studies/{images[0].StudyInstanceUID}/instances")) == 2

    def test_a_narrowed_token_finds_its_study_alone(self, search, orthanc, clinician, narrowed_to, images):
        others = ct_series(slices=1, rows=16, columns=16, uid_seed="other")
        orthanc.store(*others)
        assert len(search("studies")) == 2
        own = narrowed_to(clinician, images[0].StudyInstanceUID)
        assert uids(search("studies", own), STUDY) == [images[0].StudyInstanceUID]
        for path in ("series", "instances"):
            assert set(uids(search(path, own), STUDY)) == {images[0].StudyInstanceUID}
        assert search(f"studies/{others[0].StudyInstanceUID}/series", own) == []

    def test_pages_follow_on_one_another(self, search, images, orthanc):
        for number in range(5):
            orthanc.store(*ct_series(slices=1, rows=16, columns=16, uid_seed=f"study {number}"))
        whole = uids(search("studies"), STUDY)
        assert len(set(whole)) == 6
        assert [
            uid for offset in range(0, 6, 2) for uid in uids(search("studies", limit=2, offset=offset), STUDY)
        ] == whole

    def test_a_page_tells_that_there_is_more(self, client_of, clinician, images):
        answer = client_of(clinician).get(f"/dicom-web/studies/{images[0].StudyInstanceUID}/instances?limit=1")
        assert "additional results" in answer["Warning"]


def test_a_study_of_which_nothing_may_be_seen_is_not_there(double, search, overlay):
    double.answers = holding(overlay)
    assert search("studies") == []
    assert search(f"studies/{overlay.StudyInstanceUID}/series") == []
    assert search("instances") == []


def test_what_an_archive_adds_of_its_own_does_not_pass(double, search, images):
    images[0].add_new(0x00080062, "UI", "1.2.840.10008.5.1.4.1.1.66.4")
    double.answers = holding(images[0])
    for path in ("studies", "series", "instances"):
        (found,) = search(path)
        assert "00080062" not in found


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", "500 Oops"),
        Answer(b"{not json"),
        Answer(b"<html>", headers={"Content-Type": "text/html"}),
        told([{STUDY: {"vr": "UI", "Value": ["9.9"]}, INSTANCE: {"vr": "UI", "Value": ["9.9.1"]}}]),
    ],
    ids=["500", "garbage", "html", "another study"],
)
def test_without_the_archive_what_is_derived_is_answered_with_a_warning(
    double, client_of, clinician, images, overlay, accepted_here, answer
):
    accepted_here()
    double.answers = lambda asked: answer
    found = client_of(clinician).get(f"/dicom-web/studies/{overlay.StudyInstanceUID}/instances")
    assert uids(found.json(), INSTANCE) == [overlay.SOPInstanceUID]
    assert "The archive does not answer" in found["Warning"]


@pytest.fixture
def accepted_here(double, post, registered, images, overlay):
    def accept():
        double.answers = holding(*images)
        registered()
        assert post(to_bytes(overlay)).refusal is None
        OverlayVersion.objects.update(review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2")

    return accept


def test_the_viewers_token_goes_to_the_archive_only_where_that_is_set(double, client_of, clinician, settings):
    double.answers = lambda asked: told([])
    settings.OVERLAYS_ARCHIVE_CREDENTIALS = {"kind": "bearer", "token": "of-the-registry"}
    for forward in (False, True):
        settings.OVERLAYS_ARCHIVE_FORWARD_TOKEN = forward
        client_of(clinician).get("/dicom-web/studies", headers={"Authorization": "Bearer of-the-viewer"})
    assert [asked.headers["authorization"] for asked in double.asked] == [
        "Bearer of-the-registry",
        "Bearer of-the-viewer",
    ]


def test_ten_thousand_series_are_merged_within_bounds(double, search, images, monkeypatch):
    monkeypatch.setattr("overlays.dicomweb.archive_search.MOST_RESULTS", 50)

    def answers(asked):
        offset = int(dict(asked.query)["offset"])
        return told([{SERIES: {"vr": "UI", "Value": [f"1.2.{offset + n}"]}} for n in range(1000)])

    double.answers = answers
    study = images[0].StudyInstanceUID
    assert search(f"studies/{study}/series") == []
    assert len(double.asked) < 200


def test_images_of_the_archive_are_not_searched_by_items_and_that_is_told(double, images, client_of, clinician):
    double.answers = holding(*images)
    answer = client_of(clinician).get("/dicom-web/instances", {"ConceptNameCodeSequence.CodeValue": "1"})
    assert (answer.status_code, answer.json(), double.asked) == (200, [], [])
    assert "not searched by what is in sequences" in answer["Warning"]
