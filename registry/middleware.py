"""Gives each request an id, and each answer the headers that browsers need to keep it safe."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'"
)
_ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
CONTENT_SECURITY_POLICIES = {
    "/admin/": _ADMIN,  # django-unfold ships the standard Alpine build, which evaluates expressions
    "/api/v1/docs/": _ADMIN + "; worker-src 'self' blob:",  # Swagger UI starts from an inline script
}
"""The policy of each address prefix; everything else has the strict one."""


def correlation_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put ``correlation_id`` on the request: the caller's X-Request-Id if well formed, else a new one; answer with it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.correlation_id = given if _ID.fullmatch(given) else str(uuid4())
        response = get_response(request)
        response["X-Request-Id"] = request.correlation_id
        return response

    return middleware


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set Content-Security-Policy by the address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        policy = next(
            (text for prefix, text in CONTENT_SECURITY_POLICIES.items() if request.path.startswith(prefix)), _STRICT
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware
