"""Serves token revocation (RFC 7009)."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oidc_provider.models import Token

from registry.oidc.answers import answer, refusal
from registry.oidc.client_authentication import authenticate_client
from registry.oidc.errors import OAuthError, TokenRefused
from registry.oidc.form import no_repeats
from registry.oidc.hashing import at_rest
from registry.oidc.recording import Recorder
from registry.oidc.signed_claims import check
from registry.oidc.verify import embedded


@method_decorator(csrf_exempt, name="dispatch")
class RevokeView(View):
    """Lets a client give up a token of its own: the access token and the refresh token of that row end together."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """An empty JSON object, also for a token that is no more (RFC 7009 2.2); JSON because browser clients expect it."""
        at = timezone.now()
        try:
            no_repeats(request.POST)
            client = authenticate_client(request, at)
            raw = request.POST.get("token", "")
            if not raw:
                raise OAuthError("invalid_request", "The parameter token is missing.")
            with transaction.atomic():
                row = Token.objects.select_for_update().filter(**_row_of(raw, at)).first()
                if row is not None and row.client_id != client.pk:
                    raise OAuthError("unauthorized_client", "The token was issued to another client.")
                if row is not None:
                    Recorder.of_client(client, request, at).token_revoked(row)
                    row.delete()
        except OAuthError as fault:
            return refusal(fault)
        return answer({})


def _row_of(raw: str, at) -> dict[str, str]:
    try:
        return {"access_token": str(check(raw, embedded(), at=at).claims.get("jti"))}
    except TokenRefused:
        return {"refresh_token": at_rest(raw)}
