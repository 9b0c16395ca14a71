"""Keeps the access log legible, whatever strangers put into an address and however often viewers ask for changes."""

from datetime import timedelta
from urllib.parse import quote

from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response

FOLLOWING = "/api/v1/changes"
"""Asked every few seconds by every viewer that shows something; a line of each would be most of the log."""


class OneLineLogger(Logger):
    """Logs the path as it came over the wire: gunicorn decodes it, line feeds included."""

    def access(self, resp: Response, req: Request, environ: dict, request_time: timedelta) -> None:
        """Write a line for the request, unless it followed changes and was answered."""
        if environ.get("PATH_INFO") != FOLLOWING or resp.status_code != 200:
            super().access(resp, req, environ, request_time)

    def atoms(self, resp: Response, req: Request, environ: dict, request_time: timedelta) -> dict[str, object]:
        """What a line may name, the path percent-encoded."""
        named = super().atoms(resp, req, environ, request_time)
        named["U"] = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"))
        return named
