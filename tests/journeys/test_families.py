"""Every family of results is posted to a running registry, judged on the review page of the admin, and fetched bit for bit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.builders.families import FAMILIES
from tests.builders.files import to_bytes
from tests.journeys.server import Server, running_server
from tests.journeys.steps import TIMEOUT, release_model, stow

pytestmark = pytest.mark.slow

WORKLIST = "/admin/overlays/overlayversion/"


@dataclass(frozen=True)
class Scene:
    """A registry that knows the model, and who comes to it."""

    server: Server
    pipeline: requests.Session
    clinician: requests.Session
    reader: requests.Session
    """The radiologist's browser."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One registry for all the families."""
    with running_server(tmp_path_factory.mktemp("families")) as server:
        steward = server.session(server.person_token("sam"))
        release_model(steward, server, name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
        pipeline, clinician = server.session(server.client_token()), server.session(server.person_token("clara"))
        yield Scene(server, pipeline, clinician, _signed_in(server, "robin"))


def _signed_in(server: Server, username: str) -> requests.Session:
    browser = requests.Session()
    address = f"{server.origin}/login/?next=/admin/"
    browser.get(address, timeout=TIMEOUT).raise_for_status()
    form = {"username": username, "password": server.password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    answer = browser.post(address, data=form, headers={"Referer": address}, timeout=TIMEOUT)
    assert answer.ok, answer.text
    return browser


def _review_page(scene: Scene, uid: str) -> tuple[str, str]:
    """The address of the version's page, and the page."""
    found = scene.reader.get(
        f"{scene.server.origin}{WORKLIST}", params={"q": uid, "state": "all"}, timeout=TIMEOUT
    ).text
    (path,) = set(re.findall(rf"{WORKLIST}\d+/review/", found))
    address = scene.server.origin + path
    return address, scene.reader.get(address, timeout=TIMEOUT).text


def _hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_refused_until_it_was_accepted_on_its_page_and_then_fetched_bit_for_bit(name, scene) -> None:
    made = FAMILIES[name]()
    result, content = made.result, to_bytes(made.result)
    for source in made.sources:
        stow(scene.pipeline, scene.server, to_bytes(source))
    posted = stow(scene.pipeline, scene.server, content)
    address = (
        f"{scene.server.origin}/dicom-web/studies/{result.StudyInstanceUID}/series/{result.SeriesInstanceUID}"
        f"/instances/{result.SOPInstanceUID}"
    )
    headers = {"Accept": "application/dicom; transfer-syntax=*"}
    before = scene.clinician.get(address, headers=headers, timeout=TIMEOUT)
    page_address, page = _review_page(scene, result.SOPInstanceUID)
    accepted = scene.reader.post(
        page_address,
        data={
            "act": "accept",
            "comment": "as it should be",
            "seen_sha256": _hidden(page, "seen_sha256"),
            "seen_state": _hidden(page, "seen_state"),
            "csrfmiddlewaretoken": _hidden(page, "csrfmiddlewaretoken"),
        },
        headers={"Referer": page_address},
        timeout=TIMEOUT,
    )
    after = scene.clinician.get(address, headers=headers, timeout=TIMEOUT)

    assert posted.status_code in (200, 202), posted.text
    assert before.status_code == 404
    assert "AI · LiverSeg 2.1.0 · not reviewed" in page
    assert "is accepted." in accepted.text
    assert (after.status_code, after.content) == (200, content)
