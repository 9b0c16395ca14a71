"""Holds what every DICOMweb address shares: purpose, actor, well-formed UIDs, and headers that keep answers from being reused."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from overlays.governance.actor import Actor
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.queries.uids import require_uid

RETRIEVE: dict[Purpose, Action] = {
    Purpose.CLINICAL: Action.RETRIEVE_CLINICAL,
    Purpose.REVIEW: Action.RETRIEVE_REVIEW,
}
"""What searching and retrieving is called, for each purpose under which the addresses are mounted."""


class AnswersItself(BaseContentNegotiation):
    """Leaves the Accept header to the views, which know more media types than renderers could."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser:
        """The only one."""
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one for problems."""
        return renderers[0], renderers[0].media_type


class Address(APIView):
    """An address of the DICOMweb face. ``purpose`` is given by where it is mounted."""

    content_negotiation_class = AnswersItself
    schema = None  # DICOMweb is described by PS3.18 and docs/conformance.md, not by OpenAPI

    actions = {"GET": Action.RETRIEVE_CLINICAL, "POST": Action.STORE_INSTANCES}
    """The action of each method; a call narrows them to its purpose and its caller before permission is asked."""

    @property
    def purpose(self) -> Purpose:
        """What is retrieved for."""
        return Purpose(self.kwargs["purpose"])

    @property
    def actor(self) -> Actor:
        """Who calls, as authentication found."""
        return self.request.auth

    @property
    def at(self) -> datetime:
        """When the call happens."""
        return timezone.now()

    def check_permissions(self, request: Request) -> None:
        """Ask for the actions of this call's purpose and caller.

        A caller who may not store instances may still store corrections; which of the two an object is, the service decides.
        """
        caller = request.auth
        corrects = isinstance(caller, Actor) and not caller.may(Action.STORE_INSTANCES)
        stores = Action.STORE_CORRECTION if corrects else Action.STORE_INSTANCES
        retrieves = RETRIEVE[self.purpose]
        told = stores if isinstance(caller, Actor) and caller.may(stores) else retrieves
        self.actions = {"GET": retrieves, "POST": stores, "OPTIONS": told}
        super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After permission, and before anything is looked up: refuse what is no UID. Raises Invalid."""
        super().initial(request, *args, **kwargs)
        for name in ("study", "series", "instance"):
            if name in kwargs:
                require_uid(kwargs[name], f"The {name} of the address:")

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Which methods the address has (RFC 9110 9.3.7). A browser asking before a call is answered in front, without a token."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        """No answer is reused for another token, and none without asking again: a recall counts at once."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ("Accept", "Authorization"))
        if request.method == "HEAD" and not response.streaming and getattr(response, "is_rendered", True):
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response
