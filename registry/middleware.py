"""Says of each request who sent it, under which id, and within which bounds; gives each answer the headers that keep browsers safe."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from registry.problems import plain_problem

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
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


SECONDS_BETWEEN_USES = 60
"""A session's use is noted at most so often: each note is a write."""

UNBOUNDED = ("/dicom-web/", "/review/dicom-web/", "/api/v1/validations", "/api/v1/encodings")
"""Where bodies have limits of their own, MAX_REQUEST_BYTES or MAX_INSTANCE_BYTES, and are read as they come."""


def client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the client's address in the place of the proxy's, where TRUSTED_PROXIES says that there are proxies.

    Each proxy appends whom it heard: the last entries are theirs, what stands before them is whatever a client wrote.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        proxies = settings.TRUSTED_PROXIES
        named = request.headers.get("X-Forwarded-For", "").split(",") if proxies else []
        if len(named) >= proxies > 0:
            with suppress(ValueError):  # then the address of the proxy stays
                request.META["REMOTE_ADDR"] = str(ip_address(named[-proxies].strip()))
        return get_response(request)

    return middleware


def session_in_use(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count the end of a session from its last use."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" in request.session
        now = int(time.time())
        if signed_in and now - request.session.get("used_at", 0) >= SECONDS_BETWEEN_USES:
            request.session["used_at"] = now
        return response

    return middleware


class BodyLimit:
    """Refuses at once a body that says it is larger than any form or JSON here; answers 408 for one that does not come."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length, most = request.META.get("CONTENT_LENGTH") or "0", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.path.startswith(UNBOUNDED) or (length.isdecimal() and int(length) <= most):
            return self._get_response(request)
        return plain_problem(413, "body_too_large", f"A body may have {most} bytes here.")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a view that waited for the body in vain."""
        if isinstance(error, UnreadablePostError):
            return plain_problem(408, "body_not_read", "The body did not come, or broke off.")
        return None


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
