"""A radiologist sees in a real browser what a new version changed, also when the answer is late, refused or lost."""

import base64
import json
import re
import urllib.parse
import urllib.request

import pytest
from pydicom import dcmread

from overlays.management.demo.logins import PIPELINE
from tests.journeys.test_browser_review import Site, browser, page, site  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]

FIGURES = "#comparison-figures table"


@pytest.fixture(scope="module")
def newer(site: Site) -> str:  # noqa: F811
    """The SOP Instance UID of a new version of the liver, posted by the demonstration's pipeline."""
    path = site.folder / "demo" / "next-liver.dcm"
    secret = base64.b64encode(f"{PIPELINE}:{site.pipeline_secret}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "overlays.store"}).encode()
    asked = urllib.request.Request(f"{site.origin}/oidc/token", form, {"Authorization": f"Basic {secret}"})
    with urllib.request.urlopen(asked) as answer:
        token = json.load(answer)["access_token"]
    body = b"--demo\r\nContent-Type: application/dicom\r\n\r\n" + path.read_bytes() + b"\r\n--demo--\r\n"
    head = {
        "Authorization": f"Bearer {token}",
        "Content-Type": 'multipart/related; type="application/dicom"; boundary=demo',
    }
    with urllib.request.urlopen(urllib.request.Request(f"{site.origin}/dicom-web/studies", body, head)) as answer:
        assert answer.status in (200, 202)  # stored, or stored with warnings
    return str(dcmread(path, stop_before_pixels=True).SOPInstanceUID)


@pytest.fixture
def opened(page, site: Site, newer: str):  # noqa: F811
    """Opens the review page of the new version."""

    def open_page():
        page.goto(f"{site.origin}/admin/overlays/overlayversion/?state=all&q={newer}")
        page.click("#result_list tr.data-row th a")
        return page

    return open_page


def test_the_change_is_drawn_after_the_page(opened) -> None:
    shown = opened()
    shown.wait_for_selector(FIGURES)
    assert re.match(r"\d segments? differs? from version \d\.", shown.inner_text("#comparison-state"))
    assert re.search(r"Liver\s+0\.\d{3}\s+[\d,]+ ml → [\d,]+ ml", shown.inner_text(FIGURES))
    assert shown.locator(f"{FIGURES} .ov-gauge-fill").first.bounding_box()["width"] > 10


def test_on_a_phone_it_needs_no_scrolling_sideways(opened, page) -> None:  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    shown = opened()
    shown.wait_for_selector(FIGURES)
    assert shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_comparison_that_is_lost_can_be_asked_for_again_by_key(opened, page) -> None:  # noqa: F811
    page.route("**/comparison/*.json", lambda route: route.abort(), times=1)
    shown = opened()
    shown.wait_for_selector("#compare-again:not([hidden])")
    assert shown.inner_text("#comparison-state") == "The comparison did not come."
    shown.focus("#compare-again")
    shown.keyboard.press("Enter")
    shown.wait_for_selector(FIGURES)


def test_one_that_has_to_wait_is_asked_for_again_by_itself(opened, page) -> None:  # noqa: F811
    busy = {"status": 503, "headers": {"Retry-After": "1"}, "json": {"sentence": "Another one is at work."}}
    page.route("**/comparison/*.json", lambda route: route.fulfill(**busy), times=1)
    opened().wait_for_selector(FIGURES)


def test_one_that_is_refused_says_why(opened, page) -> None:  # noqa: F811
    refused = {"status": 409, "json": {"sentence": "The two differ in orientation."}}
    page.route("**/comparison/*.json", lambda route: route.fulfill(**refused))
    shown = opened()
    shown.wait_for_selector("#comparison-state:has-text('orientation')")
    assert shown.is_hidden("#compare-again")
