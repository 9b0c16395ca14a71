"""Reads the body of a request as it comes, chunked or not, under a limit; nothing else may touch the body."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Timer
from time import monotonic
from typing import BinaryIO

from django.http import HttpRequest
from rest_framework.request import Request

from overlays.http.multipart import Truncated
from overlays.http.refusals import BodyTooLarge, LengthRequired

CHUNK = 1 << 18
MOST_DROPPED = 8 << 20
"""Read and thrown away after a refusal, so that a client that sends first sees the status instead of a broken pipe."""
MOST_SECONDS = 1.0
"""Of reading and throwing away: whoever is refused holds no thread for longer."""


class RequestBody:
    """The body as a stream of bytes, of at most ``limit``.

    ``taken`` counts the bytes read so far. Raises LengthRequired when the request says neither how long its body is nor that it is
    chunked; BodyTooLarge when it says that it is longer than the limit.
    """

    def __init__(self, request: Request | HttpRequest, *, limit: int) -> None:
        self._limit = limit
        self.taken = 0
        self._stream: BinaryIO = _stream(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > limit:
            raise BodyTooLarge(self._too_large())

    def chunks(self) -> Iterator[bytes]:
        """All of it, at most 256 KiB at a time. Raises BodyTooLarge; Truncated when the client went away."""
        while chunk := _read(self._stream, CHUNK):
            self.taken += len(chunk)
            if self.taken > self._limit:
                raise BodyTooLarge(self._too_large())
            yield chunk

    def _too_large(self) -> str:
        return f"A request may have a body of {self._limit} bytes; this one is larger."


def drop_rest(request: Request | HttpRequest, *, taken: int = 0) -> None:
    """Read what is left of the body and forget it, unless more than is read anyhow is left behind the ``taken`` bytes.

    After ``MOST_SECONDS`` or ``MOST_DROPPED`` bytes the connection is deaf, so that the server does not wait for the rest either.
    """
    peer: socket.socket | None = request.META.get("gunicorn.socket")
    try:
        stream = _stream(request)
    except LengthRequired:
        return
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated) - taken > MOST_DROPPED:
        _stop_listening(peer)
        return
    # A time limit for each read would not do: a client that sends one byte a second is never late.
    end, watch = monotonic() + MOST_SECONDS, Timer(MOST_SECONDS, _stop_listening, (peer,))
    watch.daemon = True
    watch.start()
    left = MOST_DROPPED
    try:
        while chunk := _read(stream, min(CHUNK, left)):
            left -= len(chunk)
            if left <= 0 or monotonic() > end:
                _stop_listening(peer)
                return
    except Truncated:
        return  # nobody is there to be told
    finally:
        watch.cancel()


def _stop_listening(peer: socket.socket | None) -> None:
    """Take nothing more from the connection; it can still be written to."""
    if peer is not None:
        with suppress(OSError):  # closed already
            # Not the method of a TLS socket, which would give up encryption as well.
            socket.socket.shutdown(peer, socket.SHUT_RD)


def _read(stream: BinaryIO, size: int) -> bytes:
    """The next bytes of a body. Raises Truncated when there are no more to be had."""
    try:
        return stream.read(size)
    except OSError:
        raise Truncated("The body ends before its closing delimiter: the connection broke.") from None
    except Exception as malformed:  # noqa: BLE001 - servers raise kinds of their own for a chunk that is none
        raise Truncated(
            f"The body cannot be read on: it is not chunked as HTTP says ({type(malformed).__name__})."
        ) from None


def _stream(request: Request | HttpRequest) -> BinaryIO:
    """Where to read. Django presents an empty body for a chunked request; the server's own stream has it, where it can tell its end."""
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        if request.META.get("wsgi.input_terminated"):
            return request.META["wsgi.input"]
    elif request.META.get("CONTENT_LENGTH"):
        return getattr(request, "_request", request)
    raise LengthRequired("A request with a body says its Content-Length, or is chunked.")
