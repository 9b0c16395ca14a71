"""Opens OHIF in Chromium, before a registry that serves it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from registry.viewer.package import FOLDER, VERSION
from tests.journeys.server import ROOT, Server, free_port, running_server
from tests.real_parts import require, require_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

PATIENCE = 180_000
"""Milliseconds: it is drawn without a graphics card, on a machine that may be busy with other things."""

WIDE, PHONE = (1400, 900), (390, 844)
FLAGS = [
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
]
_NO_TOUR = "try { localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour'])) } catch (e) {}"
_DISPLAY_SETS = """() => services.displaySetService.getActiveDisplaySets().map(each => ({
  modality: each.Modality, series: each.SeriesInstanceUID, instance: each.SOPInstanceUID || null,
  description: each.SeriesDescription || '', images: (each.images || each.instances || []).length }))"""
_ARE_THERE = """series => series.every(uid =>
  services.displaySetService.getActiveDisplaySets().some(each => each.SeriesInstanceUID === uid))"""
_PICTURE = """() => { let all = 0, coloured = 0, lit = 0;
  for (const canvas of document.querySelectorAll('canvas.cornerstone-canvas')) {
    if (!canvas.width) continue;
    const copy = document.createElement('canvas');
    copy.width = 300; copy.height = Math.round(300 * canvas.height / canvas.width);
    const pen = copy.getContext('2d');
    pen.drawImage(canvas, 0, 0, copy.width, copy.height);
    const data = pen.getImageData(0, 0, copy.width, copy.height).data;
    for (let i = 0; i < data.length; i += 4) {
      const low = Math.min(data[i], data[i + 1], data[i + 2]), high = Math.max(data[i], data[i + 1], data[i + 2]);
      all++; if (high - low > 40) coloured++; if (low > 40) lit++; } }
  return all ? { coloured: coloured / all, lit: lit / all } : { coloured: 0, lit: 0 }; }"""

_ASK = """addresses => Promise.all(addresses.map(async address => {
  const answer = await fetch(address, { headers: services.userAuthenticationService.getAuthorizationHeader() });
  return [address, answer.status, await answer.text()]; }))"""


def _window(size: tuple[int, int]) -> dict[str, int]:
    return dict(zip(("width", "height"), size, strict=True))


def _is_json(answer: "Response") -> bool:
    return "json" in answer.headers.get("content-type", "")


@contextmanager
def registry_with_ohif(folder: Path, *, settings: dict[str, str] | None = None, **options: object) -> Iterator[Server]:
    """A started registry that serves OHIF; options as for ``running_server``. OHIF is at ``server.settings["VIEWER_URL"]``."""
    require_file(ROOT / FOLDER / "index.html", f"OHIF {VERSION} (make viewer)")
    port = free_port()
    viewer = {"VIEWER_URL": f"http://127.0.0.1:{port}", "VIEWER_PORT": str(port)}

    def prepare(server: Server) -> None:
        server.prepare()
        server.manage(["ensure_viewer_client"])

    with running_server(folder, prepare=prepare, settings=viewer | (settings or {}), **options) as server:
        yield server


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium, drawing without a graphics card."""
    from playwright.sync_api import sync_playwright

    program = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def screenshot_folder(otherwise: Path) -> Path:
    """Where pictures of what was seen are left: the folder that SCREENSHOTS names, else the given one."""
    folder = Path(os.environ.get("SCREENSHOTS") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Seat:
    """One person in a browser of the person's own. Signing in is done once, by the first page that asks for it."""

    def __init__(
        self, browser: "Browser", server: Server, person: str, *, pictures: Path, size: tuple[int, int] = WIDE
    ) -> None:
        self.server, self.person, self._pictures = server, person, pictures
        self.origin = server.settings["VIEWER_URL"]
        self._context = browser.new_context(viewport=_window(size))
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(_NO_TOUR)
        self.page = None
        self.answers: list[Response] = []
        """What was answered since ``sit`` or ``reload``, in this order."""

    def sit(self) -> "Seat":
        """Take a new page and an empty log; the browser's stores, and so the login, stay."""
        self.rise()
        self.answers = []
        self.page = self._context.new_page()
        self.page.on("response", lambda answer: self.answers.append(answer))  # the builtin method itself is refused
        return self

    def rise(self) -> None:
        """Close the page."""
        if self.page is not None:
            self.page.close()
            self.page = None

    def leave(self) -> None:
        """Close the browser of this person."""
        self._context.close()

    def visit(self, address: str, *, shows: str) -> bool:
        """Open an address, sign in where that is asked for, and wait for what matches the selector; whether it was asked for."""
        self.page.goto(address)
        name, wanted = self.page.locator("#id_username"), self.page.locator(shows)
        name.or_(wanted).first.wait_for()
        asked = name.is_visible()
        if asked:
            name.fill(self.person)
            self.page.fill("#id_password", self.server.password)
            self.page.click("button[type=submit]")
        wanted.first.wait_for()
        return asked

    def open(self, study: str, source: str = "") -> None:
        """Open the study in OHIF (``source`` is ``review`` for the review purpose), and wait until its images are drawn."""
        self.visit(self.address(study, source), shows="canvas.cornerstone-canvas")
        self.wait_for_images()

    def open_from_the_list(self, patient: str) -> None:
        """Open the study of a patient whom the study list shows, by a double click, and wait until its images are drawn."""
        self.page.get_by_text(patient, exact=True).first.dblclick()
        self.wait_for_images()

    def address(self, study: str, source: str = "") -> str:
        """Where OHIF shows the study."""
        return f"{self.origin}/viewer{source and '/'}{source}?StudyInstanceUIDs={study}"

    def reload(self) -> None:
        """Load the page anew, with an empty log, and wait until the images are drawn."""
        self.answers.clear()
        self.page.reload()
        self.wait_for_images()

    def wait_for_images(self) -> None:
        """Wait until something grey is on the canvas."""
        self._wait_until(f"() => ({_PICTURE})().lit > 0.05")

    def display_sets(self) -> list[dict]:
        """What OHIF offers: modality, series, instance (of a SEG or SR), description, count of images."""
        return self.page.evaluate(_DISPLAY_SETS)

    def offered(self, modality: str) -> list[str]:
        """The SOP Instance UIDs of the display sets of a modality, so far."""
        return [each["instance"] for each in self.display_sets() if each["modality"] == modality]

    def wait_for_series(self) -> None:
        """Wait until every series that the registry listed is offered: images are drawn before all of them are."""
        lists = [each for each in self.answers if each.ok and urlsplit(each.url).path.endswith("/series")]
        listed = [series["0020000E"]["Value"][0] for each in lists for series in each.json()]
        self._wait_until(_ARE_THERE, listed)

    def choose(self, description: str) -> None:
        """Open a series by its Series Description in the study panel, as people do: by a double click."""
        self.page.get_by_text(description, exact=True).first.dblclick()

    def coloured_share(self) -> float:
        """The share of the canvas' pixels that have a colour: images are grey, so colour is overlay. A report is no part of it (SVG)."""
        return self.page.evaluate(_PICTURE)["coloured"]

    def wait_for_colour(self, share: float = 0.001) -> None:
        """Wait until more than this share of the canvas has a colour."""
        self._wait_until(f"share => ({_PICTURE})().coloured > share", share)

    def _wait_until(self, holds: str, argument: object = None) -> None:
        """Ask four times a second: to look at the canvas for every frame would take most of the processor."""
        self.page.wait_for_function(holds, arg=argument, polling=250)

    def statuses(self, part: str) -> dict[str, int]:
        """The status that each address containing this was answered with last."""
        return {each.url: each.status for each in self.answers if part in each.url}

    def told(self) -> str:
        """All that DICOMweb answered in JSON since the page was loaded (a browser keeps no older bodies)."""
        return "".join(each.text() for each in self.answers if "/dicom-web/" in each.url and _is_json(each))

    def ask(self, addresses: Sequence[str]) -> dict[str, int]:
        """The status of each address, asked for in the page and with its token."""
        return {address: status for address, status, _ in self._asked(addresses)}

    def told_at(self, addresses: Sequence[str]) -> str:
        """What these addresses say, asked for in the page and with its token."""
        return "".join(text for _, _, text in self._asked(addresses))

    def _asked(self, addresses: Sequence[str]) -> list[tuple[str, int, str]]:
        return self.page.evaluate(_ASK, list(addresses))

    def photograph(self, name: str, size: tuple[int, int] | None = None) -> Path:
        """Leave a picture of the page, in a window of another width and height (pixels) where they are given."""
        path = self._pictures / f"{name}.png"
        if size:
            self.page.set_viewport_size(_window(size))
        self.page.screenshot(path=path)
        return path
