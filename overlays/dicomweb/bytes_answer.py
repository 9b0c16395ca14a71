"""Answers with bytes that stream from the store, whole or in parts, never held in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponseBase, StreamingHttpResponse

from overlays.dicomweb.byte_range import ByteRange
from overlays.dicomweb.negotiation import Chosen

Read = Callable[[int, int | None], Iterable[bytes]]
"""Gives so many bytes from an offset on, or all the others (None)."""


@dataclass(frozen=True)
class Piece:
    """One part: its length where it is known, and how its bytes are had; ``seekable``: also those in its midst alone."""

    length: int | None
    read: Read
    seekable: bool = True


def in_memory(data: bytes) -> Piece:
    """A piece whose bytes are there."""
    return Piece(len(data), lambda first, length: (data[first : None if length is None else first + length],))


def bytes_answer(
    pieces: Sequence[Piece],
    chosen: Chosen,
    *,
    digest: str,
    content_type: str = "",
    head: bool = False,
    only: ByteRange | None = None,
) -> HttpResponseBase:
    """The answer; ``head`` leaves its body out, ``only`` all but a range of the bytes of a single part.

    ``digest`` is that of the whole content: the boundary follows from it, so that equal content is equal bytes and a strong entity
    tag holds for the multipart body too. No content can hold its own digest.
    """
    boundary = digest[:40]
    inner = content_type or chosen.offer.content_type
    if chosen.multipart:
        header = f"\r\n--{boundary}\r\nContent-Type: {inner}\r\n\r\n".encode()
        end = f"\r\n--{boundary}--\r\n".encode()
        outer = f'multipart/related; type="{chosen.offer.essence}"; boundary={boundary}'
        length = _sum(pieces, len(header), len(end))
        stream = _parts(pieces, header, end)
    else:
        (piece,) = pieces
        first, wanted = (only.first, only.length) if only else (0, None)
        outer, length, stream = inner, only.length if only else piece.length, _single(piece, first, wanted)
    # Streaming, for Django would give an empty answer the length 0.
    answer = StreamingHttpResponse(() if head else stream, content_type=outer)
    if length is not None:
        answer.headers["Content-Length"] = str(length)
    if only:
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {only.first}-{only.first + only.length - 1}/{pieces[0].length}"
    if can_range(pieces, chosen):
        answer.headers["Accept-Ranges"] = "bytes"
    return answer


def can_range(pieces: Sequence[Piece], chosen: Chosen) -> bool:
    """Whether parts of the body can be had: of a single part that lies ready."""
    return not chosen.multipart and pieces[0].seekable and pieces[0].length is not None


def _sum(pieces: Sequence[Piece], header: int, end: int) -> int | None:
    lengths = [piece.length for piece in pieces]
    return None if None in lengths else sum(lengths) + header * len(pieces) + end


def _single(piece: Piece, first: int, length: int | None) -> Iterator[bytes]:
    yield from piece.read(first, length)


def _parts(pieces: Sequence[Piece], header: bytes, end: bytes) -> Iterator[bytes]:
    for piece in pieces:
        yield header
        yield from piece.read(0, None)
    yield end
