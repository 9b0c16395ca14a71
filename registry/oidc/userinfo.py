"""Serves the claims about a person to whom a token belongs (OpenID Connect Core 1.0 5.3)."""

import logging
from types import SimpleNamespace

from django.contrib.auth import get_user_model
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oidc_provider.lib.claims import StandardScopeClaims

from registry.oidc.answers import answer
from registry.oidc.claims import Claims
from registry.oidc.errors import TokenRefused
from registry.oidc.scopes import OPENID
from registry.oidc.signed_claims import check
from registry.oidc.verify import embedded, standing_of

logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class UserinfoView(View):
    """Answers a bearer token in the header only, of an active person, with the scope ``openid``."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        """The claims that the token's scopes allow."""
        scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise TokenRefused("no bearer token in the header")
            signed = check(raw.strip(), embedded(), at=timezone.now())
            now = standing_of(signed)
            if now.user_pk is None:
                raise TokenRefused("the token is a client's, not a person's")
        except TokenRefused as refused:
            logger.info("userinfo refused: %s", refused.reason)
            return _challenge("invalid_token", 401)
        if OPENID not in now.scopes:
            return _challenge("insufficient_scope", 403)
        user = get_user_model().objects.get(pk=now.user_pk)
        token = SimpleNamespace(user=user, scope=sorted(now.scopes), client=None)
        body = {"sub": signed.claims["sub"]}
        body.update(StandardScopeClaims(token).create_response_dic())
        body.update(Claims(token).create_response_dic())
        return answer(body)

    post = get


def _challenge(error: str, status: int) -> JsonResponse:
    response = answer({"error": error}, status)
    response.headers["WWW-Authenticate"] = f'Bearer realm="overlays", error="{error}"'
    return response
