"""A radiologist judges an overlay in a real browser, against a real server with the demonstration's data."""

import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.real_parts import require

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 120_000
"""Milliseconds: the machine of a build may be busy with other things."""


NO_TEXT = ".ov-burn, .ov-veiled::after { visibility: hidden !important; }"
"""For pictures in which colour is overlay: the label over the image is yellow."""


@dataclass(frozen=True)
class Site:
    """A running registry: where it is and keeps its data, the password of its demonstration's people, the secret of its pipeline."""

    origin: str
    password: str
    folder: Path
    pipeline_secret: str


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(origin: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{origin}/readyz", timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"{origin} did not become ready")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The registry under gunicorn, with a folder, a database and a port of its own."""
    require("chromium")
    folder = tmp_path_factory.mktemp("site")
    origin = f"http://127.0.0.1:{_free_port()}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "SITE_URL": origin,
        "LOG_LEVEL": "ERROR",
    }

    def manage(*words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=PROJECT, env=environment, check=True)

    manage("migrate", "--verbosity", "0")
    manage("ensure_signing_key")
    manage("load_demo", "--quiet")
    logins = dict(line.split("=", 1) for line in (folder / "demo-logins").read_text().splitlines() if "=" in line)
    address = origin.removeprefix("http://")
    command = [sys.executable, "-m", "gunicorn", "registry.wsgi", "--bind", address, "--threads", "4"]
    server = subprocess.Popen([*command, "--no-control-socket"], cwd=PROJECT, env=environment)
    try:
        _wait_until_ready(origin, server)
        yield Site(origin, logins["DEMO_PASSWORD"], folder, logins["PIPELINE_SECRET"])
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(site: Site, browser) -> Iterator:
    """A page of the signed-in radiologist; at its end no script has failed and nothing foreign was asked for."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults, foreign = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("request", lambda request: foreign.append(request.url) if not _is_ours(request.url, site) else None)
    page.goto(f"{site.origin}/login/?next=/admin/overlays/overlayversion/")
    page.fill("#id_username", "robin")
    page.fill("#id_password", site.password)
    page.click("button[type=submit]")
    page.wait_for_selector("#result_list")
    yield page
    context.close()
    assert (faults, foreign) == ([], [])


def _is_ours(address: str, site: Site) -> bool:
    return address.startswith((site.origin, "data:", "blob:"))


def _open(page, model: str) -> None:
    """From the worklist, by keys: j to the row of the model, Enter."""
    rows = page.locator("#result_list tr.data-row")
    texts = rows.all_inner_texts()
    for _ in range(next(number for number, text in enumerate(texts, start=1) if model in text)):
        page.keyboard.press("j")
    assert model in page.locator("tr.ov-row-chosen").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage[data-shown]")


def _shown(page) -> int:
    return int(page.get_attribute("#stage", "data-shown"))


def _coloured(page) -> float:
    """The share of the stage's pixels that are coloured; the images themselves are grey."""
    picture = Image.open(io.BytesIO(page.locator("#layers").screenshot(style=NO_TEXT))).convert("HSV")
    saturated = sum(picture.getchannel("S").histogram()[80:])
    return saturated / (picture.width * picture.height)


def test_a_radiologist_looks_accepts_and_thinks_better_of_it(page) -> None:
    _open(page, "OrganSeg 1.4.0")
    page.wait_for_function("document.querySelectorAll('#strip rect').length > 60")
    assert "AI · OrganSeg 1.4.0 · not reviewed" in page.inner_text("#stage")
    first = _shown(page)

    page.keyboard.press("ArrowDown")
    page.wait_for_selector(f'#stage[data-shown="{first + 1}"]')
    drawn = _coloured(page)
    page.keyboard.press("h")
    page.wait_for_timeout(300)
    veiled = _coloured(page)
    page.keyboard.press("h")
    for key in ("1", "2", "3"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    without_segments = _coloured(page)
    assert drawn > 0.005
    assert veiled == without_segments == 0

    page.keyboard.press("a")
    page.fill("#accept-comment", "Kidneys and spleen are right.")
    page.click("text=Accept version 1")
    page.wait_for_selector("text=Version 1 is accepted.")
    assert "Clinic: Shown" in page.inner_text(".ov-head")

    page.wait_for_selector("#stage[data-shown]")
    page.keyboard.press("r")
    page.select_option("#reject-reason", "BOUNDARY")
    page.click("text=Reject version 1")
    page.wait_for_selector("text=Version 1 is rejected.")
    assert "Clinic: Withheld" in page.inner_text(".ov-head")
    assert "Boundary is wrong" in page.inner_text(".ov-review")


def test_the_wheel_pages_and_the_slice_is_told(page) -> None:
    _open(page, "LiverSeg 2.2.0")
    first = _shown(page)

    page.hover("#stage")
    page.mouse.wheel(0, 100)
    page.wait_for_selector(f'#stage[data-shown="{first + 1}"]')

    assert page.inner_text("#position") == f"{first + 1} / 64"


def test_a_phone_shows_list_and_review_without_scrolling_sideways(page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.origin}/admin/overlays/overlayversion/?state=all")
    page.click("#result_list >> text=Phantom, Demo >> nth=1")
    page.wait_for_selector("#stage[data-shown]")

    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    assert re.search(r"^AI · ", page.inner_text("#stage"))
