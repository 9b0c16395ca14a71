"""Tells every refusal as application/problem+json (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
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
    errors.Invalid: HTTPStatus.BAD_REQUEST,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The HTTP status of every refusal."""


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


def problem_response(status: int, code: str, detail: str, headers: dict[str, str], **members: Any) -> Response:
    """An answer of type application/problem+json."""
    body = {
        "type": f"urn:overlay-registry:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        **members,
    }
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception raised in a view; None for those that are faults of ours (500)."""
    if isinstance(error, errors.RegistryError):
        findings = error.data.get("findings")
        members = {"findings": findings} if findings else {}
        return problem_response(STATUS_OF_ERROR[type(error)], error.code, error.sentence, {}, **members)
    if isinstance(error, OperationalError):
        log.error("database not available: %s", type(error).__name__)
        return problem_response(503, "database_unavailable", "The database does not answer.", {"Retry-After": "5"})
    answer = exception_handler(error, context)
    if answer is None:
        return None
    headers = {name: answer[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if answer.has_header(name)}
    if isinstance(error, exceptions.ValidationError):
        pointers = _pointers(error.detail)
        detail = " ".join(f"{found['pointer']}: {found['sentence']}" for found in pointers)
        return problem_response(answer.status_code, "invalid", detail, headers, errors=pointers)
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        return problem_response(
            answer.status_code, codes if isinstance(codes, str) else "refused", str(error.detail), headers
        )
    return problem_response(answer.status_code, "refused", HTTPStatus(answer.status_code).phrase, headers)
