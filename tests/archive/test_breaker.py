"""An archive that swallows requests holds nobody up for long."""

import socket
import time

import pytest

from overlays.archive.breaker import MOST_SILENCES, PAUSE_SECONDS, Breaker
from overlays.archive.connection import Connection
from overlays.archive.holdings import HOLDINGS
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow
from overlays.models import OverlayVersion
from tests.archive.double import Answer
from tests.builders import ct_series, segmentation, to_bytes
from tests.journeys.server import free_port

SILENCE = 0.2


class Clock:
    """A time that the test tells."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def is_closed(breaker) -> bool:
    try:
        breaker.require_closed()
    except ArchiveTooSlow:
        return False
    return True


def test_a_few_silences_change_nothing(breaker):
    for _ in range(MOST_SILENCES - 1):
        breaker.silent()
    assert is_closed(breaker)


def test_after_more_nobody_waits(breaker):
    for _ in range(MOST_SILENCES):
        breaker.silent()
    assert not is_closed(breaker)


def test_silences_with_an_answer_between_do_not_add_up(breaker):
    for _ in range(MOST_SILENCES * 2):
        breaker.silent()
        breaker.answered()
    assert is_closed(breaker)


def test_after_the_pause_one_asks_and_the_others_do_not_wait_for_it(breaker, clock):
    for _ in range(MOST_SILENCES):
        breaker.silent()
    clock.now += PAUSE_SECONDS
    assert [is_closed(breaker) for _ in range(3)] == [True, False, False]


def test_an_answer_lets_everybody_in_again(breaker, clock):
    for _ in range(MOST_SILENCES):
        breaker.silent()
    clock.now += PAUSE_SECONDS
    breaker.require_closed()
    breaker.answered()
    assert [is_closed(breaker) for _ in range(3)] == [True, True, True]


@pytest.fixture
def hole():
    """An archive that takes connections and says nothing; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/dicom-web"


def test_an_archive_that_refuses_connections_is_away_and_not_silent():
    connection = Connection(f"http://127.0.0.1:{free_port()}", credentials={}, seconds=SILENCE, retries=0)
    for _ in range(MOST_SILENCES + 1):
        with pytest.raises(ArchiveFailed, match="cannot be reached"):
            connection.get("studies")


def test_a_connection_stops_waiting(hole):
    connection = Connection(hole, credentials={}, seconds=SILENCE, retries=0)
    for _ in range(MOST_SILENCES):
        with pytest.raises(ArchiveTooSlow, match="takes too long"):
            connection.get("studies")
    began = time.perf_counter()
    with pytest.raises(ArchiveTooSlow, match="silent for a while"):
        connection.get("studies")
    assert time.perf_counter() - began < SILENCE


def test_a_failing_archive_is_no_silent_one(double):
    double.answers = lambda asked: Answer(b"", "500 Oops")
    connection = Connection(double.url, credentials={}, seconds=SILENCE, retries=0)
    for _ in range(MOST_SILENCES * 2):
        with pytest.raises(ArchiveFailed, match="status 500"):
            connection.get("studies")


@pytest.mark.django_db
def test_meanwhile_the_registrys_own_results_come_at_once(settings, hole, client_of, clinician, post, registered):
    registered()
    overlay = segmentation(sources=ct_series(slices=2, rows=16, columns=16))
    assert post(to_bytes(overlay)).refusal is None
    OverlayVersion.objects.update(
        review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2", verification="verified"
    )
    HOLDINGS.clear()
    settings.OVERLAYS_SOURCE_STORE, settings.OVERLAYS_ARCHIVE_URL = "archive", hole
    settings.OVERLAYS_ARCHIVE_SECONDS, settings.OVERLAYS_ARCHIVE_RETRIES = SILENCE, 0
    client = client_of(clinician)
    for _ in range(MOST_SILENCES):
        client.get("/dicom-web/studies")
    began = time.perf_counter()
    answer = client.get("/dicom-web/studies")
    image = client.get("/dicom-web/studies/1.2/series/1.3/instances/1.4")
    assert time.perf_counter() - began < SILENCE
    assert ([len(answer.json()), "does not answer" in answer["Warning"]], image.status_code) == ([1, True], 504)
