"""Archives for the tests: one that is written by the test, and a real one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import requests
from rest_framework.test import APIClient

from overlays.archive.connection import Connection
from overlays.archive.holdings import HOLDINGS
from overlays.governance.actor import Actor
from overlays.queries.archive_images import forget
from tests.archive.double import Double, running_double
from tests.benchmarks.orthanc import running_orthanc
from tests.builders import to_bytes


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """What was asked in another test is asked anew."""
    HOLDINGS.clear()
    forget()


@pytest.fixture
def double(settings) -> Iterator[Double]:
    """A double, configured as the archive."""
    with running_double() as found:
        settings.OVERLAYS_SOURCE_STORE = "archive"
        settings.OVERLAYS_ARCHIVE_URL = found.url
        settings.OVERLAYS_ARCHIVE_SECONDS = 1
        settings.OVERLAYS_ARCHIVE_RETRIES = 0
        yield found


@pytest.fixture
def connection(double) -> Connection:
    """A connection to the double, without credentials."""
    return Connection(double.url, credentials={}, seconds=1, retries=0)


class Orthanc:
    """A real archive."""

    def __init__(self, origin: str) -> None:
        self.origin, self.url = origin, f"{origin}/dicom-web"

    def store(self, *data_sets: object) -> None:
        """Post them as instances."""
        for data_set in data_sets:
            requests.post(f"{self.origin}/instances", data=to_bytes(data_set), timeout=10).raise_for_status()

    def clear(self) -> None:
        """Delete everything."""
        for patient in requests.get(f"{self.origin}/patients", timeout=10).json():
            requests.delete(f"{self.origin}/patients/{patient}", timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def _orthanc(tmp_path_factory) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as origin:
        yield Orthanc(origin)


@pytest.fixture
def orthanc(_orthanc, settings) -> Orthanc:
    """An empty Orthanc, configured as the archive."""
    _orthanc.clear()
    settings.OVERLAYS_SOURCE_STORE = "archive"
    settings.OVERLAYS_ARCHIVE_URL = _orthanc.url
    settings.OVERLAYS_ARCHIVE_RETRIES = 1
    return _orthanc


@pytest.fixture
def client_of() -> Callable[[Actor], APIClient]:
    """A client that acts as somebody, where the token is not the point."""

    def client(actor: Actor) -> APIClient:
        found = APIClient()
        found.force_authenticate(user=object(), token=actor)
        return found

    return client


@pytest.fixture
def narrowed_to() -> Callable[..., Actor]:
    """An actor whose grant reaches the named studies alone."""
    return lambda actor, *studies: replace(actor, studies=frozenset(studies))
