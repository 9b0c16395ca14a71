"""The proxy is told where an image is in the archive, and with which credentials; nobody else is told anything."""

import pytest
from django.test import Client

from overlays.archive.holdings import HOLDINGS
from overlays.models import AuditEntry, OverlayVersion
from tests.archive.double import Answer, holding
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

SECRET = "s" * 32
FRAMES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


@pytest.fixture(autouse=True)
def configured(settings):
    HOLDINGS.clear()
    settings.OVERLAYS_PROXY_SECRET = SECRET
    settings.OVERLAYS_ARCHIVE_CREDENTIALS = {"kind": "basic", "username": "registry", "password": "hush"}


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def overlay(images):
    return segmentation(sources=images)


@pytest.fixture
def archive(double, images, overlay):
    double.answers = holding(*images, overlay)
    return double


@pytest.fixture
def ask(client_of, clinician):
    """The proxy's sub-request for a viewer of the clinician."""

    def send(uri: str, *, method: str = "GET", actor=clinician, secret: str = SECRET, **headers):
        told = {"X-Proxy-Secret": secret, "X-Original-Method": method, "X-Original-URI": uri, "Accept": FRAMES}
        return client_of(actor).get("/proxy/image", headers=told | headers)

    return send


def below(data_set, mount: str = "/dicom-web") -> str:
    return (
        f"{mount}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
        f"/instances/{data_set.SOPInstanceUID}"
    )


@pytest.mark.parametrize("suffix", ["", "/frames/1", "/frames/1,2,3"])
def test_an_image_goes_straight_with_the_archives_own_credentials(ask, archive, images, suffix):
    answer = ask(below(images[0]) + suffix)
    assert answer.status_code == 204
    assert answer["X-Archive-Path"] == (below(images[0]) + suffix).removeprefix("/")
    assert answer["X-Archive-Authorization"] == "Basic cmVnaXN0cnk6aHVzaA=="


def test_an_archive_without_credentials_is_shown_none(ask, archive, images, settings):
    settings.OVERLAYS_ARCHIVE_CREDENTIALS = {}
    answer = ask(below(images[0]))
    assert (answer.status_code, answer.get("X-Archive-Authorization")) == (204, None)


def test_the_viewers_own_token_goes_on_where_it_is_to_be_forwarded(ask, archive, images, settings):
    settings.OVERLAYS_ARCHIVE_FORWARD_TOKEN = True
    answer = ask(below(images[0]), Authorization="Bearer of-the-viewer")
    assert answer["X-Archive-Authorization"] == "Bearer of-the-viewer"


def test_an_image_leaves_no_audit_entry_as_on_the_way_through_the_registry(ask, archive, images, client_of, clinician):
    assert ask(below(images[0])).status_code == 204
    assert client_of(clinician).get(below(images[0]) + "/metadata").status_code in (200, 502)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("given", ["", "S" * 32, "s" * 31, "s" * 33, "é" * 32])
def test_without_the_secret_there_is_no_such_address(ask, archive, images, given):
    assert ask(below(images[0]), secret=given).status_code == 404


def test_without_the_setting_there_is_no_such_address(ask, archive, images, settings):
    settings.OVERLAYS_PROXY_SECRET = ""
    assert ask(below(images[0]), secret="").status_code == 404


def test_a_stranger_is_told_what_is_told_of_an_address_that_there_is_not():
    answers = [Client().get(path) for path in ("/proxy/image", "/proxy/images")]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content
    assert {name for name, _ in answers[0].items()} == {name for name, _ in answers[1].items()}


def test_nothing_is_told_without_a_token(archive, images):
    told = {"X-Proxy-Secret": SECRET, "X-Original-Method": "GET", "X-Original-URI": below(images[0])}
    assert Client().get("/proxy/image", headers=told).status_code == 401


def is_refused(answer) -> bool:
    """By any status but 2xx, and without a word on the archive."""
    return answer.status_code in (400, 403) and not [name for name, _ in answer.items() if name.startswith("X-Archive")]


@pytest.mark.parametrize("suffix", ["", "/frames/1"])
def test_what_nobody_ruled_on_does_not_go_straight(ask, archive, overlay, suffix):
    assert is_refused(ask(below(overlay) + suffix))


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_what_is_registered_is_the_registrys_whatever_passes(ask, archive, overlay, post, registered, settings, state):
    registered()
    assert post(to_bytes(overlay)).refusal is None
    OverlayVersion.objects.update(review_state=state, reviewed_by="R. Lee", reviewer_key="user:2")
    settings.OVERLAYS_ARCHIVE_PASSES = frozenset({"SEG"})
    assert is_refused(ask(below(overlay)))


def test_a_kind_that_passes_goes_straight(ask, archive, overlay, settings):
    settings.OVERLAYS_ARCHIVE_PASSES = frozenset({"SEG"})
    assert ask(below(overlay)).status_code == 204


def test_a_narrowed_token_opens_its_own_study_alone(ask, archive, images, clinician, narrowed_to):
    assert is_refused(ask(below(images[0]), actor=narrowed_to(clinician, "1.2.3")))
    assert ask(below(images[0]), actor=narrowed_to(clinician, images[0].StudyInstanceUID)).status_code == 204


def test_the_review_mount_is_for_reviewers(ask, archive, images, radiologist):
    path = below(images[0], "/review/dicom-web")
    assert is_refused(ask(path))
    assert ask(path, actor=radiologist)["X-Archive-Path"] == below(images[0]).removeprefix("/")


def test_who_may_not_retrieve_gets_nothing(ask, archive, images, pipeline):
    assert is_refused(ask(below(images[0]), actor=pipeline))


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", ""])
def test_reading_alone_goes_straight(ask, archive, images, method):
    assert is_refused(ask(below(images[0]), method=method))


@pytest.mark.parametrize("suffix", ["/metadata", "/rendered", "/thumbnail", "/frames/1/rendered", "/bulkdata/7FE00010"])
def test_what_has_to_be_made_or_looked_up_is_the_registrys(ask, archive, images, suffix):
    assert is_refused(ask(below(images[0]) + suffix))


def test_whole_series_and_studies_are_the_registrys(ask, archive, images):
    path = below(images[0])
    for address in (path.split("/instances")[0], path.split("/series")[0], "/dicom-web/studies", "/api/v1/models"):
        assert is_refused(ask(address))


def bent(path: str, other: str) -> list[str]:
    """Addresses that a server which decodes or normalises could take for another one."""
    return [
        path.replace("/instances/", "/instances//"),
        "/" + path,
        path + "/",
        path + "/.",
        path + "/..",
        path + f"/../{other}",
        path + f"/..%2f{other}",
        path + f"/%2e%2e/{other}",
        path.replace("/instances/", "%2Finstances%2F"),
        path.replace("/instances/", "/%69nstances/"),
        path + "%00",
        path + "%0d%0aX-A:b",
        path + ";a=b",
        path + "?accept=x",
        path + "?",
        path + "#fragment",
        path + "\\..\\" + other,
        path + "/frames/0",
        path + "/frames/1,",
        path + "/frames/01",
        path + "/frames/1-3",
        path + "/frames/1%2C2",
        path + "/frames/1/../../" + other,
        path.replace("/series/", "/series/../series/"),
        path.upper(),
        "http://other.example" + path,
        path.removeprefix("/"),
        path.replace("/dicom-web/", "/dicom-web/../review/dicom-web/"),
        "",
        path + "/frames/" + ",".join(["1"] * 4096),
    ]


@pytest.mark.parametrize("number", range(len(bent("", ""))))
def test_an_address_that_could_be_read_in_two_ways_is_the_registrys(ask, archive, images, number):
    uri = bent(below(images[0]), images[1].SOPInstanceUID)[number]
    assert is_refused(ask(uri))


@pytest.mark.parametrize("series", [True, False])
def test_an_image_is_found_in_its_own_place_alone(ask, archive, images, series):
    uid = images[0].SeriesInstanceUID if series else images[0].StudyInstanceUID
    assert is_refused(ask(below(images[0]).replace(uid, "1.2.3")))


@pytest.mark.parametrize("accept", ["text/html", "application/dicom+json", "image/jpeg, */*", "nonsense"])
def test_forms_that_an_archive_may_word_in_its_own_way_are_the_registrys(ask, archive, images, accept):
    assert is_refused(ask(below(images[0]), Accept=accept))


def test_with_embedded_sources_nothing_goes_straight(ask, archive, images, settings):
    settings.OVERLAYS_SOURCE_STORE = "embedded"
    assert is_refused(ask(below(images[0])))


def test_an_archive_that_fails_opens_nothing(ask, double, images):
    double.answers = lambda asked: Answer(b"", "500 Oops")
    answer = ask(below(images[0]))
    assert (answer.status_code, answer.get("X-Archive-Path")) == (502, None)
