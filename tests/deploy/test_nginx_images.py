"""Images come straight from the archive through nginx, as they would through the registry."""

import pytest
import requests

from tests.builders import to_bytes
from tests.deploy.asking import FILES, below

pytestmark = [pytest.mark.slow, pytest.mark.real]


@pytest.mark.parametrize("mount", ["/dicom-web", "/review/dicom-web"])
def test_a_frame_comes_bit_by_bit_and_past_the_registry(ask, site, mount):
    reply = ask(below(site.images[0], mount) + "/frames/1", who="reviewer")
    assert reply.straight, (reply.status, reply.seen)
    assert [part.get_payload(decode=True) for part in reply.parts()] == [site.images[0].PixelData]


def test_an_instance_does_too(ask, site):
    reply = ask(below(site.images[0]), FILES)
    assert reply.straight, (reply.status, reply.seen)
    (part,) = reply.parts()
    assert part.get_payload(decode=True) == to_bytes(site.images[0])


def test_it_is_the_same_as_through_the_registry(ask, site):
    straight, through = (ask(below(site.images[0]), FILES, at=at) for at in (site.origin, site.server.origin))
    assert through.seen == [f"GET {below(site.images[0])} 200"]
    assert [part.get_payload() for part in straight.parts()] == [part.get_payload() for part in through.parts()]


def test_what_the_archive_cannot_word_so_comes_through_the_registry(ask, site):
    reply = ask(below(site.images[0]), "application/dicom; transfer-syntax=*")
    assert reply.seen == ["GET /proxy/image 204", f"GET {below(site.images[0])} 200"]
    assert reply.content == to_bytes(site.images[0])


def test_head_has_no_body(ask, site):
    reply = ask(below(site.images[0]), FILES, method="HEAD")
    assert (reply.status, reply.content) == (200, b"")


def test_metadata_and_searches_come_through_the_registry(ask, site):
    for path in (
        below(site.images[0]) + "/metadata",
        f"/dicom-web/studies/{site.images[0].StudyInstanceUID}/series",
    ):
        assert ask(path, "application/dicom+json").seen == [f"GET {path} 200"]


def test_the_parts_lead_to_the_registry(ask, site):
    (part,) = ask(below(site.images[0]) + "/frames/1", Host="registry.example").parts()
    assert part["Content-Location"] == f"http://registry.example{below(site.images[0])}/frames/1"


def test_the_viewer_has_it_on_its_own_origin_too(ask, site):
    assert ask("/viewer", "text/html", Host="viewer.example").content == b"OHIF"
    assert ask(below(site.images[0]) + "/frames/1", Host="viewer.example").straight


def test_a_viewer_elsewhere_may_read_it_if_it_may_read_the_registry(ask, site):
    path = below(site.images[0]) + "/frames/1"
    theirs, strangers = (ask(path, Origin=o) for o in ("https://other-viewer.example", "https://evil.example"))
    assert theirs.straight
    assert strangers.straight
    assert theirs.headers["Access-Control-Allow-Origin"] == "https://other-viewer.example"
    assert "Access-Control-Allow-Origin" not in strangers.headers


def test_a_browser_that_asks_before_the_call_is_answered_without_a_token(ask, site):
    asked = {"Origin": "https://other-viewer.example", "Access-Control-Request-Method": "GET"}
    reply = ask(below(site.images[0]) + "/frames/1", who=None, method="OPTIONS", **asked)
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, "https://other-viewer.example")


def test_it_bears_the_headers_of_the_registrys_own_answers(ask, site):
    straight, through = (
        ask(below(site.images[0]) + "/frames/1", at=at).headers for at in (site.origin, site.server.origin)
    )
    for name in ("Cache-Control", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        assert straight[name] == through[name]
    assert set(straight) <= set(through) | {"Server", "Date", "Connection", "Keep-Alive", "Content-Length"}


def test_a_large_body_streams_through(ask, site):
    boundary = b"b"
    size = 40 << 20  # more than any buffer, and refused by the registry, not by the proxy
    body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + bytes(size) + b"\r\n--b--\r\n"
    answer = requests.post(
        f"{site.origin}/dicom-web/studies",
        data=(body[at : at + (1 << 20)] for at in range(0, len(body), 1 << 20)),
        headers={
            "Authorization": f"Bearer {site.server.client_token()}",
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary.decode()}',
        },
        timeout=60,
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/dicom+json")
    assert not [
        each
        for each in (site.folder / "proxy").rglob("*")
        if each.is_file() and each.suffix != ".conf" and each.stat().st_size > 1 << 20
    ]


def test_the_registry_learns_the_clients_address_and_nobody_elses_word_for_it(ask, site):
    reply = ask("/livez", **{"X-Forwarded-For": "10.9.8.7"})
    assert reply.status == 200
    (line,) = site.registry_lines(reply.headers["X-Request-Id"])
    assert "10.9.8.7" not in line


def test_one_id_stands_in_both_logs(ask, site):
    given = ask(below(site.images[0]), FILES).headers["X-Request-Id"]
    assert given in (site.folder / "proxy" / "nginx.log").read_text()
    assert site.registry_log(given) == ["GET /proxy/image 204"]
