"""Ends a person's session at a client's request (OpenID Connect RP-Initiated Logout 1.0)."""

import jwt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from oidc_provider.lib.utils.token import decode_id_token
from oidc_provider.models import Client
from oidc_provider.views import EndSessionPromptView, EndSessionView

from registry.oidc.keys import ALGORITHM
from registry.oidc.pages import guarded
from registry.oidc.signed_claims import LONGEST


class EndSession(EndSessionView):
    """Logs out at once for an id_token of this provider, expired or not; without one, the person is asked."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Upstream reads the hint unverified: a forged one is taken for none, and goes to the prompt."""
        hint = request.POST.get("id_token_hint") or request.GET.get("id_token_hint") or ""
        if hint and not _is_ours(hint):
            return redirect("oidc_provider:end-session-prompt")
        return guarded(super().dispatch(request, *args, **kwargs))


class EndSessionPrompt(EndSessionPromptView):
    """Asks the person whether to log out."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, guarded like those of login and consent."""
        return guarded(super().dispatch(request, *args, **kwargs))


def _is_ours(hint: str) -> bool:
    if len(hint) > LONGEST:
        return False
    try:
        decode_id_token(hint, Client(jwt_alg=ALGORITHM))
    except (jwt.PyJWTError, RecursionError):
        return False
    return True
