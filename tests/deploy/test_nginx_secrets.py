"""The archive's credentials stay between nginx and the archive, the viewer's between the viewer and the registry."""

import socket
from contextlib import closing

import pytest

from tests.archive.double import Answer, running_double
from tests.deploy.asking import FILES, below
from tests.deploy.site import PASSWORD, SECRET, place

pytestmark = [pytest.mark.slow, pytest.mark.real]


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


@pytest.fixture
def lying(proxied):
    """A proxy before an archive that says too much: the double, and the proxy's origin."""
    with running_double() as double:
        double.answers = lambda asked: Answer(b"file", headers=LYING)
        yield double, proxied(ARCHIVE=place(double.origin))


def test_no_answer_has_the_archives_credentials(ask, site):
    asked = [
        (below(each) + suffix, who)
        for each in (site.images[0], site.unknown, site.accepted)
        for suffix in ("", "/frames/1", "/frames/9", "/metadata")
        for who in ("clinician", None)
    ]
    for path, who in asked:
        reply = ask(path, "*/*", who=who)
        told = str(reply.headers).encode() + reply.content
        for secret in (PASSWORD, "Basic ", SECRET, place(site.archive)):
            assert secret.encode() not in told, (path, secret)
        assert not [name for name in reply.headers if name.lower().startswith(("x-archive", "x-proxy", "x-original"))]


def test_no_log_has_them(ask, site):
    ask(below(site.images[0]))
    log = (site.folder / "proxy" / "nginx.log").read_text()
    assert below(site.images[0]) in log
    for secret in (PASSWORD, SECRET, site.token("clinician")):
        assert secret not in log + site.server.log.read_text()


def test_the_archive_is_told_nothing_of_the_viewer(ask, site, lying):
    double, origin = lying
    viewers = {
        "Cookie": "sessionid=abc",
        "Referer": "https://other-viewer.example/?PatientName=x",
        "Origin": "https://other-viewer.example",
        "X-Forwarded-For": "10.0.0.1",
        "Range": "bytes=0-9",
        "If-None-Match": '"tag"',
    }
    assert ask(below(site.images[0]), FILES, at=origin, **viewers).straight
    (asked,) = double.asked
    assert asked.path == below(site.images[0])
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.headers["accept"] == FILES
    assert (asked.headers["range"], asked.headers["if-none-match"]) == ("bytes=0-9", '"tag"')
    assert set(asked.headers) == {
        *("authorization", "accept", "range", "if-none-match", "forwarded", "host", "user-agent", "x-request-id"),
    }
    assert site.token("clinician") not in str(asked.headers)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_the_archive_does_not_get_is_not_announced_to_it(ask, site, lying, chunked):
    """It would take the beginning of the next request on the connection, which may be another viewer's, for that body."""
    double, origin = lying
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": "40"}
    body = b"28\r\n" + b"a" * 40 + b"\r\n0\r\n\r\n" if chunked else b"a" * 40
    assert ask(below(site.images[0]), FILES, at=origin, body=body, **framing).straight
    assert not {"content-length", "transfer-encoding"} & set(double.asked[0].headers)


def test_a_client_that_names_no_host_is_not_told_the_archives(ask, site, lying):
    double, origin = lying
    with closing(socket.create_connection(place(origin).split(":"))) as connection:
        token = site.token("clinician")
        connection.sendall(f"GET {below(site.images[0])} HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert double.asked[0].headers["forwarded"] == "host=localhost;proto=http"


def test_what_the_archive_says_of_itself_stays_here(ask, site, lying):
    _, origin = lying
    reply = ask(below(site.images[0]), FILES, at=origin)
    assert (reply.straight, reply.content) == (True, b"file")
    assert "archive.internal" not in str(reply.headers)
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize(
    "status",
    [
        "302 Found",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "409 Conflict",
        "451 Unavailable For Legal Reasons",
        "500 Oops",
        "501 Not Implemented",
        "503 Busy",
        "507 Insufficient Storage",
    ],
)
def test_what_the_archive_refuses_the_registry_answers(ask, site, lying, status):
    double, origin = lying
    double.answers = lambda asked: Answer(b"archive.internal", status, LYING)
    reply = ask(below(site.images[0]), FILES, at=origin)
    assert reply.seen == ["GET /proxy/image 204", f"GET {below(site.images[0])} 200"]  # it asks the true one
    assert b"archive.internal" not in reply.content


def test_a_range_that_the_archive_serves_is_passed_on(ask, site, lying):
    double, origin = lying
    double.answers = lambda asked: Answer(b"fi", "206 Partial Content", LYING | {"Content-Range": "bytes 0-1/4"})
    reply = ask(below(site.images[0]), "application/dicom", at=origin, Range="bytes=0-1")
    assert (reply.status, reply.content, reply.headers["Content-Range"]) == (
        206,
        b"fi",
        "bytes 0-1/4",
    )


def test_an_unchanged_image_is_not_sent_again(ask, site, lying):
    double, origin = lying
    double.answers = lambda asked: Answer(b"", "304 Not Modified", {"ETag": '"tag"'})
    assert ask(below(site.images[0]), FILES, at=origin, **{"If-None-Match": '"tag"'}).status == 304
