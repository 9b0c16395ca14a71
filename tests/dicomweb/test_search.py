"""QIDO-RS: what is found, counted and told, and in how many queries."""

import pytest

from tests.builders import ct_series, segmentation, to_bytes, uid
from tests.dicomweb.conftest import SITE, snapshot

pytestmark = pytest.mark.django_db

LEVELS = ("studies", "series", "instances")


@pytest.fixture
def search(called, clinician):
    """Searches, as the clinician unless told otherwise."""

    def ask(path: str, actor=clinician, mount: str = "/dicom-web", **parameters):
        return called(actor).get(f"{mount}/{path}", parameters)

    return ask


def values(answer, tag: str) -> list:
    return [found[tag].get("Value") for found in answer.json()]


def first(answer, tag: str) -> list:
    return [value[0] if value else None for value in values(answer, tag)]


def add_study(post, seed: str, **options):
    (image,) = ct_series(uid_seed=seed, slices=1, rows=16, columns=16, **options)
    assert post(to_bytes(image)).refusal is None
    return image


def test_nothing_found_is_an_empty_list(search):
    for level in LEVELS:
        answer = search(level)
        assert (answer.status_code, answer["Content-Type"], answer.json()) == (200, "application/dicom+json", [])


def test_a_study_shows_what_viewers_list(search, scene):
    (found,) = search("studies").json()
    assert found["0020000D"]["Value"] == [scene.study]
    assert found["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}
    assert found["00100020"]["Value"] == ["PAT-1"]
    assert found["00080020"]["Value"] == ["20260102"]
    assert found["00080050"]["Value"] == ["ACC-1"]
    assert found["00081030"]["Value"] == ["Abdomen"]
    assert found["00080090"] == {"vr": "PN"}
    assert found["00081190"]["Value"] == [f"{SITE}/dicom-web/studies/{scene.study}"]


def test_a_withheld_overlay_is_not_counted(search, scene):
    (found,) = search("studies").json()
    assert found["00080061"]["Value"] == ["CT"]
    assert found["00201206"]["Value"] == [1]
    assert found["00201208"]["Value"] == [2]


def test_a_permitted_overlay_is_counted(search, scene):
    scene.accept()
    (found,) = search("studies").json()
    assert found["00080061"]["Value"] == ["CT", "SEG"]
    assert found["00201206"]["Value"] == [2]
    assert found["00201208"]["Value"] == [3]


def test_a_withheld_overlay_has_no_series(search, scene):
    assert first(search(f"studies/{scene.study}/series"), "00080060") == ["CT"]
    assert first(search("series"), "00080060") == ["CT"]


def test_a_permitted_overlay_has_a_series_with_its_count(search, scene):
    scene.accept()
    answer = search(f"studies/{scene.study}/series")
    assert sorted(zip(first(answer, "00080060"), first(answer, "00201209"), strict=True)) == [("CT", 2), ("SEG", 1)]


def test_a_series_of_which_one_version_is_withheld_counts_the_other(search, scene, post):
    other = segmentation(sources=scene.images, uid_seed="second", series_uid=scene.overlay.SeriesInstanceUID)
    assert post(to_bytes(other)).refusal is None
    scene.accept()
    answer = search(f"studies/{scene.study}/series", Modality="SEG")
    assert first(answer, "00201209") == [1]
    path = f"studies/{scene.study}/series/{scene.overlay.SeriesInstanceUID}/instances"
    assert first(search(path), "00080018") == [scene.overlay.SOPInstanceUID]


def test_series_of_all_studies_come_with_their_study(search, scene):
    (found,) = search("series").json()
    assert found["00100020"]["Value"] == ["PAT-1"]
    assert found["00201208"]["Value"] == [2]


def test_instances_come_in_order_with_their_size(search, scene):
    answer = search(f"studies/{scene.study}/series/{scene.images[0].SeriesInstanceUID}/instances")
    assert first(answer, "00080018") == [image.SOPInstanceUID for image in scene.images]
    assert first(answer, "00280010") == [16, 16]
    assert first(answer, "00080016") == [scene.images[0].SOPClassUID] * 2


def test_instances_of_all_kinds_are_found_together(search, scene):
    scene.accept()
    uids = {image.SOPInstanceUID for image in scene.images} | {scene.overlay.SOPInstanceUID}
    for path in ("instances", f"studies/{scene.study}/instances"):
        assert set(first(search(path), "00080018")) == uids


def test_a_study_with_nothing_but_a_withheld_overlay_does_not_exist(search, post, registered):
    registered()
    alone = segmentation()
    assert post(to_bytes(alone)).refusal is None
    for path in (*LEVELS, f"studies/{alone.StudyInstanceUID}/series", f"studies/{alone.StudyInstanceUID}/instances"):
        assert search(path).json() == []


def test_the_review_purpose_finds_what_waits_for_review(search, scene, radiologist):
    answer = search("instances", radiologist, "/review/dicom-web", Modality="SEG")
    assert first(answer, "00080018") == [scene.overlay.SOPInstanceUID]
    assert first(answer, "00081190")[0].startswith(f"{SITE}/review/dicom-web/")


def test_the_review_purpose_is_for_reviewers(search, scene, clinician):
    for level in LEVELS:
        assert search(level, clinician, "/review/dicom-web").status_code == 403


@pytest.mark.parametrize("actor", ["pipeline", "steward", "auditor"])
def test_who_may_not_retrieve_may_not_search(search, actor, request):
    assert search("studies", request.getfixturevalue(actor)).status_code == 403


def test_a_narrowed_grant_finds_its_studies_alone(search, scene, post, narrowed, clinician):
    add_study(post, "other", patient_id="PAT-2")
    scene.accept()
    one = narrowed(clinician, scene.study)
    for level in LEVELS:
        assert set(first(search(level, one), "0020000D")) == {scene.study}
    assert search("studies", narrowed(clinician, uid("nowhere"))).json() == []


@pytest.fixture
def two_studies(post):
    add_study(post, "one", patient_id="PAT-1", patient_name="Doe^Jane")
    return add_study(post, "two", patient_id="PAT-2", patient_name="Roe^100%_\\Rick")


@pytest.mark.parametrize(
    ("parameters", "patients"),
    [
        ({"PatientID": "PAT-1"}, ["PAT-1"]),
        ({"00100020": "PAT-2"}, ["PAT-2"]),
        ({"PatientID": "pat-1"}, []),
        ({"PatientID": "PAT-?"}, ["PAT-1", "PAT-2"]),
        ({"PatientID": "*-2*"}, ["PAT-2"]),
        ({"PatientID": ""}, ["PAT-1", "PAT-2"]),
        ({"PatientName": "*jane*"}, ["PAT-1"]),
        ({"PatientName": "roe^100%_\\rick"}, ["PAT-2"]),
        ({"PatientName": "*%*"}, ["PAT-2"]),
        ({"PatientName": "*_\\*"}, ["PAT-2"]),
        ({"PatientName": "D_e*"}, []),
        ({"AccessionNumber": "ACC*"}, ["PAT-1", "PAT-2"]),
        ({"StudyDescription": "*bdo*"}, ["PAT-1", "PAT-2"]),
        ({"StudyDescription": "Thorax"}, []),
        ({"StudyDate": "20260102"}, ["PAT-1", "PAT-2"]),
        ({"StudyDate": "20260101-20260131"}, ["PAT-1", "PAT-2"]),
        ({"StudyDate": "-20260101"}, []),
        ({"StudyDate": "20260102-"}, ["PAT-1", "PAT-2"]),
        ({"StudyTime": "1000-1015"}, ["PAT-1", "PAT-2"]),
        ({"StudyTime": "-1014"}, []),
        ({"ModalitiesInStudy": "CT"}, ["PAT-1", "PAT-2"]),
        ({"ModalitiesInStudy": "MR,CT"}, ["PAT-1", "PAT-2"]),
        ({"ModalitiesInStudy": "SEG"}, []),
        ({"ModalitiesInStudy": ""}, ["PAT-1", "PAT-2"]),
        ({"StudyInstanceUID": uid("two", "study")}, ["PAT-2"]),
        ({"StudyInstanceUID": [uid("one", "study"), uid("two", "study")]}, ["PAT-1", "PAT-2"]),
        ({"StudyInstanceUID": f"{uid('one', 'study')},{uid('two', 'study')}"}, ["PAT-1", "PAT-2"]),
        ({"StudyInstanceUID": f"{uid('one', 'study')}\\1.2.3"}, ["PAT-1"]),
        ({"PatientID": "PAT-1", "PatientName": "Roe*"}, []),
    ],
)
def test_studies_are_matched(search, two_studies, parameters, patients):
    answer = search("studies", **parameters)
    assert answer.status_code == 200, answer.json()
    assert sorted(first(answer, "00100020")) == patients


@pytest.mark.parametrize(
    ("path", "parameters", "count"),
    [
        ("series", {"Modality": "CT"}, 1),
        ("series", {"Modality": "S*"}, 1),
        ("series", {"SeriesNumber": "2"}, 1),
        ("series", {"SeriesNumber": "3"}, 0),
        ("series", {"SeriesInstanceUID": uid("ct", "series")}, 1),
        ("series", {"SeriesDescription": "*LiverSeg*"}, 1),
        ("series", {"PatientID": "PAT-1"}, 2),
        ("series", {"StudyInstanceUID": "1.2.3"}, 0),
        ("instances", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}, 1),
        ("instances", {"SOPInstanceUID": uid("seg", "instance")}, 1),
        ("instances", {"InstanceNumber": "2"}, 1),
        ("instances", {"InstanceNumber": "1", "Modality": "CT"}, 1),
        ("instances", {"SeriesInstanceUID": uid("ct", "series"), "PatientName": "doe*"}, 2),
    ],
)
def test_series_and_instances_are_matched(search, scene, path, parameters, count):
    scene.accept()
    answer = search(path, **parameters)
    assert answer.status_code == 200, answer.json()
    assert len(answer.json()) == count


def test_a_modality_of_withheld_content_matches_nothing(search, scene):
    assert search("studies", ModalitiesInStudy="SEG").json() == []
    scene.accept()
    assert len(search("studies", ModalitiesInStudy="SEG").json()) == 1


@pytest.mark.parametrize(
    ("path", "parameters", "said"),
    [
        ("studies", {"Nonsense": "1"}, "'Nonsense'"),
        ("studies", {"Modality": "CT"}, "'Modality'"),
        ("series", {"SOPInstanceUID": "1.2"}, "'SOPInstanceUID'"),
        ("series", {"ModalitiesInStudy": "CT"}, "'ModalitiesInStudy'"),
        ("studies", {"00091001": "x"}, "'00091001'"),
        ("studies", {"StudyInstanceUID": "1.2.x"}, "StudyInstanceUID"),
        ("studies", {"StudyDate": "yesterday"}, "StudyDate"),
        ("studies", {"StudyDate": "-"}, "StudyDate"),
        ("studies", {"StudyTime": "25 past"}, "StudyTime"),
        ("series", {"SeriesNumber": "two"}, "SeriesNumber"),
        ("studies", {"PatientID": ["a", "b"]}, "PatientID"),
        ("studies", {"PatientID": "a\x00b"}, "PatientID"),
        ("studies", {"PatientName": "x" * 400}, "PatientName"),
        ("studies", {"limit": "0"}, "limit"),
        ("studies", {"limit": "-1"}, "limit"),
        ("studies", {"limit": "many"}, "limit"),
        ("studies", {"offset": "99999999"}, "offset"),
        ("studies", {"offset": "1.5"}, "offset"),
        ("studies", {"includefield": "Nonsense"}, "Nonsense"),
        ("studies", {"fuzzymatching": "perhaps"}, "fuzzymatching"),
        ("studies", {"StudyInstanceUID": ",".join(["1.2.3"] * 201)}, "StudyInstanceUID"),
        ("studies/1.2.x/series", {}, "1.2.x"),
        ("studies/1.02.3/series", {}, "'1.02.3' is not a UID"),
        ("studies", {"StudyInstanceUID": "1.02.3"}, "'1.02.3'"),
        (f"studies/{'1' * 65}/instances", {}, "study"),
        ("studies/1.2/series/a/instances", {}, "series"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_named(search, path, parameters, said):
    answer = search(path, **parameters)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert said in answer.json()["detail"]


def test_a_page_of_results_tells_that_there_are_more(search, two_studies):
    answer = search("studies", limit="1")
    assert len(answer.json()) == 1
    assert answer["Warning"].startswith(f"299 {SITE}/dicom-web/studies ")
    assert "additional results" in answer["Warning"]


def test_pages_follow_one_another_without_overlap(search, scene):
    scene.accept()
    whole = first(search("instances"), "00080018")
    pages = [first(search("instances", limit="1", offset=str(at)), "00080018")[0] for at in range(3)]
    assert pages == whole
    assert "Warning" not in search("instances", limit="1", offset="2").headers


def test_a_limit_over_the_largest_is_cut_to_it(search, two_studies):
    assert len(search("studies", limit="5000").json()) == 2


def test_fields_can_be_asked_for(search, scene):
    plain = search("studies").json()[0]
    more = search("studies", includefield=["00100021,PatientSex", "00080096"]).json()[0]
    assert "00100021" not in plain
    assert more["00100021"] == {"vr": "LO"}
    assert more["00100040"]["Value"] == ["F"]


def test_all_fields_can_be_asked_for(search, scene):
    (found,) = search("instances", includefield="all", InstanceNumber="1", Modality="CT").json()
    assert found["00281052"]["Value"] == [-1024]
    assert found["00180060"]["Value"] == [120]


def test_viewers_ask_like_this(search, scene):
    fields = {
        "limit": "101",
        "offset": "0",
        "fuzzymatching": "false",
        "includefield": "00081030,00080060,00080090,00100030",
    }
    assert len(search("studies", **fields, StudyInstanceUID=scene.study).json()) == 1
    assert len(search("studies", **fields, **{"00100020": "PAT-1"}).json()) == 1
    answer = search(f"studies/{scene.study}/series", includefield="00080021,00080031,0008103E,00200011")
    assert answer.json()[0]["00080021"]["Value"] == ["20260102"]


@pytest.mark.parametrize("accept", ["application/dicom+json", "application/json", "*/*", "application/*;q=0.5", ""])
def test_a_client_that_takes_json_is_answered(called, clinician, scene, accept):
    assert called(clinician).get("/dicom-web/studies", HTTP_ACCEPT=accept).status_code == 200


@pytest.mark.parametrize(("accept", "status"), [("application/dicom+xml", 406), ("garbage", 400), ("a/b;q=7", 400)])
def test_a_client_that_takes_no_json_is_refused(called, clinician, accept, status):
    assert called(clinician).get("/dicom-web/studies", HTTP_ACCEPT=accept).status_code == status


def test_answers_are_not_reused_without_asking(search):
    answer = search("studies")
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Authorization"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_searching_changes_nothing_and_leaves_no_entry(search, scene, own_store):
    from overlays.models import AuditEntry

    before, entries = snapshot(own_store), AuditEntry.objects.count()
    search("instances")
    assert snapshot(own_store) == before
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("studies", 3),
        ("series", 6),
        ("studies/{study}/series", 6),
        ("instances", 3),
        ("studies/{study}/instances", 3),
        ("studies/{study}/series/{series}/instances", 3),
    ],
)
@pytest.mark.parametrize("more", [0, 6])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    search, scene, post, django_assert_num_queries, path, queries, more
):
    scene.accept()
    for number in range(more):
        add_study(post, f"study {number}")
        image = ct_series(slices=1, rows=16, columns=16, series_uid=uid("further", number), uid_seed="ct")[0]
        assert post(to_bytes(image)).refusal is None
    where = path.format(study=scene.study, series=scene.images[0].SeriesInstanceUID)
    with django_assert_num_queries(queries):
        assert search(where).json()
