"""OPTIONS: what the registry says that it can do, and what browsers of other origins may do."""

from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import get_resolver

from overlays.dicomweb import urls
from overlays.dicomweb.capabilities import NAMESPACE, TRANSACTIONS, WADL

pytestmark = pytest.mark.django_db

IN = {"w": NAMESPACE}
VIEWER = "https://viewer.example"
PREFLIGHT = {
    "Origin": VIEWER,
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization,range,if-none-match",
}


@pytest.fixture
def described(called, clinician) -> ElementTree.Element:
    answer = called(clinician).options("/dicom-web/", headers={"accept": WADL})
    assert (answer.status_code, answer["Content-Type"]) == (200, WADL)
    return ElementTree.fromstring(answer.content)


def walked(element: ElementTree.Element, above: str = "") -> dict[tuple[str, str], str]:
    """Address and method to the name of the transaction."""
    found = {(above, method.get("name")): method.get("id") for method in element.findall("w:method", IN)}
    for below in element.findall("w:resource", IN):
        found |= walked(below, f"{above}/{below.get('path')}".lstrip("/"))
    return found


def test_every_address_and_method_is_described(described):
    (resources,) = described.findall("w:resources", IN)
    assert resources.get("base").endswith("/dicom-web/")
    served = {
        (str(pattern.pattern).replace("<str:", "{").replace(">", "}"), method.upper())
        for pattern in urls.urlpatterns
        for method in ("get", "post")
        if hasattr(pattern.callback.cls, method)
    }
    assert walked(resources).keys() == served


def test_no_name_stands_for_two_transactions():
    assert len(set(TRANSACTIONS.values())) == len(TRANSACTIONS)


def test_the_review_mount_describes_itself(called, radiologist):
    answer = called(radiologist).options("/review/dicom-web/")
    assert b'/review/dicom-web/"' in answer.content


def test_capabilities_in_another_form_are_refused(called, clinician):
    assert called(clinician).options("/dicom-web/", headers={"accept": "text/html"}).status_code == 406


def test_a_pipeline_may_ask_what_there_is(called, pipeline):
    assert called(pipeline).options("/dicom-web/").status_code == 200


def test_a_stranger_is_told_nothing():
    assert Client().options("/dicom-web/").status_code == 401
    assert Client().options("/dicom-web/studies/1.2.3").status_code == 401


def test_an_address_tells_its_methods(called, clinician):
    answer = called(clinician).options("/dicom-web/studies/1.2.3")
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_the_base_address_has_nothing_to_get(called, clinician):
    assert called(clinician).get("/dicom-web/").status_code == 405


def test_a_browser_asks_before_a_call_without_a_token(settings):
    settings.CORS_ALLOWED_ORIGINS = [VIEWER]
    answer = Client().options("/dicom-web/studies/1.2.3", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == VIEWER
    allowed = set(answer["Access-Control-Allow-Headers"].split(", "))
    assert allowed >= {"accept", "authorization", "content-type", "range", "if-none-match"}
    assert "Access-Control-Allow-Credentials" not in answer


def test_a_viewer_of_another_origin_reads_the_headers_it_needs(settings, called, clinician, scene):
    settings.CORS_ALLOWED_ORIGINS = [VIEWER]
    answer = called(clinician).get("/dicom-web/studies", headers={"origin": VIEWER})
    assert set(answer["Access-Control-Expose-Headers"].split(", ")) >= {
        "ETag",
        "Warning",
        "Content-Location",
        "Content-Range",
    }


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://viewer.example.evil"])
def test_no_other_origin_is_let_in(settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [VIEWER]
    assert "Access-Control-Allow-Origin" not in Client().options(
        "/dicom-web/studies", headers=PREFLIGHT | {"Origin": origin}
    )


def test_without_the_setting_no_origin_is_let_in():
    assert "Access-Control-Allow-Origin" not in Client().options("/dicom-web/studies", headers=PREFLIGHT)


def test_both_mounts_describe_themselves():
    mounted = [entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "dicomweb"]
    assert len(mounted) == 2
    assert all(any(pattern.name == "capabilities" for pattern in entry.url_patterns) for entry in mounted)
