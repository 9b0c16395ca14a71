"""A viewer that shows an overlay learns within five seconds, from whichever process answers, that it may not any longer."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.journeys.server import Server, running_server
from tests.journeys.steps import TIMEOUT, release_model, stow

pytestmark = pytest.mark.slow

KNOWN_WITHIN_SECONDS = 5
FOLLOW = "/api/v1/changes"


@dataclass(frozen=True)
class Scene:
    """A running registry with two accepted overlays of a study, and the model version that made them."""

    server: Server
    study: str
    shown: dict[str, str]
    """Digests by SOP Instance UID."""
    model_version: int


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene, once for the module."""
    with running_server(tmp_path_factory.mktemp("revocation")) as server:
        images = ct_series(uid_seed="revoked")
        made = [segmentation(sources=images, uid_seed=f"revoked {label}", content_label=label) for label in ("A", "B")]
        model = {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"}
        released = release_model(server.session(server.person_token("sam")), server, **model)
        stow(server.session(server.client_token()), server, *map(to_bytes, [*images, *made])).raise_for_status()
        shown = {str(each.SOPInstanceUID): hashlib.sha256(to_bytes(each)).hexdigest() for each in made}
        reader = server.session(server.person_token("robin"))
        for instance in shown:
            review(reader, server, instance, decision="accept", seen_sha256=shown[instance])
        yield Scene(server=server, study=str(images[0].StudyInstanceUID), shown=shown, model_version=released)


def review(reader: requests.Session, server: Server, instance: str, **body: str) -> None:
    answer = reader.post(f"{server.origin}/api/v1/versions/{instance}/reviews", json=body, timeout=TIMEOUT)
    answer.raise_for_status()


def ask(viewer: requests.Session, scene: Scene, **query: str) -> dict:
    answer = viewer.get(scene.server.origin + FOLLOW, params=query | {"study": scene.study}, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def learned(viewer: requests.Session, scene: Scene, after: str) -> tuple[list[dict], float]:
    """The first changes that a viewer hears of, asking as often as it is told to, and the seconds until then."""
    began = time.monotonic()
    while True:
        told = ask(viewer, scene, after=after)
        if told["changes"] or time.monotonic() - began > TIMEOUT:
            return told["changes"], time.monotonic() - began
        after = told["after"]
        time.sleep(told["poll_seconds"])


def test_a_rejection_is_known_in_time(scene):
    viewer = scene.server.session(scene.server.person_token("clara"))
    after = ask(viewer, scene)["after"]
    instance, digest = next(iter(scene.shown.items()))
    reader = scene.server.session(scene.server.person_token("robin"))
    said = {"decision": "reject", "reason": "BOUNDARY", "seen_sha256": digest, "seen_state": "accepted"}
    review(reader, scene.server, instance, **said)
    changes, seconds = learned(viewer, scene, after)
    assert [each["sop_instance_uid"] for each in changes] == [instance]
    assert seconds < KNOWN_WITHIN_SECONDS


def test_a_recall_is_known_in_time(scene):
    viewer = scene.server.session(scene.server.person_token("clara"))
    after = ask(viewer, scene)["after"]
    steward = scene.server.session(scene.server.person_token("sam"))
    address = f"{scene.server.origin}/api/v1/model-versions/{scene.model_version}/status"
    steward.post(address, json={"status": "recalled", "reason": "wrong organ"}, timeout=TIMEOUT).raise_for_status()
    changes, seconds = learned(viewer, scene, after)
    assert [each["model_version"]["id"] for each in changes] == [scene.model_version]
    assert seconds < KNOWN_WITHIN_SECONDS


def test_the_log_has_no_line_of_each_question_that_was_answered(scene):
    viewer = scene.server.session(scene.server.person_token("clara"))
    ask(viewer, scene)
    viewer.get(scene.server.origin + FOLLOW, params={"after": "x"}, timeout=TIMEOUT)
    viewer.get(f"{scene.server.origin}/livez", timeout=TIMEOUT)  # whose line comes after theirs
    lines = [line for line in scene.server.log.read_text().splitlines() if f'"GET {FOLLOW}"' in line]
    assert lines
    assert all('" 400 ' in line for line in lines)
