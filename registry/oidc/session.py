"""Ends a person's session at a client's request (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from contextlib import suppress

import jwt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from oidc_provider.views import EndSessionPromptView, EndSessionView

from registry.oidc.claims import sub
from registry.oidc.clients import CLIENT_ID
from registry.oidc.keys import ALGORITHM, pairs
from registry.oidc.pages import guarded
from registry.oidc.signed_claims import LONGEST

_WHENEVER = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class EndSession(EndSessionView):
    """Logs out at once for the person's own id_token of this provider, expired or not; without one, the person is asked."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Upstream reads the hint unverified: a forged one, or another person's, is taken for none, and goes to the prompt."""
        hint = request.POST.get("id_token_hint") or request.GET.get("id_token_hint") or ""
        if hint and not _is_for(request, _claims(hint)):
            return redirect("oidc_provider:end-session-prompt")
        return guarded(super().dispatch(request, *args, **kwargs))


class EndSessionPrompt(EndSessionPromptView):
    """Asks the person whether to log out."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, guarded like those of login and consent; what can be no client's id is not looked up."""
        named = request.GET.get("client_id")
        if named is not None and not CLIENT_ID.fullmatch(named):
            return redirect("oidc_provider:end-session-prompt")
        return guarded(super().dispatch(request, *args, **kwargs))


def _claims(hint: str) -> Mapping:
    """What the hint says; nothing where this provider did not sign it."""
    if len(hint) > LONGEST:
        return {}
    for pair in pairs():
        with suppress(jwt.PyJWTError, RecursionError):
            return jwt.decode(hint, pair["public_key"], algorithms=[ALGORITHM], options=_WHENEVER)
    return {}


def _is_for(request: HttpRequest, claims: Mapping) -> bool:
    """Whether the claims are of the person who is signed in, or of anybody where nobody is (4: else the person has to be asked)."""
    if not claims:
        return False
    return not request.user.is_authenticated or claims.get("sub") == sub(request.user)
