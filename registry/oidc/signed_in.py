"""Remembers in each session when its person signed in: the account tells only when they last did so anywhere."""

from django.http import HttpRequest
from django.utils import timezone

SIGNED_IN_AT = "signed_in_at"


def note(request: HttpRequest, **kwargs: object) -> None:
    """Write down that the person of the session signs in now; hears Django's ``user_logged_in``."""
    request.session[SIGNED_IN_AT] = timezone.now().timestamp()


def note_earlier(request: HttpRequest, moment: float) -> None:
    """Write down that the issuer, which now let the person in, saw them sign in at an earlier moment (seconds since 1970)."""
    request.session[SIGNED_IN_AT] = min(moment, request.session[SIGNED_IN_AT])


def signed_in_at(request: HttpRequest) -> float | None:
    """When the person signed in for this session, in seconds since 1970; None where it was not written down."""
    return request.session.get(SIGNED_IN_AT)
