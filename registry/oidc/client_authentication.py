"""Establishes which client calls the token, introspection or revocation endpoint (RFC 6749 2.3)."""

import base64
import binascii
import logging
from datetime import datetime
from urllib.parse import unquote_plus

from django.http import HttpRequest
from oidc_provider.lib.utils.sanitization import sanitize_client_id
from oidc_provider.models import Client

from registry.oidc.errors import OAuthError
from registry.oidc.hashing import at_rest, matches
from registry.oidc.throttle import FAILED_CLIENTS, address_of

logger = logging.getLogger(__name__)

LONGEST_CREDENTIAL = 2048
_NOBODY = at_rest("no client has this secret")


def authenticate_client(request: HttpRequest, at: datetime) -> Client:
    """The calling client; a confidential one by its secret, in the Basic scheme or the body.

    Raises OAuthError ``invalid_client`` (401), the same for an unknown client and a wrong secret, and ``slow_down`` (429)
    after too many failures of this client from this address.
    """
    client_id, digests = _credentials(request)
    door = (client_id, address_of(request))
    wait = FAILED_CLIENTS.wait(door, at)
    if wait:
        raise OAuthError("slow_down", f"Too many failures; try again in {wait} seconds.", 429)
    client = Client.objects.filter(client_id=client_id).first() if client_id else None
    stored = client.client_secret if client and client.client_type == "confidential" else _NOBODY
    knows = any([matches(stored, digest) for digest in digests])  # a list: every comparison is made
    if client is None or (client.client_type == "confidential" and not knows):
        FAILED_CLIENTS.failed(door, at)
        logger.info("client authentication failed: %s", "wrong secret" if client else "unknown client")
        raise OAuthError("invalid_client", "Client authentication failed.", 401)
    return client


def is_confidential(client: Client) -> bool:
    """Whether the client has a secret to authenticate with."""
    return client.client_type == "confidential"


def _credentials(request: HttpRequest) -> tuple[str, list[str]]:
    """The client id, and digests of the secret at once, so that nothing further on can log it."""
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(value.strip())
        # RFC 6749 2.3.1 has both form-encoded before; many clients send them bare.
        spellings = {(client_id, secret), (unquote_plus(client_id), unquote_plus(secret))}
        return sanitize_client_id(unquote_plus(client_id)), [at_rest(spelling) for _, spelling in spellings]
    secret = request.POST.get("client_secret", "")[:LONGEST_CREDENTIAL]
    return sanitize_client_id(request.POST.get("client_id", ""))[:255], [at_rest(secret)] if secret else []


def _basic(value: str) -> tuple[str, str]:
    if len(value) > LONGEST_CREDENTIAL:
        return "", ""
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    client_id, _, secret = pair.partition(":")
    return client_id[:255], secret
