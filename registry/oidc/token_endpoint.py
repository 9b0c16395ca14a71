"""Serves the token endpoint (RFC 6749 3.2)."""

import logging
from secrets import token_urlsafe
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from registry.oidc.access_tokens import issue
from registry.oidc.answers import answer, refusal
from registry.oidc.client_authentication import authenticate_client
from registry.oidc.errors import OAuthError
from registry.oidc.form import no_repeats
from registry.oidc.grants import GRANTS
from registry.oidc.throttle import FAILED_CLIENTS, address_of

logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(View):
    """Gives tokens to a client that authenticates and brings a grant."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """Redeem the grant; all that it writes is one transaction, so that a refused request changes nothing."""
        at = timezone.now()
        try:
            no_repeats(request.POST)
            client = authenticate_client(request, at)
            redeem = GRANTS.get(request.POST.get("grant_type", ""))
            if redeem is None:
                raise OAuthError("unsupported_grant_type", f"The grant types are {', '.join(GRANTS)}.")
            with transaction.atomic():
                grant = redeem(request.POST, client, at)
                body = issue(grant, request, at=at, jti=uuid4().hex, refresh_token=token_urlsafe(32))
        except OAuthError as fault:
            if fault.error == "invalid_grant":
                FAILED_CLIENTS.failed((client.client_id, address_of(request)), at)
                logger.info("grant refused to client %s: %s", client.client_id, fault.sentence)
            return refusal(fault)
        return answer(body)
