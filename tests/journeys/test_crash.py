"""Kills the server ten times in the middle of posts: what it acknowledged is there, and nothing is half there."""

import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from overlays.queries.stored_bytes import key_of
from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid
from tests.journeys.server import Server, running_server
from tests.journeys.steps import TIMEOUT, release_model, stow

pytestmark = pytest.mark.slow

ROUNDS = 10
POSTERS = 4
MODEL = {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"}


@dataclass
class Posts:
    """Posts instances from several threads until the server is gone; remembers which were acknowledged."""

    server: Server
    token: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, instances: Iterator[tuple[str, bytes]]) -> None:
        """Post one after the other."""
        session = self.server.session(self.token)
        for instance, data in instances:
            try:
                answer = stow(session, self.server, data)
            except requests.RequestException:
                return
            with self.changed:
                if answer.status_code == 200:
                    self.acknowledged[instance] = hashlib.sha256(data).hexdigest()
                else:
                    self.refused.append(f"{answer.status_code} {answer.text}")
                self.changed.notify_all()

    def wait_for(self, more: int) -> None:
        """Wait until so many more instances were acknowledged, or one was refused."""
        with self.changed:
            wanted = len(self.acknowledged) + more
            self.changed.wait_for(lambda: len(self.acknowledged) >= wanted or self.refused, timeout=TIMEOUT)


def _instances(thread: int, turn: int) -> Iterator[tuple[str, bytes]]:
    """Versions of one line without end, each with a UID of its own."""
    data_set = segmentation(**{f"model_{key}" if key != "manufacturer" else key: word for key, word in MODEL.items()})
    number = 0
    while True:
        number += 1
        data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = uid("crash", turn, thread, number)
        yield data_set.SOPInstanceUID, to_bytes(data_set)


def _kill_while_posting(server: Server, posts: Posts, turn: int, chance: random.Random) -> None:
    threads = [threading.Thread(target=posts.run, args=(_instances(thread, turn),)) for thread in range(POSTERS)]
    for thread in threads:
        thread.start()
    try:
        posts.wait_for(chance.randint(2, 12))
        # Some milliseconds more, so that the blow falls anywhere in the middle of a post.
        threads[0].join(timeout=chance.uniform(0, 0.05))
    finally:
        server.kill()
        for thread in threads:
            thread.join()


@dataclass(frozen=True)
class Aftermath:
    """What stood in the registry after the last restart."""

    server: Server
    acknowledged: dict[str, str]
    refused: list[str]
    versions: list[dict]


def _all_versions(session: requests.Session, server: Server) -> list[dict]:
    found = []
    address = f"{server.origin}/api/v1/overlays?limit=500"
    for overlay in session.get(address, timeout=TIMEOUT).json()["results"]:
        page = f"{server.origin}/api/v1/overlays/{overlay['id']}/versions?limit=500"
        while page:
            answer = session.get(page, timeout=TIMEOUT).json()
            found += answer["results"]
            page = answer["next"]
    return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """The registry after ten crashes."""
    settings = {"TOKEN_SECONDS": "3600", "DECODER_PROCESSES": "1", "LOG_LEVEL": "WARNING"}
    chance = random.Random(20261121)
    with running_server(tmp_path_factory.mktemp("crash"), settings=settings) as server:
        release_model(server.session(server.person_token("sam")), server, **MODEL)
        token = server.client_token()
        posts = Posts(server=server, token=token)
        sources = stow(server.session(token), server, *[to_bytes(image) for image in ct_series()])
        assert sources.status_code == 200, sources.text
        for turn in range(ROUNDS):
            _kill_while_posting(server, posts, turn, chance)
            server.start()
        reader = server.session(server.person_token("robin"))
        yield Aftermath(server, posts.acknowledged, posts.refused, _all_versions(reader, server))


def test_posts_were_acknowledged_in_every_round_and_none_was_refused(aftermath: Aftermath):
    assert aftermath.refused == []
    assert len(aftermath.acknowledged) >= ROUNDS * 2


def test_every_acknowledged_version_is_served_bit_for_bit(aftermath: Aftermath):
    server = aftermath.server
    reader = server.session(server.person_token("robin"))
    series = {each["sop_instance_uid"]: each for each in aftermath.versions}
    differing = []
    for instance, sha256 in aftermath.acknowledged.items():
        row = series[instance]
        address = (
            f"{server.origin}/review/dicom-web/studies/{row['study_instance_uid']}"
            f"/series/{row['series_instance_uid']}/instances/{instance}"
        )
        answer = reader.get(address, headers={"Accept": "application/dicom; transfer-syntax=*"}, timeout=TIMEOUT)
        if answer.status_code != 200 or hashlib.sha256(answer.content).hexdigest() != sha256:
            differing.append((instance, answer.status_code))
    assert differing == []


def test_no_version_is_without_its_bytes(aftermath: Aftermath):
    def stored(sha256: str) -> Path:
        return aftermath.server.folder / "bytes" / key_of(sha256)

    assert aftermath.versions
    assert [
        row["sop_instance_uid"]
        for row in aftermath.versions
        if not stored(row["sha256"]).exists()
        or hashlib.sha256(stored(row["sha256"]).read_bytes()).hexdigest() != row["sha256"]
    ] == []


def test_the_numbers_of_the_line_have_no_gap_and_no_duplicate(aftermath: Aftermath):
    numbers = sorted(row["number"] for row in aftermath.versions)
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_session_secret_and_the_tokens_outlive_the_crashes(aftermath: Aftermath):
    token = aftermath.server.client_token()
    answer = requests.get(
        f"{aftermath.server.origin}/api/v1/models", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT
    )
    assert answer.status_code == 200
