"""Tells every refusal as application/problem+json (RFC 9457)."""

import json
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from overlays.governance import errors

log = logging.getLogger(__name__)

STATUS_OF_ERROR: dict[type[errors.RegistryError], HTTPStatus] = {
    errors.NotPermitted: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.StaleView: HTTPStatus.CONFLICT,
    errors.TransitionRefused: HTTPStatus.CONFLICT,
    errors.NotComparable: HTTPStatus.CONFLICT,
    errors.DifferentGeometry: HTTPStatus.CONFLICT,
    errors.Invalid: HTTPStatus.BAD_REQUEST,
    errors.Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ArchiveFailed: HTTPStatus.BAD_GATEWAY,
    errors.ArchiveTooSlow: HTTPStatus.GATEWAY_TIMEOUT,
}
"""The HTTP status of every refusal."""

FAULTS_OF_REQUESTS: dict[type[Exception], tuple[HTTPStatus, str, str]] = {
    RequestDataTooBig: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        "The body is larger than is taken here.",
    ),
    UnreadablePostError: (HTTPStatus.REQUEST_TIMEOUT, "body_not_read", "The body did not come, or broke off."),
    RecursionError: (HTTPStatus.BAD_REQUEST, "invalid", "The body is nested too deeply."),
    DataError: (HTTPStatus.BAD_REQUEST, "invalid", "A value is of a kind or size that cannot be stored or compared."),
    OverflowError: (HTTPStatus.BAD_REQUEST, "invalid", "A number is too large."),
}
"""What a request can make the layers below say, where no form stopped it before."""

ADDRESSES_OF_PROGRAMS = ("/api/v1/", "/dicom-web/", "/review/dicom-web/")
"""Below these nobody reads HTML."""


def _writable(value: Any) -> Any:
    """The value, with half characters (lone surrogates, which JSON can name and UTF-8 cannot write) written as escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return [_writable(item) for item in value] if isinstance(value, list) else value


def _pointers(detail: Any, at: str = "") -> list[dict[str, str]]:
    """A serializer's errors, each with its JSON pointer (RFC 6901)."""
    if isinstance(detail, dict):
        return [found for key, value in detail.items() for found in _pointers(value, f"{at}/{key}")]
    if isinstance(detail, list):
        return [
            found
            for index, value in enumerate(detail)
            for found in _pointers(value, f"{at}/{index}" if isinstance(value, dict | list) else at)
        ]
    return [{"pointer": at or "/", "sentence": str(detail)}]


def _body(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    return _writable(
        {
            "type": f"urn:overlay-registry:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": int(status),
            "detail": detail,
            "code": code,
            **members,
        }
    )


def problem_response(status: int, code: str, detail: str, headers: dict[str, str], **members: Any) -> Response:
    """An answer of type application/problem+json, from a view of the REST framework."""
    body = _body(status, code, detail, **members)
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def plain_problem(status: int, code: str, detail: str) -> HttpResponse:
    """The same from anywhere else."""
    body = json.dumps(_body(status, code, detail))
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, status=status, headers=headers, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django answers to a request that it refuses itself: a problem to programs, a page to people."""
    if request.path.startswith(ADDRESSES_OF_PROGRAMS):
        return plain_problem(400, "refused", "The request is malformed.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same for an address that leads nowhere."""
    if request.path.startswith(ADDRESSES_OF_PROGRAMS):
        return plain_problem(404, "not_found", "There is no such address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The same for a fault of ours."""
    if request.path.startswith(ADDRESSES_OF_PROGRAMS):
        return plain_problem(
            500, "internal", "The registry failed; the log tells more under the answer's X-Request-Id."
        )
    return defaults.server_error(request)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception raised in a view; None for those that are faults of ours (500)."""
    if isinstance(error, errors.RegistryError):
        findings = error.data.get("findings")
        members = {"findings": findings} if findings else {}
        return problem_response(STATUS_OF_ERROR[type(error)], error.code, error.sentence, {}, **members)
    if isinstance(error, OperationalError):
        log.error("database not available: %s", type(error).__name__)
        return problem_response(503, "database_unavailable", "The database does not answer.", {"Retry-After": "5"})
    for kind, (status, code, sentence) in FAULTS_OF_REQUESTS.items():
        if isinstance(error, kind):
            log.warning("refused: %s", type(error).__name__)
            return problem_response(status, code, sentence, {})
    answer = exception_handler(error, context)
    if answer is None:
        return None
    headers = {name: answer[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if answer.has_header(name)}
    if isinstance(error, exceptions.ValidationError):
        pointers = _pointers(error.detail)
        detail = " ".join(f"{found['pointer']}: {found['sentence']}" for found in pointers)
        return problem_response(answer.status_code, "invalid", detail, headers, errors=pointers)
    if isinstance(error, exceptions.APIException):
        headers |= getattr(error, "headers", {})
        codes = error.get_codes()
        return problem_response(
            answer.status_code, codes if isinstance(codes, str) else "refused", str(error.detail), headers
        )
    return problem_response(answer.status_code, "refused", HTTPStatus(answer.status_code).phrase, headers)
