"""Answers WADO-RS: the stored bytes of studies, series and instances, their frames and bulk data (PS3.18 10.4)."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.http import parse_etags
from rest_framework.request import Request

from overlays.dicomweb.address import Address
from overlays.dicomweb.byte_range import ByteRange, NotSatisfiable, asked_range
from overlays.dicomweb.bytes_answer import Piece, bytes_answer, can_range, in_memory
from overlays.dicomweb.json_answer import accepted
from overlays.dicomweb.negotiation import OCTETS, PART_10, Chosen, Offer, choose, offers_of_frames, offers_of_instances
from overlays.governance.errors import Invalid
from overlays.http.refusals import CannotServe, NoSuchRange, PreconditionFailed
from overlays.queries import dicomweb_explicit as explicit
from overlays.queries import dicomweb_objects as objects
from overlays.queries.dicomweb_retrieve import Retrievable, retrievable
from overlays.services.record_retrieval import record_retrieval

T = TypeVar("T")
MOST_FRAMES = 10_000
NOT_AS_STORED = "Explicit VR Little Endian, made from what is stored: these are not the stored bytes. They come with transfer-syntax=*."


def digest_of(items: Sequence[Retrievable], *form: object) -> str:
    """SHA-256 over what is answered and in which form: hexadecimal digits."""
    lines = [*(f"{item.instance} {item.sha256}" for item in items), *map(str, form)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def not_modified(request: Request, digest: str) -> HttpResponse | None:
    """The answer 304 where the client names the entity tag that the content still has (RFC 9110 13.1.2).

    Raises PreconditionFailed where it insists on another one (13.1.1).
    """
    insisted = parse_etags(request.headers.get("If-Match", "*"))
    if "*" not in insisted and f'"{digest}"' not in insisted:
        raise PreconditionFailed("The content has another entity tag than the one that If-Match names.")
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" not in known and not any(tag.removeprefix("W/") == f'"{digest}"' for tag in known):
        return None
    answer = HttpResponse(status=304, headers={"ETag": f'"{digest}"'})
    del answer.headers["Content-Type"]
    return answer


class Retrieves(Address):
    """What retrieving in any form shares: what may leave, and the record that it left."""

    def _found(self, study: str, series: str | None = None, instance: str | None = None) -> list[Retrievable]:
        """Raises NotFound."""
        return retrievable(actor=self.actor, purpose=self.purpose, study=study, series=series, instance=instance)

    def _record(self, items: Sequence[Retrievable], form: str) -> None:
        """Before anything leaves: that these versions leave.

        HEAD carries nothing. A 304 is recorded as well: who asks whether a copy still holds is about to show it.
        """
        versions = [item.instance for item in items if item.is_version]
        if versions and self.request.method != "HEAD":
            record_retrieval(
                actor=self.actor,
                at=self.at,
                purpose=self.purpose,
                study=items[0].study,
                sop_instance_uids=versions,
                form=form,
            )

    def _bytes(
        self,
        items: Sequence[Retrievable],
        pieces: Sequence[Piece],
        chosen: Chosen,
        *,
        form: str,
        detail: str = "",
        content_type: str = "",
    ) -> HttpResponseBase:
        """The answer with its entity tag, or 304."""
        digest = digest_of(items, form, detail, chosen.offer.content_type, chosen.multipart)
        self._record(items, form)
        unchanged = not_modified(self.request, digest)
        if unchanged is not None:
            return unchanged
        head = self.request.method == "HEAD"
        only = self._range(pieces, digest) if can_range(pieces, chosen) else None
        answer = bytes_answer(pieces, chosen, digest=digest, content_type=content_type, head=head, only=only)
        answer.headers["ETag"] = f'"{digest}"'
        if chosen.offer.decoded:
            answer.headers["Warning"] = f'299 {settings.SITE_URL} "{NOT_AS_STORED}"'
        return answer

    def _range(self, pieces: Sequence[Piece], digest: str) -> ByteRange | None:
        length = pieces[0].length
        try:
            return asked_range(self.request, length=length, entity_tag=f'"{digest}"')
        except NotSatisfiable:
            raise NoSuchRange(length) from None


class RetrievesInstances(Retrieves):
    """GET of a study, a series or an instance: the bytes as they were received."""

    def get(
        self, request: Request, purpose: str, study: str, series: str | None = None, instance: str | None = None
    ) -> HttpResponseBase:
        """All of it that may be seen."""
        ranges = accepted(request)
        items = self._found(study, series, instance)
        offers = offers_of_instances(
            {item.transfer_syntax_uid for item in items}, decodable=all(map(explicit.can_be_explicit, items))
        )
        chosen = choose(ranges, offers, single=instance is not None)
        detail = f"explicit {explicit.FORM}" if chosen.offer.decoded else ""
        pieces = [_piece(item, chosen, alone=instance is not None) for item in items]
        return self._bytes(items, pieces, chosen, form="instance", detail=detail, content_type=PART_10)


def _piece(item: Retrievable, chosen: Chosen, *, alone: bool) -> Piece:
    """One instance. Re-encoded ones are begun only when it is their turn; an instance alone at once, so that a failure can be told."""
    if not chosen.offer.decoded or explicit.is_explicit(item):
        return Piece(item.size, lambda first, length: objects.whole(item, first, length))
    if alone:
        made = _decoded(lambda: explicit.explicit(item))
        return Piece(made.length, lambda *_: made.chunks, seekable=False)
    return Piece(None, lambda *_: explicit.explicit(item).chunks, seekable=False)


def _decoded(make: Callable[[], T]) -> T:
    """What ``make`` gives. Raises CannotServe for what can only be had as it is stored."""
    try:
        return make()
    except explicit.CannotDecode as cannot:
        raise CannotServe(f"{cannot.sentence} It is served as it is stored, with transfer-syntax=*.") from None


class RetrievesFrames(Retrieves):
    """GET of frames by their numbers."""

    def get(
        self, request: Request, purpose: str, study: str, series: str, instance: str, frames: str
    ) -> HttpResponseBase:
        """Each frame named, in the order named."""
        ranges = accepted(request)
        items = self._found(study, series, instance)
        numbers = frame_numbers(frames)
        objects.require_frames(items[0], numbers)
        return self._frames(ranges, items, numbers, form="frames")

    def _frames(
        self, ranges: Sequence, items: Sequence[Retrievable], numbers: Sequence[int], *, form: str
    ) -> HttpResponseBase:
        (item,) = items
        offers = offers_of_frames(
            item.transfer_syntax_uid,
            encapsulated=item.pixels.encapsulated,
            decodable=explicit.can_be_explicit(item),
        )
        chosen = choose(ranges, offers, single=len(numbers) == 1)
        # One open file for all of them: each piece takes the next frame.
        stream = objects.frames(item, numbers) if not chosen.offer.decoded else _begun(item, numbers)
        if chosen.multipart:
            length = objects.frame_length(item)
            pieces = [Piece(length, lambda *_: (next(stream),)) for _ in numbers]
        else:
            pieces = [in_memory(frame) for frame in stream]  # so that its length is known
        return self._bytes(items, pieces, chosen, form=form, detail=",".join(map(str, numbers)))


def _begun(item: Retrievable, numbers: Sequence[int]) -> Iterator[bytes]:
    """Decoded frames, the first batch of them at once, so that a failure can be told."""
    stream = explicit.decoded_frames(item, numbers)
    first = _decoded(lambda: next(stream))
    return chain((first,), stream)


class RetrievesBulkData(RetrievesFrames):
    """GET of one bulk value by its tag, as BulkDataURI names it."""

    def get(self, request: Request, purpose: str, study: str, series: str, instance: str, tag: str) -> HttpResponseBase:
        """The value; of compressed pixel data its frames, for their items mean nothing by themselves."""
        ranges = accepted(request)
        items = self._found(study, series, instance)
        (item,) = items
        if tag.upper() == objects.PIXEL_DATA and item.pixels and item.pixels.encapsulated:
            return self._frames(ranges, items, range(1, item.pixels.frames + 1), form="bulkdata")
        offset, length = objects.bulk_length(item, tag)
        chosen = choose(ranges, [Offer(OCTETS)], single=True)
        pieces = [Piece(length, lambda first, wanted: objects.bulk(item, offset, length, first, wanted))]
        return self._bytes(items, pieces, chosen, form="bulkdata", detail=tag.upper())


def frame_numbers(text: str) -> list[int]:
    """The frame numbers of an address. Raises Invalid."""
    if not re.fullmatch(r"\d{1,9}(,\d{1,9})*", text, re.ASCII) or text.count(",") >= MOST_FRAMES:
        raise Invalid(f"Frames are numbers joined by commas, at most {MOST_FRAMES} of them; not {text[:80]!r}.")
    return [int(part) for part in text.split(",")]
