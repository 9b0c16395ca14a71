"""Answers STOW-RS: takes instances in, and says for each whether it was stored (PS3.18 10.5)."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from overlays.dicomweb.address import Address
from overlays.dicomweb.intake import PART_10, Intake
from overlays.dicomweb.json_answer import json_answer, locator, require_json_accepted
from overlays.dicomweb.store_answer import FailureReason, PartFailed, data_set, is_stored, status_of
from overlays.governance.errors import Invalid, Unavailable
from overlays.http import media_types
from overlays.http.multipart import MultipartError, MultipartParser
from overlays.http.refusals import BodyTooLarge, MediaTypeNotSupported
from overlays.http.request_body import RequestBody, drop_rest


class StoresInstances(Address):
    """POST for addresses that take instances: ``studies``, and ``studies/{study}`` for instances of that study alone."""

    def post(self, request: Request, purpose: str, study: str | None = None) -> HttpResponse:
        """Store each part as soon as it is complete; see ``docs/decisions`` for what a body that breaks off leaves."""
        require_json_accepted(request)
        body = RequestBody(request, limit=settings.OVERLAYS_MAX_REQUEST_BYTES)
        parser = _parser(request)
        intake = Intake(
            actor=self.actor,
            clock=lambda: self.at,
            post=uuid4(),
            posted_to=study,
            most_bytes=settings.OVERLAYS_MAX_INSTANCE_BYTES,
        )
        try:
            with intake:
                for chunk in body.chunks():
                    for event in parser.feed(chunk):
                        intake.take(event)
                parser.finish()
        except MultipartError as broken:
            if not intake.results:
                raise Invalid(str(broken)) from None
            drop_rest(request, taken=body.taken)
            return json_answer(request, data_set(intake.results, locator(request), cut_short=str(broken)), status=400)
        except BodyTooLarge as too_large:
            if not intake.results:
                raise
            drop_rest(request, taken=body.taken)
            return json_answer(
                request, data_set(intake.results, locator(request), cut_short=str(too_large.detail)), status=413
            )
        if not intake.results:
            raise Invalid(f"The body has no part; parts of type {PART_10} are taken.")
        if all(_is_fault_of_ours(result) for result in intake.results):
            raise Unavailable("The registry could not store the instances now; nothing was kept. Try again.")
        return json_answer(request, data_set(intake.results, locator(request)), status=status_of(intake.results))

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """Refuse; of a body that was sent all the same, read some, so that the client sees why."""
        if self.request.method == "POST":
            drop_rest(self.request)
        return super().handle_exception(exc)


def _is_fault_of_ours(result: Any) -> bool:
    return (
        not is_stored(result) and isinstance(result, PartFailed) and result.reason is FailureReason.PROCESSING_FAILURE
    )


def _parser(request: Request) -> MultipartParser:
    stated = request.META.get("CONTENT_TYPE", "")
    try:
        found = media_types.parse(stated or "application/octet-stream")
    except media_types.MalformedMediaType as malformed:
        raise Invalid(f"Content-Type: {malformed}") from None
    kind = found.parameters.get("type", PART_10).lower()
    if found.essence != "multipart/related" or kind != PART_10:
        raise MediaTypeNotSupported(
            f'Instances are taken as multipart/related; type="{PART_10}"; the body is of type {stated[:120]!r}.'
        )
    try:
        return MultipartParser(found.parameters.get("boundary", ""))
    except MultipartError as wrong:
        raise Invalid(f"Content-Type: {wrong}") from None
