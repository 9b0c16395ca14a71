"""Answers WADO-RS for rendered studies and series: a picture of each instance, one after the other (PS3.18 10.4.1.1.3)."""

import uuid
from collections.abc import Iterator
from itertools import chain

from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request

from overlays.dicomweb.json_answer import accepted
from overlays.dicomweb.negotiation import MULTIPART, Chosen, Offer, choose
from overlays.dicomweb.rendered import JPEG, PNG, RetrievesRendered
from overlays.dicomweb.rendering_parameters import Wanted, read
from overlays.governance.errors import NotFound
from overlays.http.refusals import CannotServe, TooLargeToDraw
from overlays.queries.dicomweb_retrieve import Retrievable
from overlays.queries.rendered import CannotDraw

MOST_DRAWN = 500
"""Instances that are drawn for one answer."""

Drawn = Iterator[tuple[str, Iterator[bytes]]]
"""Content type and content of each picture."""


class RetrievesRenderedWhole(RetrievesRendered):
    """GET of the pictures of a study or a series: of each instance that can be drawn, in a multipart body."""

    def get(self, request: Request, purpose: str, study: str, series: str | None = None) -> HttpResponseBase:
        """All of it that may be seen."""
        essence, wanted = self.asked()
        items = self._found(study, series)
        require_few(len(items))
        return self.answered(self.drawn(items, wanted, essence), essence)

    def asked(self) -> tuple[str, Wanted]:
        """The form of the pictures, and how they are to look. Raises CannotServe, Invalid."""
        essence = _chosen(self.request).offer.essence
        return essence, read(self.request.query_params, thumbnail=self.thumbnail)

    def drawn(self, items: list[Retrievable], wanted: Wanted, essence: str) -> Drawn:
        """The pictures of the registry's instances; each is recorded when it leaves, and drawn when it is its turn."""
        for item in items:
            try:
                content = self._content(item, None, wanted, essence)
            except (CannotDraw, NotFound):  # what has no picture, or was withdrawn since
                continue
            self._record([item], "rendered")
            yield essence, iter((content,))

    def answered(self, pictures: Drawn, essence: str) -> HttpResponseBase:
        """They as parts; the first is drawn before the answer begins, so that a failure can still be told. Raises CannotServe."""
        boundary = uuid.uuid4().hex
        content_type = f'{MULTIPART}; type="{essence}"; boundary={boundary}'
        if self.request.method == "HEAD":
            return StreamingHttpResponse((), content_type=content_type)
        first = next(pictures, None)
        if first is None:
            raise CannotServe("There is nothing in it that can be drawn.")
        return StreamingHttpResponse(_parts(chain((first,), pictures), boundary), content_type=content_type)


def require_few(count: int) -> None:
    """Raises TooLargeToDraw for more instances than are drawn for one answer."""
    if count > MOST_DRAWN:
        raise TooLargeToDraw(
            f"It has {count} instances, and at most {MOST_DRAWN} are drawn for one answer: ask for them one by one."
        )


def _parts(pictures: Drawn, boundary: str) -> Iterator[bytes]:
    for content_type, content in pictures:
        yield f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
        yield from content
    yield f"\r\n--{boundary}--\r\n".encode()


def _chosen(request: Request) -> Chosen:
    """Of what the client accepts: pictures, which come as parts also where it names no multipart body around them."""
    try:
        return choose(accepted(request), [Offer(JPEG), Offer(PNG)], single=True)
    except CannotServe:
        raise CannotServe(f"These are drawn as {JPEG} or {PNG}; the client accepts neither.") from None
