"""A radiologist judges an overlay in a real browser while its images lie in a real archive, also when that goes away."""

import io
import os
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from PIL import Image

from overlays.management.demo.objects import LIVER_MAKER, SECOND, Objects
from tests.benchmarks.orthanc import running_orthanc
from tests.journeys.server import Server, running_server
from tests.journeys.steps import release_model, stow
from tests.journeys.test_browser_review import FLAGS, NO_TEXT, PATIENCE
from tests.real_parts import require

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]


@dataclass(frozen=True)
class Scene:
    """A registry with one segmentation of images that lie in an archive, which can be stopped."""

    server: Server
    archive: ExitStack


@pytest.fixture
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The demonstration's images in Orthanc, and its segmentation posted."""
    require("Orthanc")
    objects = Objects()
    with ExitStack() as archive:
        origin = archive.enter_context(running_orthanc(tmp_path_factory.mktemp("orthanc")))
        for _, image in objects.images():
            urllib.request.urlopen(f"{origin}/instances", image).close()
        settings = {"SOURCE_STORE": "archive", "SOURCE_DICOMWEB_URL": f"{origin}/dicom-web", "LOG_LEVEL": "ERROR"}
        with running_server(tmp_path_factory.mktemp("site"), settings=settings) as server:
            steward = server.session(server.person_token("sam"))
            release_model(steward, server, name="LiverSeg", version="2.1.0", manufacturer=LIVER_MAKER)
            posted = stow(server.session(server.client_token()), server, objects.result(SECOND))
            assert posted.status_code in (200, 202), posted.text
            yield Scene(server, archive)


@pytest.fixture
def page(scene: Scene) -> Iterator:
    """A page of the signed-in radiologist."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require("chromium"), args=FLAGS)
        page = chromium.new_context(viewport={"width": 1400, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{scene.server.origin}/login/?next=/admin/overlays/overlayversion/")
        page.fill("#id_username", "robin")
        page.fill("#id_password", scene.server.password)
        page.click("button[type=submit]")
        page.wait_for_selector("#result_list")
        yield page
        chromium.close()


def _greys(page) -> int:
    """How many different greys the stage shows: dark ground has one, an image many."""
    picture = Image.open(io.BytesIO(page.locator("#layers").screenshot(style=NO_TEXT))).convert("RGB")
    return len({red for red, green, blue in picture.get_flattened_data() if red == green == blue})


def _keep(page, name: str) -> None:
    """A picture of the page where one is asked for, for people to look at."""
    if folder := os.environ.get("OVERLAYS_PICTURES_FOLDER"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_images_of_the_archive_are_paged_through_and_missed_aloud(page, scene: Scene) -> None:
    _keep(page, "worklist")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage[data-shown]")
    assert _greys(page) > 30
    _keep(page, "wide")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#stage").scroll_into_view_if_needed()
    _keep(page, "narrow")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size({"width": 1400, "height": 900})
    scene.archive.close()
    page.focus("#stage")
    page.keyboard.press("Home")
    page.wait_for_function(
        "document.getElementById('state').textContent.includes('The archive cannot be reached.')", timeout=20_000
    )
    assert page.inner_text("#state").startswith("Slice 1 could not be drawn.")
    _keep(page, "away")
