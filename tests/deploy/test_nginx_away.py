"""What nginx says when something does not answer."""

import socket

import pytest

from tests.deploy.asking import FILES, below
from tests.journeys.server import free_port

pytestmark = [pytest.mark.slow, pytest.mark.real]


def test_an_archive_that_is_away_is_a_bad_gateway(ask, site, proxied):
    reply = ask(below(site.images[0]), at=proxied(ARCHIVE=f"127.0.0.1:{free_port()}"))
    assert (reply.status, reply.headers["Content-Type"]) == (502, "application/problem+json")
    assert (reply.json()["code"], reply.json()["status"]) == ("archive_failed", 502)


def test_an_archive_that_is_silent_is_a_gateway_timeout(ask, site, proxied):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        reply = ask(below(site.images[0]), at=proxied(ARCHIVE=place, SOURCE_SECONDS="1"))
    assert (reply.status, reply.json()["code"]) == (504, "archive_too_slow")


@pytest.mark.parametrize("path", ["/dicom-web/studies", "/dicom-web/studies/1.2/series/1.2/instances/1.2"])
def test_a_registry_that_is_away_is_unavailable(ask, proxied, path):
    reply = ask(path, at=proxied(REGISTRY=f"127.0.0.1:{free_port()}"))
    assert (reply.status, reply.json()["code"]) == (503, "unavailable")


def test_a_proxy_with_another_secret_takes_nothing_straight(ask, site, proxied):
    reply = ask(below(site.images[0]), FILES, at=proxied(PROXY_SECRET="t" * 40))
    assert reply.seen == ["GET /proxy/image 404", f"GET {below(site.images[0])} 200"]
