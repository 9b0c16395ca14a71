"""Serves token introspection (RFC 7662) to clients that are registered for it."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from registry.oidc.answers import answer, refusal
from registry.oidc.client_authentication import authenticate_client, is_confidential
from registry.oidc.errors import OAuthError, TokenRefused
from registry.oidc.form import no_repeats
from registry.oidc.scopes import INTROSPECTION
from registry.oidc.signed_claims import check
from registry.oidc.verify import embedded, standing_of

INACTIVE = {"active": False}


@method_decorator(csrf_exempt, name="dispatch")
class IntrospectView(View):
    """Says whether an access token of this provider is live at this moment, and for what."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """The token's state; ``active`` false, with no reason, for whatever is not a live access token."""
        at = timezone.now()
        try:
            no_repeats(request.POST)
            client = authenticate_client(request, at)
        except OAuthError as fault:
            return refusal(fault)
        if not is_confidential(client) or INTROSPECTION not in client.scope:
            return answer(INACTIVE)
        try:
            signed = check(request.POST.get("token", ""), embedded(), at=at)
            now = standing_of(signed)
        except TokenRefused:
            return answer(INACTIVE)
        body = {
            "active": True,
            "client_id": now.client_id,
            "scope": " ".join(sorted(now.scopes)),
            "token_type": "Bearer",
            **{name: signed.claims[name] for name in ("iss", "aud", "sub", "exp", "iat", "jti")},
        }
        if now.user_pk is not None:
            body["username"] = now.name
        if now.studies is not None:
            body["studies"] = sorted(now.studies)
        return answer(body)
