"""Reads the body of a request as it comes, chunked or not, under a limit; nothing else may touch the body."""

from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest
from rest_framework.request import Request

from overlays.dicomweb.multipart import Truncated
from overlays.dicomweb.refusals import BodyTooLarge, LengthRequired

CHUNK = 1 << 18
MOST_DROPPED = 8 << 20
"""Read and thrown away after a refusal, so that a client that sends first sees the status instead of a broken pipe."""


class RequestBody:
    """The body as a stream of bytes, of at most ``limit``.

    Raises LengthRequired when the request says neither how long its body is nor that it is chunked; BodyTooLarge when it says that
    it is longer than the limit.
    """

    def __init__(self, request: Request | HttpRequest, *, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._stream: BinaryIO = _stream(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > limit:
            raise BodyTooLarge(self._too_large())

    def chunks(self) -> Iterator[bytes]:
        """All of it, at most 256 KiB at a time. Raises BodyTooLarge; Truncated when the client went away."""
        while chunk := self._read():
            self._taken += len(chunk)
            if self._taken > self._limit:
                raise BodyTooLarge(self._too_large())
            yield chunk

    def _read(self) -> bytes:
        try:
            return self._stream.read(CHUNK)
        except OSError:  # the connection broke, or a chunk was malformed: servers raise kinds of OSError for both
            raise Truncated("The body ends before its closing delimiter: the connection broke.") from None

    def _too_large(self) -> str:
        return f"A request may have a body of {self._limit} bytes; this one is larger."


def drop_rest(request: Request | HttpRequest) -> None:
    """Read what is left of the body, up to a bound, and forget it."""
    try:
        stream = _stream(request)
        left = MOST_DROPPED
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
    except (OSError, LengthRequired):
        return  # nobody is there to be told


def _stream(request: Request | HttpRequest) -> BinaryIO:
    """Where to read. Django presents an empty body for a chunked request; the server's own stream has it, where it can tell its end."""
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        if request.META.get("wsgi.input_terminated"):
            return request.META["wsgi.input"]
    elif request.META.get("CONTENT_LENGTH"):
        return getattr(request, "_request", request)
    raise LengthRequired("A request with a body says its Content-Length, or is chunked.")
