"""Authenticates API requests by the bearer token of their Authorization header, and by nothing else."""

import logging
from dataclasses import dataclass
from uuid import uuid4

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from overlays.governance.actor import Actor
from registry.oidc.errors import TokenRefused
from registry.oidc.verify import verify

logger = logging.getLogger(__name__)

REALM = 'Bearer realm="overlays"'
IN_ADDRESS = ("access_token", "token")


@dataclass(frozen=True)
class Principal:
    """What ``request.user`` is for a bearer token, a person's or a client's: enough for permission classes and throttles."""

    actor: Actor

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    @property
    def pk(self) -> str:
        """The actor's key."""
        return self.actor.key

    @property
    def username(self) -> str:
        """The actor's name."""
        return self.actor.name

    def __str__(self) -> str:
        return self.actor.key


class BearerToken(BaseAuthentication):
    """Gives ``request.auth``, the Actor, for a token that ``verify`` accepts; None without a bearer header.

    Raises AuthenticationFailed (401) with the code ``invalid_token``, or ``token_in_url`` for a token in the address, where
    logs and browser histories would keep it (RFC 6750 5.3).
    """

    def authenticate(self, request: Request) -> tuple[Principal, Actor] | None:
        """The principal and the actor."""
        if any(name in request.query_params for name in IN_ADDRESS):
            raise AuthenticationFailed("A token belongs in the Authorization header, not the address.", "token_in_url")
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        correlation_id = getattr(request, "correlation_id", "") or str(uuid4())
        actor = self.actor_of(token.strip(), correlation_id)
        return Principal(actor), actor

    def actor_of(self, token: str, correlation_id: str) -> Actor:
        """For whom a token speaks. Raises AuthenticationFailed."""
        try:
            return verify(token, at=timezone.now(), correlation_id=correlation_id)
        except TokenRefused as refusal:
            logger.info("bearer token refused: %s (correlation %s)", refusal.reason, correlation_id)
            raise AuthenticationFailed("The access token is not acceptable.", refusal.code) from None

    def authenticate_header(self, request: Request) -> str:
        """The challenge of every 401; it names the fault where a token was presented (RFC 6750 3)."""
        presented = request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
        return f'{REALM}, error="invalid_token"' if presented else REALM
