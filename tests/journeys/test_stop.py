"""Stops a server that has decoded something: nothing of it is left running, however it ends."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.processes import descendants
from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.journeys.server import Server, running_server
from tests.journeys.steps import stow

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def stopped_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry of this module's own, prepared and stopped."""
    with running_server(tmp_path_factory.mktemp("stop")) as running:
        running.stop()
        yield running


@pytest.fixture
def server(stopped_server: Server) -> Iterator[Server]:
    """The registry, running."""
    stopped_server.start()
    yield stopped_server
    if stopped_server.process.poll() is None:
        stopped_server.stop()


def _left(processes: list[int]) -> list[int]:
    """Those that still run after some patience; what has ended and waits to be reaped by somebody else does not run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = processes
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = [each for each in left if _runs(each)]
    return left


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_server(server: Server, how: signal.Signals):
    posted = stow(
        server.session(server.client_token()), server, *map(to_bytes, [*ct_series(), segmentation(uid_seed=how.name)])
    )
    assert posted.ok, posted.text
    processes = descendants(server.process.pid)
    assert len(processes) > server.workers, "no decoder was started"
    if how is signal.SIGKILL:
        server.kill()
    else:
        os.kill(server.process.pid, how)
        server.process.wait(timeout=PATIENCE_SECONDS)
    assert _left(processes) == []
