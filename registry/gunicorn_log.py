"""Keeps what strangers put into an address from writing lines of its own into the access log."""

from datetime import timedelta
from urllib.parse import quote

from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response


class OneLineLogger(Logger):
    """Logs the path as it came over the wire: gunicorn decodes it, line feeds included."""

    def atoms(self, resp: Response, req: Request, environ: dict, request_time: timedelta) -> dict[str, object]:
        """What a line may name, the path percent-encoded."""
        named = super().atoms(resp, req, environ, request_time)
        named["U"] = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"))
        return named
