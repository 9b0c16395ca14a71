"""Signs people in who have signed in at an external issuer."""

import logging
from dataclasses import asdict
from secrets import token_urlsafe

from django.conf import settings
from django.contrib.auth import login as begin_session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from registry.oidc.pages import guarded
from registry.oidc.people import person_of
from registry.oidc.recording import record_login, record_refused_login
from registry.oidc.relying_party import Attempt, LoginRefused, authorization_address, claims_of_login
from registry.oidc.signed_claims import is_time
from registry.oidc.signed_in import note_earlier
from registry.oidc.staff_login import StaffLogin, staff_login
from registry.oidc.throttle import FAILED_ADDRESSES, address_of

logger = logging.getLogger(__name__)

PENDING = "external_logins"
ANEW = "sign_in_anew"
"""Set in a session whose person must sign in again, until that is done: an old login at the issuer is then not enough."""

MOST_PENDING = 5
PENDING_SECONDS = 900
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the issuer; to the login page where none is configured."""
    login = staff_login()
    if login is None:
        return redirect("login")
    at = timezone.now()
    try:
        _let_pass(request, at)
        anew = bool(request.session.get(ANEW))
        attempt = Attempt(state=token_urlsafe(32), nonce=token_urlsafe(32), verifier=token_urlsafe(48), anew=anew)
        address = authorization_address(login, attempt, _callback())
    except LoginRefused as fault:
        return _refused(request, login, fault, at, record=False)
    pending = request.session.get(PENDING, [])[-(MOST_PENDING - 1) :]
    kept = {"next": _next(request), "at": at.timestamp()} | asdict(attempt)
    request.session[PENDING] = [*pending, kept]
    return guarded(redirect(address))


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the issuer's answer, sign the person in, and go on to where they wanted."""
    login, at = staff_login(), timezone.now()
    try:
        _let_pass(request, at)
        pending = _taken(request, at)
        if login is None or pending is None:
            raise LoginRefused("This sign-in was not begun here, or took too long.", status=400)
        attempt = Attempt(**{name: pending[name] for name in ("state", "nonce", "verifier", "anew")})
        answer = {name: request.GET[name] for name in ("code", "iss", "error") if name in request.GET}
        claims = claims_of_login(login, attempt, answer, _callback(), at=at)
        person = person_of(login, claims, at=at, correlation_id=request.correlation_id)
    except LoginRefused as fault:
        return _refused(request, login, fault, at)
    with transaction.atomic():
        begin_session(request, person, backend=BACKEND)
        request.session.pop(ANEW, None)  # not before: whoever begins a second time still has to
        if not attempt.anew and is_time(claims.get("auth_time")):
            note_earlier(request, claims["auth_time"])
        request.__dict__.pop("_overlays_actor", None)  # of whoever was signed in before
        told = {name: claims[name] for name in ("auth_time", "acr", "amr") if _is_recordable(claims.get(name))}
        record_login(request, at, issuer=login.issuer, **told)
    return guarded(redirect(pending["next"]))


def _callback() -> str:
    return settings.SITE_URL + reverse("external-login-callback")


def _next(request: HttpRequest) -> str:
    """Where the person wants to go, if that is here."""
    wanted = request.GET.get("next", "")
    hosts = {request.get_host()}
    if wanted and len(wanted) < 8192 and url_has_allowed_host_and_scheme(wanted, hosts, request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _taken(request: HttpRequest, at) -> dict | None:
    """What was kept of the login whose state came back, which is used up."""
    state, pending = request.GET.get("state", ""), request.session.get(PENDING, [])
    found = next((each for each in pending if state and each["state"] == state), None)
    if found is not None:
        request.session[PENDING] = [each for each in pending if each is not found]
    return found if found is not None and at.timestamp() - found["at"] < PENDING_SECONDS else None


def _let_pass(request: HttpRequest, at) -> None:
    if wait := FAILED_ADDRESSES.wait(address_of(request), at):
        raise LoginRefused(f"Too many failed attempts. Try again in {wait} seconds.", "throttled", 429)


def _is_recordable(value: object) -> bool:
    """Whether the log can hold it: short texts, and numbers that JSON has in every database."""
    parts = value if isinstance(value, list) and len(value) <= 16 else [value]
    return all((isinstance(each, str) and len(each) <= 255 and each.isprintable()) or is_time(each) for each in parts)


def _refused(
    request: HttpRequest, login: StaffLogin | None, fault: LoginRefused, at, *, record: bool = True
) -> HttpResponse:
    logger.info("external login refused: %s (correlation %s)", fault.reason, request.correlation_id)
    if fault.status != 429:
        FAILED_ADDRESSES.failed(address_of(request), at)
    if record and login is not None and fault.status not in (400, 429):
        with transaction.atomic():
            record_refused_login(request, at, issuer=login.issuer, reason=fault.reason)
    context = {"error": "Not signed in", "description": fault.sentence}
    return guarded(render(request, "oidc_provider/error.html", context, status=fault.status))
