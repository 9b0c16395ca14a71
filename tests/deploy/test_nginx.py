"""Images come straight from the archive through nginx; whatever else is asked, the registry answers, and nothing withheld leaves."""

import io
import json
import re
import socket
from contextlib import closing
from email import message_from_bytes
from functools import cached_property
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit
from uuid import uuid4

import pydicom
import pytest
import requests

from overlays.dicomweb import urls
from tests.archive.double import Answer, Asked, running_double
from tests.builders import to_bytes
from tests.deploy.conftest import PASSWORD, SECRET, Site
from tests.journeys.server import free_port

pytestmark = [pytest.mark.slow, pytest.mark.real]

FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


def below(data_set, mount: str = "/dicom-web") -> str:
    return (
        f"{mount}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
        f"/instances/{data_set.SOPInstanceUID}"
    )


class Reply:
    """An answer, and what the registry's access log says of its request."""

    def __init__(self, answer: HTTPResponse, site: Site, request_id: str) -> None:
        self.status, self.headers, self.content = answer.status, answer.headers, answer.read()
        self._site, self._id = site, request_id

    @cached_property
    def seen(self) -> list[str]:
        """Methods, paths and statuses in that log."""
        return self._site.registry_log(self._id)

    @property
    def straight(self) -> bool:
        """Whether the registry was asked about it, and saw no more of it."""
        return self.seen == ["GET /proxy/image 204"]

    def parts(self) -> list:
        """The parts of a multipart answer."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        return message_from_bytes(head + self.content).get_payload()

    def json(self) -> dict:
        """The body as JSON."""
        return json.loads(self.content)


@pytest.fixture
def ask(site):
    """A request through the proxy; its target goes over the wire as it is written."""

    def send(
        path: str, accept: str = OCTETS, *, who: str | None = "clinician", study="", at="", method="GET", **headers
    ):
        own = {"Accept": accept, "X-Request-Id": uuid4().hex} | headers
        if who:
            own["Authorization"] = f"Bearer {site.token(who, study)}"
        with closing(HTTPConnection(urlsplit(at or site.origin).netloc, timeout=30)) as connection:
            connection.request(method, path, headers=own)
            return Reply(connection.getresponse(), site, own["X-Request-Id"])

    return send


class TestImages:
    """What comes straight."""

    @pytest.mark.parametrize("mount", ["/dicom-web", "/review/dicom-web"])
    def test_a_frame_comes_bit_by_bit_and_past_the_registry(self, ask, site, mount):
        reply = ask(below(site.images[0], mount) + "/frames/1", who="reviewer")
        assert reply.straight, (reply.status, reply.seen)
        assert [part.get_payload(decode=True) for part in reply.parts()] == [site.images[0].PixelData]

    def test_an_instance_does_too(self, ask, site):
        reply = ask(below(site.images[0]), FILES)
        assert reply.straight, (reply.status, reply.seen)
        (part,) = reply.parts()
        assert part.get_payload(decode=True) == to_bytes(site.images[0])

    def test_it_is_the_same_as_through_the_registry(self, ask, site):
        straight, through = (ask(below(site.images[0]), FILES, at=at) for at in (site.origin, site.server.origin))
        assert through.seen == [f"GET {below(site.images[0])} 200"]
        assert [part.get_payload() for part in straight.parts()] == [part.get_payload() for part in through.parts()]

    def test_what_the_archive_cannot_word_so_comes_through_the_registry(self, ask, site):
        reply = ask(below(site.images[0]), "application/dicom; transfer-syntax=*")
        assert reply.seen == ["GET /proxy/image 204", f"GET {below(site.images[0])} 200"]
        assert reply.content == to_bytes(site.images[0])

    def test_head_has_no_body(self, ask, site):
        reply = ask(below(site.images[0]), FILES, method="HEAD")
        assert (reply.status, reply.content) == (200, b"")

    def test_metadata_and_searches_come_through_the_registry(self, ask, site):
        for path in (
            below(site.images[0]) + "/metadata",
            f"/dicom-web/studies/{site.images[0].StudyInstanceUID}/series",
        ):
            assert ask(path, "application/dicom+json").seen == [f"GET {path} 200"]

    def test_the_parts_lead_to_the_registry(self, ask, site):
        (part,) = ask(below(site.images[0]) + "/frames/1", Host="registry.example").parts()
        assert part["Content-Location"] == f"http://registry.example{below(site.images[0])}/frames/1"

    def test_a_viewer_elsewhere_may_read_it_if_it_may_read_the_registry(self, ask, site):
        path = below(site.images[0]) + "/frames/1"
        theirs, strangers = (ask(path, Origin=o) for o in ("https://viewer.example", "https://evil.example"))
        assert theirs.straight
        assert strangers.straight
        assert theirs.headers["Access-Control-Allow-Origin"] == "https://viewer.example"
        assert "Access-Control-Allow-Origin" not in strangers.headers

    def test_it_bears_the_headers_of_the_registrys_own_answers(self, ask, site):
        straight, through = (
            ask(below(site.images[0]) + "/frames/1", at=at).headers for at in (site.origin, site.server.origin)
        )
        for name in ("Cache-Control", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
            assert straight[name] == through[name]
        assert set(straight) <= set(through) | {"Server", "Date", "Connection", "Keep-Alive", "Content-Length"}


class TestNothingElse:
    """What is refused."""

    def test_without_a_token_nothing_comes(self, ask, site):
        reply = ask(below(site.images[0]), who=None)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert reply.json()["code"] == "not_authenticated"

    def test_a_token_that_is_none_opens_nothing(self, ask, site):
        assert ask(below(site.images[0]), who=None, Authorization="Bearer nonsense").status == 401

    def test_a_token_for_another_study_opens_nothing(self, ask, site):
        assert ask(below(site.images[0]), study="1.2.3").status == 404
        assert ask(below(site.images[0]), study=site.images[0].StudyInstanceUID, accept=FILES).straight

    def test_the_review_mount_is_for_reviewers(self, ask, site):
        assert ask(below(site.images[0], "/review/dicom-web")).status == 403

    @pytest.mark.parametrize("which", ["unknown", "waiting"])
    def test_what_is_withheld_leaves_by_no_address(self, ask, site, which):
        hidden = getattr(site, which)
        named = {"study": hidden.StudyInstanceUID, "series": hidden.SeriesInstanceUID}
        named |= {"instance": hidden.SOPInstanceUID, "frames": "1", "tag": "7FE00010"}
        secrets = (hidden.SOPInstanceUID.encode(), hidden.SeriesInstanceUID.encode())
        walked = 0
        for pattern in urls.urlpatterns:
            path = re.sub(r"<str:(\w+)>", lambda found: named[found[1]], str(pattern.pattern))
            reply = ask(f"/dicom-web/{path}", "*/*")
            of_it = "series" in pattern.pattern.converters and pattern.name != "instances-of-series"
            assert reply.status == (404 if of_it else 405 if not path else 200), path
            assert not any(secret in reply.content for secret in secrets), path
            walked += of_it
        assert walked >= 10

    def test_what_is_accepted_comes_from_the_registry(self, ask, site):
        reply = ask(below(site.accepted), FILES)
        assert reply.seen == ["GET /proxy/image 403", f"GET {below(site.accepted)} 200"]
        (part,) = reply.parts()
        assert part.get_payload(decode=True) == to_bytes(site.accepted)

    def test_frames_that_there_are_not_are_not_found(self, ask, site):
        assert ask(below(site.images[0]) + "/frames/2").status == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    def test_nothing_is_written_there(self, ask, site, method):
        reply = ask(below(site.images[0]), method=method)
        assert reply.status in (403, 405)

    def test_the_address_of_the_proxy_is_closed(self, ask, site):
        told = {"X-Proxy-Secret": SECRET, "X-Original-Method": "GET", "X-Original-URI": below(site.images[0])}
        for path in ("/proxy/image", "/proxy/./image", "/%70roxy/image", "//proxy/image"):
            reply = ask(path, **told)
            assert (reply.status, reply.seen) == (404, []) or reply.status in (301, 404), path
            assert not [name for name in reply.headers if name.startswith("X-Archive")]

    def test_a_client_cannot_say_what_it_asked_for(self, ask, site):
        told = {"X-Original-URI": below(site.images[0]), "X-Original-Method": "GET", "X-Archive-Path": "system"}
        assert ask(below(site.unknown), **told).status == 404

    def test_an_address_written_in_another_way_opens_nothing(self, ask, site):
        image, hidden = below(site.images[0]), site.unknown
        steps = f"series/{hidden.SeriesInstanceUID}/instances/{hidden.SOPInstanceUID}"
        up = "/../../../../"
        for path in (
            image + up + steps,
            image + up.replace("/", "%2f") + steps,
            image + up.replace("..", "%2e%2e") + steps,
            image + up.replace("..", "..;a=b") + steps,
            image + "/frames/1/.." + up + steps,
            below(hidden) + "?",
            below(hidden) + "?x=" + image,
            below(hidden) + "#" + image,
            below(hidden) + "%23" + image,
            "/dicom-web//studies/" + below(hidden).removeprefix("/dicom-web/studies/"),
            "//dicom-web/" + below(hidden).removeprefix("/dicom-web/"),
            below(hidden).replace("/series/", "%2Fseries%2F"),
            below(hidden).replace("/instances/", "/%69nstances/"),
            below(hidden) + "/",
            below(hidden) + "/.",
            below(hidden) + "%00",
            below(hidden) + "/frames/1/",
            below(hidden) + "/frames/1%2c1",
            "/dicom-web/../proxy/../dicom-web/" + below(hidden).removeprefix("/dicom-web/"),
            "/dicom-web/../instances",
            f"{site.archive}{below(hidden)}",
        ):
            reply = ask(path, "*/*")
            assert reply.status in (400, 404), (path, reply.status)
            assert hidden.PixelData not in reply.content

    def test_an_image_written_in_another_way_comes_through_the_registry_or_not_at_all(self, ask, site):
        image = below(site.images[0])
        for path in (
            image.replace("/series/", "/%73eries/"),
            image + "?",
            "//dicom-web/" + image[11:],
            image + "/../" + image[-40:],
        ):
            reply = ask(path, FILES)
            assert not reply.straight, path
            if reply.status == 200:
                (part,) = reply.parts()
                assert pydicom.dcmread(io.BytesIO(part.get_payload(decode=True))).Modality == "CT"


LYING = {
    "Content-Type": "application/dicom",
    "Server": "Archive/1.0",
    "Via": "1.1 archive.internal",
    "Content-Location": "http://archive.internal/1",
    "Location": "http://archive.internal/2",
    "Link": "<http://archive.internal/3>",
    "Set-Cookie": "of=archive.internal",
    "WWW-Authenticate": "Basic realm=archive.internal",
    "X-Powered-By": "archive.internal",
    "X-Accel-Redirect": "/proxy/image",
    "X-Accel-Expires": "100",
    "Cache-Control": "public, max-age=100",
    "Vary": "archive.internal",
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src archive.internal",
    "X-Request-Id": "of-the-archive.internal",
}


class TestSecrets:
    """The archive's credentials stay between the proxy and the archive, the viewer's between the viewer and the registry."""

    @pytest.fixture
    def lying(self, proxied):
        """A proxy before an archive that says too much: the double, and the proxy's origin."""
        with running_double() as double:
            double.answers = lambda asked: Answer(b"file", headers=LYING)
            yield double, proxied(ARCHIVE=urlsplit(double.origin).netloc)

    def test_no_answer_has_the_archives_credentials(self, ask, site):
        asked = [
            (below(each) + suffix, who)
            for each in (site.images[0], site.unknown, site.accepted)
            for suffix in ("", "/frames/1", "/frames/9", "/metadata")
            for who in ("clinician", None)
        ]
        for path, who in asked:
            reply = ask(path, "*/*", who=who)
            told = str(reply.headers).encode() + reply.content
            for secret in (PASSWORD, "Basic ", SECRET, urlsplit(site.archive).netloc):
                assert secret.encode() not in told, (path, secret)
            assert not [
                name for name in reply.headers if name.lower().startswith(("x-archive", "x-proxy", "x-original"))
            ]

    def test_no_log_has_them(self, ask, site):
        ask(below(site.images[0]))
        log = (site.folder / "proxy" / "nginx.log").read_text()
        assert below(site.images[0]) in log
        for secret in (PASSWORD, SECRET, site.token("clinician")):
            assert secret not in log + site.server.log.read_text()

    def test_the_archive_is_told_nothing_of_the_viewer(self, ask, site, lying):
        double, origin = lying
        viewers = {
            "Cookie": "sessionid=abc",
            "Referer": "https://viewer.example/?PatientName=x",
            "Origin": "https://viewer.example",
            "X-Forwarded-For": "10.0.0.1",
            "Range": "bytes=0-9",
            "If-None-Match": '"tag"',
        }
        assert ask(below(site.images[0]), FILES, at=origin, **viewers).straight
        asked: Asked
        (asked,) = double.asked
        assert asked.path == below(site.images[0])
        assert asked.headers["authorization"].startswith("Basic ")
        assert asked.headers["accept"] == FILES
        assert (asked.headers["range"], asked.headers["if-none-match"]) == ("bytes=0-9", '"tag"')
        assert set(asked.headers) == {
            *("authorization", "accept", "range", "if-none-match", "forwarded", "host", "user-agent", "x-request-id"),
        }
        assert site.token("clinician") not in str(asked.headers)

    def test_what_the_archive_says_of_itself_stays_here(self, ask, site, lying):
        _, origin = lying
        reply = ask(below(site.images[0]), FILES, at=origin)
        assert (reply.straight, reply.content) == (True, b"file")
        assert "archive.internal" not in str(reply.headers)
        assert reply.headers["Cache-Control"] == "private, no-cache"
        assert "Access-Control-Allow-Origin" not in reply.headers

    @pytest.mark.parametrize(
        "status", ["302 Found", "401 Unauthorized", "403 Forbidden", "404 Not Found", "500 Oops", "503 Busy"]
    )
    def test_what_the_archive_refuses_the_registry_answers(self, ask, site, lying, status):
        double, origin = lying
        double.answers = lambda asked: Answer(b"archive.internal", status, LYING)
        reply = ask(below(site.images[0]), FILES, at=origin)
        assert reply.seen == ["GET /proxy/image 204", f"GET {below(site.images[0])} 200"]  # it asks the true one
        assert b"archive.internal" not in reply.content

    def test_a_range_that_the_archive_serves_is_passed_on(self, ask, site, lying):
        double, origin = lying
        double.answers = lambda asked: Answer(b"fi", "206 Partial Content", LYING | {"Content-Range": "bytes 0-1/4"})
        reply = ask(below(site.images[0]), "application/dicom", at=origin, Range="bytes=0-1")
        assert (reply.status, reply.content, reply.headers["Content-Range"]) == (
            206,
            b"fi",
            "bytes 0-1/4",
        )

    def test_an_unchanged_image_is_not_sent_again(self, ask, site, lying):
        double, origin = lying
        double.answers = lambda asked: Answer(b"", "304 Not Modified", {"ETag": '"tag"'})
        assert ask(below(site.images[0]), FILES, at=origin, **{"If-None-Match": '"tag"'}).status == 304


class TestAway:
    """What is said when something does not answer."""

    def test_an_archive_that_is_away_is_a_bad_gateway(self, ask, site, proxied):
        reply = ask(below(site.images[0]), at=proxied(ARCHIVE=f"127.0.0.1:{free_port()}"))
        assert (reply.status, reply.headers["Content-Type"]) == (502, "application/problem+json")
        assert (reply.json()["code"], reply.json()["status"]) == ("archive_failed", 502)

    def test_an_archive_that_is_silent_is_a_gateway_timeout(self, ask, site, proxied):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = f"127.0.0.1:{silent.getsockname()[1]}"
            reply = ask(below(site.images[0]), at=proxied(ARCHIVE=place, SOURCE_SECONDS="1"))
        assert (reply.status, reply.json()["code"]) == (504, "archive_too_slow")

    @pytest.mark.parametrize("path", ["/dicom-web/studies", "/dicom-web/studies/1.2/series/1.2/instances/1.2"])
    def test_a_registry_that_is_away_is_unavailable(self, ask, proxied, path):
        reply = ask(path, at=proxied(REGISTRY=f"127.0.0.1:{free_port()}"))
        assert (reply.status, reply.json()["code"]) == (503, "unavailable")

    def test_a_proxy_with_another_secret_takes_nothing_straight(self, ask, site, proxied):
        reply = ask(below(site.images[0]), FILES, at=proxied(PROXY_SECRET="t" * 40))
        assert reply.seen == ["GET /proxy/image 404", f"GET {below(site.images[0])} 200"]


class TestTheRest:
    """What the proxy does for everything that it hands on."""

    def test_a_large_body_streams_through(self, ask, site):
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

    def test_the_registry_learns_the_clients_address_and_nobody_elses_word_for_it(self, ask, site):
        reply = ask("/livez", **{"X-Forwarded-For": "10.9.8.7"})
        assert reply.status == 200
        (line,) = [
            each for each in site.server.log.read_text().splitlines() if each.endswith(reply.headers["X-Request-Id"])
        ]
        assert "10.9.8.7" not in line

    def test_one_id_stands_in_both_logs(self, ask, site):
        given = ask(below(site.images[0]), FILES).headers["X-Request-Id"]
        assert given in (site.folder / "proxy" / "nginx.log").read_text()
        assert site.registry_log(given) == ["GET /proxy/image 204"]
