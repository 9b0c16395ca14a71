"""Sets the scene for journeys before OHIF's gate: a registry that serves OHIF, who comes to it, and what they do elsewhere."""

import re
from dataclasses import dataclass

import requests
from pydicom import Dataset

from tests.builders import ct_series, segmentation, to_bytes
from tests.journeys.ohif import Seat
from tests.journeys.server import Server
from tests.journeys.steps import TIMEOUT, stow


@dataclass(frozen=True)
class Scene:
    """A registry that serves OHIF, and who comes to it: each person has one seat, and the pipeline a connection."""

    server: Server
    pipeline: requests.Session
    steward: requests.Session
    reader: requests.Session
    """The radiologist's program."""
    desk: requests.Session
    """The radiologist's browser, in the admin."""
    seats: dict[str, Seat]

    def store(self, *objects: Dataset) -> str:
        """Post what a pipeline makes; the study."""
        answer = stow(self.pipeline, self.server, *map(to_bytes, objects))
        assert answer.status_code == 200, answer.text
        return objects[0].StudyInstanceUID

    def judge(self, overlay: Dataset, decision: str, **said: str) -> None:
        """Accept or reject it, as a program of the radiologist."""
        api = f"{self.server.origin}/api/v1/versions/{overlay.SOPInstanceUID}"
        version = self.reader.get(api, timeout=TIMEOUT).json()
        body = {"decision": decision, "seen_sha256": version["sha256"], "seen_state": version["review_state"]}
        answer = self.reader.post(f"{api}/reviews", json=body | said, timeout=TIMEOUT)
        assert answer.ok, answer.text

    def state(self, overlay: Dataset) -> str:
        """Its review state."""
        address = f"{self.server.origin}/api/v1/versions/{overlay.SOPInstanceUID}"
        return self.reader.get(address, timeout=TIMEOUT).json()["review_state"]

    def reject_in_the_admin(self, overlay: Dataset) -> None:
        """As a radiologist does on its page."""
        uid = overlay.SOPInstanceUID
        worklist = "/admin/overlays/overlayversion/"
        found = self.desk.get(
            f"{self.server.origin}{worklist}", params={"q": uid, "state": "all"}, timeout=TIMEOUT
        ).text
        (path,) = set(re.findall(rf"{worklist}\d+/review/", found))
        page = self.desk.get(self.server.origin + path, timeout=TIMEOUT).text
        hidden = {
            name: re.search(rf'name="{name}" value="([^"]*)"', page).group(1)
            for name in ("csrfmiddlewaretoken", "seen_sha256", "seen_state")
        }
        answer = self.desk.post(
            self.server.origin + path,
            data={"act": "reject", "reason": "BOUNDARY", "comment": "", **hidden},
            headers={"Referer": self.server.origin + path},
            timeout=TIMEOUT,
        )
        assert self.state(overlay) == "rejected", answer.text

    def recall(self, model_version: int) -> None:
        """As a steward does."""
        answer = self.steward.post(
            f"{self.server.origin}/api/v1/model-versions/{model_version}/status",
            json={"status": "recalled", "reason": "for the journey"},
            timeout=TIMEOUT,
        )
        assert answer.ok, answer.text


def signed_in(server: Server, username: str) -> requests.Session:
    """A browser of that person, in the admin."""
    browser = requests.Session()
    address = f"{server.origin}/login/?next=/admin/"
    browser.get(address, timeout=TIMEOUT).raise_for_status()
    form = {"username": username, "password": server.password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    assert browser.post(address, data=form, headers={"Referer": address}, timeout=TIMEOUT).ok
    return browser


def a_segmentation(name: str, edition: str = "first", **words: object) -> tuple[list[Dataset], Dataset]:
    """Images of a study of its own, and a segmentation of them that is seen on every one."""
    images = ct_series(uid_seed=f"gate {name}", patient_id=f"GATE-{name}")
    overlay = segmentation(sources=images, uid_seed=f"gate {name} {edition}", **words)
    overlay.SeriesDescription = f"Overlay {name} {edition}"
    return images, overlay


def accepted(scene: Scene, name: str, **words: object) -> Dataset:
    """A stored segmentation that a clinician may see."""
    images, overlay = a_segmentation(name, **words)
    scene.store(*images, overlay)
    scene.judge(overlay, "accept")
    return overlay


def waiting(scene: Scene, name: str) -> Dataset:
    """A stored segmentation that nobody has judged."""
    images, overlay = a_segmentation(name)
    scene.store(*images, overlay)
    return overlay
