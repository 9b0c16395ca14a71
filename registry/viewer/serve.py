"""Serves OHIF on an origin of its own, beside the registry in one process."""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

from registry.viewer.app_config import app_config

Application = Callable[[dict, Callable], Iterable[bytes]]

CONFIGURATION = "/app-config.js"
EXTENSION = Path(__file__).parent / "extension"
"""What OHIF loads at its start, under ``/ext/``."""
PASSED = ("/dicom-web/", "/review/dicom-web/", "/api/v1/")
"""What of the registry is reached on the viewer's origin too: then nothing that OHIF asks for is of another origin but the login."""

_HASHED = re.compile(r"[./][0-9a-f]{16}\.[a-z0-9]+$")
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' {registry}; manifest-src 'self'; frame-ancestors 'none'; "
    "base-uri 'self'"
)
"""The narrowest with which OHIF draws a segmentation: that needs 'unsafe-eval', which is why the registry's pages are elsewhere."""


class ViewerOrigin:
    """Answers requests to the viewer's host, and hands those to any other host on.

    ``origin`` is the viewer's, ``site`` the registry's, which is also where people sign in; ``folder`` holds OHIF; ``passes`` are the
    kinds of derived objects that pass from the archive unregistered (SOURCE_PASSES).
    """

    def __init__(
        self, registry: Application, *, origin: str, site: str, folder: Path, passes: Collection[str] = ()
    ) -> None:
        self._registry = registry
        self._host = urlsplit(origin).netloc.lower()
        self._guards = {
            "Content-Security-Policy": _POLICY.format(registry=site),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "X-Frame-Options": "DENY",
        }
        self._configuration = app_config(origin=origin, issuer=f"{site}/oidc", passes=passes).encode()
        self._files = WhiteNoise(
            self._no_file,
            root=folder,
            max_age=None,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
            add_headers_function=self._guard,
        )
        self._files.add_files(EXTENSION, prefix="/ext/")

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """One request."""
        path = environ.get("PATH_INFO", "")
        if environ.get("HTTP_HOST", "").lower() != self._host or path.startswith(PASSED):
            return self._registry(environ, start_response)
        if path == CONFIGURATION:
            return self._answer(environ, start_response, "200 OK", "text/javascript", self._configuration)
        return self._files(environ, start_response)

    def _guard(self, headers: Headers, path: str, url: str) -> None:
        headers.setdefault("Cache-Control", "no-cache")
        for name, value in self._guards.items():
            headers[name] = value

    def _no_file(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """The page for the addresses that OHIF makes up in the browser (/viewer, /callback); a file that is missing is missing."""
        if "." in environ.get("PATH_INFO", "").rpartition("/")[2]:
            return self._answer(environ, start_response, "404 Not Found", "text/plain", b"There is no such file.\n")
        return self._files.serve(self._files.files["/index.html"], environ, start_response)

    def _answer(
        self, environ: dict, start_response: Callable, status: str, media_type: str, body: bytes
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, media_type, body = "405 Method Not Allowed", "text/plain", b"Files are read here.\n"
        headers = Headers([("Content-Type", f"{media_type}; charset=utf-8"), ("Content-Length", str(len(body)))])
        headers["Cache-Control"] = "no-store"
        self._guard(headers, "", "")
        if status.startswith("405"):
            headers["Allow"] = "GET, HEAD"
        start_response(status, headers.items())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
