"""A site in front of which the tests stand, and requests to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from uuid import uuid4

import pytest

from tests.deploy.asking import OCTETS, Reply
from tests.deploy.programs import running_nginx
from tests.deploy.site import SECRET, Site, place, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """One for all tests of the session."""
    with running_site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def ask(site: Site) -> Callable[..., Reply]:
    """A request through the proxy; its target goes over the wire as it is written."""

    def send(
        path: str,
        accept: str = OCTETS,
        *,
        who: str | None = "clinician",
        study="",
        at="",
        method="GET",
        body: bytes | None = None,
        **headers,
    ):
        own = {"Accept": accept, "X-Request-Id": uuid4().hex} | headers
        if who:
            own["Authorization"] = f"Bearer {site.token(who, study)}"
        with closing(HTTPConnection(place(at or site.origin), timeout=30)) as connection:
            connection.request(method, path, body=body, headers=own)
            return Reply(connection.getresponse(), site, own["X-Request-Id"])

    return send


@pytest.fixture
def proxied(site: Site, tmp_path) -> Iterator[Callable[..., str]]:
    """Starts another proxy before the same registry, with values of its own; its origin."""
    with ExitStack() as stack:

        def start(**values: str) -> str:
            given = {"REGISTRY": place(site.server.origin), "ARCHIVE": place(site.archive), "PROXY_SECRET": SECRET}
            return stack.enter_context(running_nginx(tmp_path / "proxy", **(given | values)))

        yield start
