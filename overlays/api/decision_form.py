"""Chooses the form of a render decision among those that a client accepts: JSON, or signed (RFC 7515)."""

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from overlays.governance.errors import Invalid
from overlays.http.media_types import MalformedMediaType, preferred
from overlays.http.refusals import CannotServe


class SignedForm(JSONRenderer):
    """A compact JWS as it is; a refusal, which nobody signs, in JSON."""

    media_type = "application/jose"
    format = "jose"

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: dict | None = None
    ) -> bytes:
        """The bytes of the body."""
        if isinstance(data, str):
            return data.encode("ascii")
        return super().render(data, JSONRenderer.media_type, renderer_context)


class ByAccept(BaseContentNegotiation):
    """The renderer that the Accept header likes best, the first one where it likes several alike (RFC 9110 12.5.1)."""

    def select_parser(self, request: Request, parsers: list) -> object:
        """The first parser."""
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises Invalid for a malformed header, CannotServe where it takes none of them."""
        offered = {renderer.media_type: renderer for renderer in renderers}
        try:
            chosen = preferred(request.headers.get("Accept", ""), tuple(offered))
        except MalformedMediaType as malformed:
            raise Invalid(f"Accept: {malformed}") from None
        if chosen is None:
            raise CannotServe(f"This address answers in {' or '.join(offered)}; the client accepts neither.")
        return offered[chosen], chosen
