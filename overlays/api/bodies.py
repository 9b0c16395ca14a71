"""Takes bodies that are no JSON, as they come: for the addresses to which instances and masks are posted."""

from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.base import Address
from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid
from overlays.governance.permissions import Action
from overlays.http import media_types
from overlays.http.media_types import MediaType
from overlays.http.multipart import Truncated
from overlays.http.refusals import MediaTypeNotSupported
from overlays.http.request_body import RequestBody, drop_rest
from overlays.services.spool import Spool


class TakesResults(Address):
    """An address to which pipelines send results and readers send corrections; it reads the body itself."""

    actions = {"POST": Action.STORE_INSTANCES}

    def check_permissions(self, request: Request) -> None:
        """Ask for the action that the call is.

        A caller who may not store instances may still store corrections; which of the two an object is, the service decides.
        """
        caller = request.auth
        corrects = isinstance(caller, Actor) and not caller.may(Action.STORE_INSTANCES)
        self.actions = {"POST": Action.STORE_CORRECTION if corrects else Action.STORE_INSTANCES}
        super().check_permissions(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Refuse; of a body that was sent all the same, read some, so that the client sees why."""
        if self.request.method == "POST":
            drop_rest(self.request)
        return super().handle_exception(exc)


def stated_type(request: Request, wanted: str) -> MediaType:
    """The media type of the body. Raises MediaTypeNotSupported unless it is the wanted one, Invalid where it is malformed."""
    stated = request.META.get("CONTENT_TYPE", "")
    try:
        found = media_types.parse(stated or "application/octet-stream")
    except media_types.MalformedMediaType as malformed:
        raise Invalid(f"Content-Type: {malformed}") from None
    if found.essence != wanted:
        raise MediaTypeNotSupported(f"A body of type {wanted} is taken here; this one is of type {stated[:120]!r}.")
    return found


def take_whole(request: Request, spool: Spool, *, limit: int) -> None:
    """Write the whole body into the spool. Raises BodyTooLarge, LengthRequired, Invalid where it broke off."""
    body = RequestBody(request, limit=limit)
    try:
        for chunk in body.chunks():
            spool.write(chunk)
    except Truncated:
        raise Invalid("The body broke off.") from None
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and body.taken != int(stated):
        raise Invalid(f"The body broke off: {body.taken} of its {stated} bytes came.")
