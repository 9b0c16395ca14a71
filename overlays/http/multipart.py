"""Parses multipart/related bodies as their bytes come, keeping none of them (RFC 2046 5.1, RFC 2387)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_HEADER_BYTES = 8192
MAX_PADDING_BYTES = 1024
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class MultipartError(ValueError):
    """The body is not what multipart demands; the sentence says where."""


class Truncated(MultipartError):
    """The body ended before its closing delimiter."""


@dataclass(frozen=True)
class PartBegins:
    """A part, with its header fields; names are in lower case."""

    headers: dict[str, str]


@dataclass(frozen=True)
class PartEnds:
    """The part that began last is complete: the delimiter behind it was seen."""


Event = PartBegins | PartEnds | memoryview
"""What a body is made of; a ``memoryview`` is the next bytes of the part that began last, valid until the next event is asked for."""


class _At(Enum):
    PREAMBLE = auto()
    BOUNDARY_LINE = auto()
    HEADERS = auto()
    BODY = auto()
    EPILOGUE = auto()


class MultipartParser:
    """Give every chunk to ``feed`` and call ``finish`` at the end of the input.

    Raises MultipartError for a boundary that RFC 2046 5.1.1 does not allow.
    """

    def __init__(self, boundary: str) -> None:
        if not _BOUNDARY.fullmatch(boundary):
            raise MultipartError(
                f"A boundary has 1 to 70 characters of those RFC 2046 allows, the last no space; it is {boundary[:80]!r}."
            )
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        # A virtual CRLF, so that a body that begins with its first delimiter parses like one with a preamble.
        self._buffer = b"\r\n"
        self._at = _At.PREAMBLE

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """What the chunk completes. The iterator must be used up before the next chunk. Raises MultipartError."""
        buffer = self._buffer + chunk if self._buffer else chunk
        position = 0
        while True:
            step = self._STEPS[self._at]
            events, moved = step(self, buffer, position)
            yield from events
            if moved is None:
                break
            position = moved
        self._buffer = self._kept

    def finish(self) -> None:
        """Raise Truncated unless the closing delimiter was seen."""
        if self._at is not _At.EPILOGUE:
            raise Truncated("The body ends before its closing delimiter: it was cut short.")

    def _wait(self, buffer: bytes, start: int, events: tuple[Event, ...] = ()) -> tuple[tuple[Event, ...], None]:
        """Keep what may be the beginning of something for the next chunk."""
        self._kept = buffer[start:]
        return events, None

    def _preamble(self, buffer: bytes, position: int) -> tuple[tuple[Event, ...], int | None]:
        found = buffer.find(self._delimiter, position)
        if found < 0:
            return self._wait(buffer, max(position, len(buffer) - len(self._delimiter) + 1))
        self._at = _At.BOUNDARY_LINE
        return (), found + len(self._delimiter)

    def _boundary_line(self, buffer: bytes, position: int) -> tuple[tuple[Event, ...], int | None]:
        if len(buffer) - position < 2:
            return self._wait(buffer, position)
        if buffer.startswith(b"--", position):
            self._at = _At.EPILOGUE
            return (), position + 2
        end = buffer.find(b"\r\n", position, position + MAX_PADDING_BYTES + 2)
        padding = buffer[position : end if end >= 0 else position + MAX_PADDING_BYTES + 1]
        if padding.rstrip(b"\r").strip(b" \t"):
            raise MultipartError("A boundary is followed by something else than blanks and a line's end.")
        if end >= 0:
            self._at = _At.HEADERS
            # The CRLF stays: where there is no header field it is the first of the two that end the header.
            return (), end
        if len(padding) > MAX_PADDING_BYTES:
            raise MultipartError(f"A boundary is followed by more than {MAX_PADDING_BYTES} blanks.")
        return self._wait(buffer, position)

    def _headers(self, buffer: bytes, position: int) -> tuple[tuple[Event, ...], int | None]:
        end = buffer.find(b"\r\n\r\n", position, position + MAX_HEADER_BYTES + 4)
        if end < 0:
            if len(buffer) - position > MAX_HEADER_BYTES + 4:
                raise MultipartError(f"The header of a part has more than {MAX_HEADER_BYTES} bytes.")
            return self._wait(buffer, position)
        # The second CRLF may be the beginning of the next delimiter: the part is empty then.
        behind = buffer[end + 2 : end + 2 + len(self._delimiter)]
        if behind == self._delimiter:
            self._at = _At.BOUNDARY_LINE
            began = PartBegins(_fields(buffer[position + 2 : end]))
            return (began, PartEnds()), end + 2 + len(self._delimiter)
        if self._delimiter.startswith(behind):
            return self._wait(buffer, position)
        self._at = _At.BODY
        return (PartBegins(_fields(buffer[position + 2 : end])),), end + 4

    def _body(self, buffer: bytes, position: int) -> tuple[tuple[Event, ...], int | None]:
        found = buffer.find(self._delimiter, position)
        until = found if found >= 0 else max(position, len(buffer) - len(self._delimiter) + 1)
        data = (memoryview(buffer)[position:until],) if until > position else ()
        if found < 0:
            return self._wait(buffer, until, data)
        self._at = _At.BOUNDARY_LINE
        return (*data, PartEnds()), found + len(self._delimiter)

    def _epilogue(self, buffer: bytes, position: int) -> tuple[tuple[Event, ...], int | None]:
        return self._wait(b"", 0)

    _kept = b""
    _STEPS = {
        _At.PREAMBLE: _preamble,
        _At.BOUNDARY_LINE: _boundary_line,
        _At.HEADERS: _headers,
        _At.BODY: _body,
        _At.EPILOGUE: _epilogue,
    }


def _fields(block: bytes) -> dict[str, str]:
    """The header fields of a part; folded lines (RFC 5322 2.2.3) are joined."""
    found: dict[str, str] = {}
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", block)
    for line in unfolded.split(b"\r\n") if unfolded else ():
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise MultipartError(f"The header of a part holds a line that is no field: {name[:80]!r}.")
        if name.lower() in found:
            raise MultipartError(f"The header of a part has the field {name[:80]} twice.")
        found[name.lower()] = value.strip(" \t")
    return found
