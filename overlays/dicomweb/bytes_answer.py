"""Answers with bytes that stream from the store, whole or in parts, never held in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from overlays.dicomweb.negotiation import Chosen


@dataclass(frozen=True)
class Piece:
    """One part: its length where it is known, and how its bytes are had."""

    length: int | None
    read: Callable[[], Iterable[bytes]]


def bytes_answer(
    pieces: Sequence[Piece], chosen: Chosen, *, digest: str, content_type: str = "", head: bool = False
) -> HttpResponseBase:
    """The answer; ``head`` leaves its body out.

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
        outer, length, stream = inner, pieces[0].length, _single(pieces[0])
    answer = HttpResponse(content_type=outer) if head else StreamingHttpResponse(stream, content_type=outer)
    if length is not None:
        answer.headers["Content-Length"] = str(length)
    return answer


def _sum(pieces: Sequence[Piece], header: int, end: int) -> int | None:
    lengths = [piece.length for piece in pieces]
    return None if None in lengths else sum(lengths) + header * len(pieces) + end


def _single(piece: Piece) -> Iterator[bytes]:
    yield from piece.read()


def _parts(pieces: Sequence[Piece], header: bytes, end: bytes) -> Iterator[bytes]:
    for piece in pieces:
        yield header
        yield from piece.read()
    yield end
