"""Asks other identity providers over HTTP, within bounds: time, size, no redirects, no plain text over a network."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TIMEOUT_SECONDS = 3.0
"""The longest silence, and the longest body."""

BEGIN_SECONDS = 5.0
"""How long an answer may take to begin: the time-out of a socket is for each piece alone."""

MOST_BYTES = 262_144


class FetchFailed(Exception):
    """An issuer did not answer as it should; the message is for the log and quotes nothing that was answered."""


class _StayHere(HTTPRedirectHandler):
    """Follows nothing: keys and tokens come from the address that was configured."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class _Watched(HTTPHandler, HTTPSHandler):
    """Makes the one connection of a fetch, and ends it where the answer has not begun in time."""

    _made: HTTPConnection | None = None

    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(self._making(HTTPConnection), request)

    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(self._making(HTTPSConnection), request, context=self._context)

    def _making(self, kind: type[HTTPConnection]) -> Callable[..., HTTPConnection]:
        def make(*args: object, **options: object) -> HTTPConnection:
            self._made = kind(*args, **options)
            return self._made

        return make

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Until the answer has begun."""
        timer = threading.Timer(BEGIN_SECONDS, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        with suppress(OSError, AttributeError):  # not yet connected, or ended by itself
            self._made.sock.shutdown(socket.SHUT_RDWR)


def is_safe(address: object) -> bool:
    """Whether it is an https address, or one of this very machine, without user, fragment and blanks."""
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    safe = (parts.scheme == "https" and host) or (parts.scheme == "http" and host in LOOPBACK)
    return bool(safe) and not parts.username and not parts.fragment


def fetch_json(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict:
    """The JSON object at the address; a form is posted, without one it is a GET. Raises FetchFailed."""
    if not is_safe(address):
        raise FetchFailed("the address is neither https nor of this machine")
    data = urlencode(form).encode("ascii") if form is not None else None
    request = Request(address, data=data, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310 -- is_safe
    watched = _Watched()
    try:
        with watched.watching():
            answer = build_opener(_StayHere, watched).open(request, timeout=TIMEOUT_SECONDS)
        with answer:
            found = json.loads(_body(answer))
    except HTTPError as fault:
        with fault:
            raise FetchFailed(f"it answered {fault.code}") from None
    except (OSError, HTTPException, ValueError, RecursionError) as fault:
        raise FetchFailed(f"it could not be read: {type(fault).__name__}") from None
    if not isinstance(found, dict):
        raise FetchFailed("it did not answer a JSON object")
    return found


def _body(answer: HTTPResponse) -> bytes:
    """The whole body. Raises ValueError when it is too long, or comes too slowly."""
    until = time.monotonic() + TIMEOUT_SECONDS
    body = bytearray()
    while piece := answer.read1(65_536):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("too long or too slow")
    return bytes(body)
