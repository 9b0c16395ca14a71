"""What the viewer's origin answers."""

from io import BytesIO
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import pytest

from registry.viewer.app_config import EXTENSION
from registry.viewer.serve import ViewerOrigin

SITE, ORIGIN = "https://overlays.example", "https://viewer.example:8443"
HOST = "viewer.example:8443"


def registry(environ: dict, start_response) -> list[bytes]:
    """Stands for the registry: says which path it was asked for."""
    start_response("200 OK", [("X-Answered-By", "registry")])
    return [environ["PATH_INFO"].encode()]


@pytest.fixture
def viewer(tmp_path: Path) -> ViewerOrigin:
    (tmp_path / "index.html").write_text("<title>OHIF</title>")
    (tmp_path / "app.bundle.0f6159c501addfe9.js").write_text("run()")
    (tmp_path / "37fa160cc3a47cfd.wasm").write_bytes(b"\0asm")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "logo.svg").write_text("<svg/>")
    return ViewerOrigin(registry, origin=ORIGIN, site=SITE, folder=tmp_path)


def ask(viewer: ViewerOrigin, path: str, *, method: str = "GET", host: str = HOST) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer."""
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": host, "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    begun = []
    answer = viewer(environ, lambda status, headers: begun.append((status, headers)))
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    (status, headers), *_ = begun
    return int(status.split()[0]), dict(headers), body


@pytest.mark.parametrize("path", ["/", "/viewer", "/viewer/review", "/callback", "/login", "/admin/", "/index.html"])
def test_every_page_is_the_same_one(viewer, path):
    status, headers, body = ask(viewer, path)
    assert (status, body, headers["Cache-Control"]) == (200, b"<title>OHIF</title>", "no-cache")


@pytest.mark.parametrize("path", ["/missing.js", "/assets/missing.png", "/viewer/../../etc/passwd.txt", "/.env"])
def test_a_missing_file_is_missing(viewer, path):
    status, headers, _ = ask(viewer, path)
    assert (status, headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/app.bundle.0f6159c501addfe9.js", "text/javascript"), ("/37fa160cc3a47cfd.wasm", "application/wasm")],
)
def test_files_with_a_digest_in_their_name_may_be_kept(viewer, path, media_type):
    status, headers, _ = ask(viewer, path)
    assert (status, headers["Content-Type"].split(";")[0]) == (200, media_type)
    assert "immutable" in headers["Cache-Control"]


def test_other_files_are_asked_for_anew(viewer):
    assert ask(viewer, "/assets/logo.svg")[1]["Cache-Control"] == "no-cache"


def test_the_extension_is_asked_for_anew_by_its_tag(viewer):
    status, headers, body = ask(viewer, EXTENSION)
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["ETag"]
    assert b"preRegistration" in body


@pytest.mark.parametrize("path", ["/", "/app-config.js", "/assets/logo.svg", "/missing.js", EXTENSION])
def test_every_answer_bears_the_viewers_policy(viewer, path):
    headers = ask(viewer, path)[1]
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["connect-src"] == f"'self' {SITE}"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/dicom-web/studies", "/review/dicom-web/studies", "/api/v1/models"])
def test_what_the_viewer_asks_of_the_registry_reaches_it(viewer, path):
    assert ask(viewer, path)[1:] == ({"X-Answered-By": "registry"}, path.encode())


@pytest.mark.parametrize("path", ["/admin/", "/oidc/authorize", "/login/", "/static/overlays/review.js"])
def test_nothing_else_of_the_registry_is_on_the_viewers_origin(viewer, path):
    assert "X-Answered-By" not in ask(viewer, path)[1]


@pytest.mark.parametrize("host", ["overlays.example", "viewer.example", "viewer.example:8443.evil.example", ""])
def test_other_hosts_are_the_registrys(viewer, host):
    assert ask(viewer, "/", host=host)[1] == {"X-Answered-By": "registry"}


def test_the_hosts_name_is_read_in_any_case(viewer):
    assert ask(viewer, "/", host="Viewer.Example:8443")[2] == b"<title>OHIF</title>"


@pytest.mark.parametrize("path", ["/app-config.js", "/viewer", "/missing.js"])
def test_nothing_is_written_there(viewer, path):
    assert ask(viewer, path, method="POST")[0] == 405


@pytest.mark.parametrize("path", ["/app-config.js", "/viewer"])
def test_head_has_the_headers_alone(viewer, path):
    status, headers, body = ask(viewer, path, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


def test_the_configuration_is_never_kept(viewer):
    _, headers, body = ask(viewer, "/app-config.js")
    assert (headers["Cache-Control"], headers["Content-Type"]) == ("no-store", "text/javascript; charset=utf-8")
    assert body.startswith(b"window.config = {")
