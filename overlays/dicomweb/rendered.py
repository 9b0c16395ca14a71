"""Answers WADO-RS for rendered and thumbnail resources, with the label of each result burnt in (PS3.18 10.4.1.1.3, 10.4.1.1.4)."""

import hashlib

from django.http import HttpResponseBase
from rest_framework.request import Request

from overlays.dicom.pictures import jpeg, png
from overlays.dicomweb.bytes_answer import in_memory
from overlays.dicomweb.forwarded import bearer_of
from overlays.dicomweb.json_answer import accepted
from overlays.dicomweb.negotiation import Chosen, Offer
from overlays.dicomweb.rendering_parameters import Wanted, read
from overlays.dicomweb.retrieve import Retrieves, frame_numbers
from overlays.governance.errors import Invalid
from overlays.http.refusals import CannotServe
from overlays.queries import dicomweb_objects as objects
from overlays.queries.dicomweb_retrieve import Retrievable
from overlays.queries.rendered import CannotDraw, Drawn, drawable, picture_of

JPEG, PNG = "image/jpeg", "image/png"
FORM = 1
"""Part of the entity tags: raise it when the same picture comes to be written otherwise."""

MOST_TRIED = 5
"""Instances that are tried before a study or series is said to have no thumbnail."""


class RetrievesRendered(Retrieves):
    """GET of one picture: of an instance, or of one of its frames."""

    thumbnail = False

    def get(
        self,
        request: Request,
        purpose: str,
        study: str,
        series: str | None = None,
        instance: str | None = None,
        frames: str | None = None,
    ) -> HttpResponseBase:
        """JPEG unless the client prefers PNG."""
        essence = _essence(request)
        wanted = read(request.query_params, thumbnail=self.thumbnail)
        items = self._found(study, series, instance)
        number = None
        if frames is not None:
            numbers = frame_numbers(frames)
            if len(numbers) > 1:
                raise Invalid("One frame is drawn at a time.")
            objects.require_frames(items[0], numbers)
            number = numbers[0]
        candidates = items if instance is not None else drawable(items)[:MOST_TRIED]
        for index, item in enumerate(candidates):
            try:
                return self._picture(item, number, wanted, essence)
            except CannotDraw as cannot:
                if index == len(candidates) - 1:
                    raise CannotServe(cannot.sentence) from None
        raise CannotServe("There is nothing in it that can be drawn.")

    def _picture(self, item: Retrievable, number: int | None, wanted: Wanted, essence: str) -> HttpResponseBase:
        made = self._made(item, number, wanted)
        content = _written(made, wanted, essence)
        chosen = Chosen(Offer(essence), multipart=False)
        # What lies below may come to be held, or to be beyond the grant: the picture itself says what it is.
        detail = f"{FORM} {wanted} {number} {made.words} {hashlib.sha256(content).hexdigest()}"
        return self._bytes([item], [in_memory(content)], chosen, form="rendered", detail=detail)

    def _content(self, item: Retrievable, number: int | None, wanted: Wanted, essence: str) -> bytes:
        """One picture. Raises as ``picture_of``."""
        return _written(self._made(item, number, wanted), wanted, essence)

    def _made(self, item: Retrievable, number: int | None, wanted: Wanted) -> Drawn:
        bearer = bearer_of(self.request)
        return picture_of(item, actor=self.actor, purpose=self.purpose, frame=number, look=wanted.look, bearer=bearer)


class RetrievesThumbnail(RetrievesRendered):
    """GET of a small picture: of a study, a series, an instance or a frame."""

    thumbnail = True


def _written(made: Drawn, wanted: Wanted, essence: str) -> bytes:
    return jpeg(made.pixels, wanted.quality) if essence == JPEG else png(made.pixels)


def _essence(request: Request) -> str:
    """The form that the client likes best. Raises CannotServe and Invalid."""
    for each in accepted(request):
        for essence in (JPEG, PNG):
            if essence in each:
                return essence
    raise CannotServe(f"This is drawn as {JPEG} or {PNG}; the client accepts neither.")
