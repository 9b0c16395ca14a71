"""Writes access tokens: JWTs by RFC 9068 whose ``jti`` is the row that revokes them."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from oidc_provider.lib.utils.common import get_issuer
from oidc_provider.lib.utils.token import create_id_token
from oidc_provider.models import Client, Token

from registry.oidc import keys
from registry.oidc.claims import sub
from registry.oidc.expiry import NO_REFRESH, token_lifetime
from registry.oidc.hashing import at_rest
from registry.oidc.issuers import ACCESS_TOKEN_TYPE
from registry.oidc.models import TokenGrant
from registry.oidc.scopes import OFFLINE_ACCESS, OPENID
from registry.oidc.studies import Studies


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What is to be put into a token: for whom (``user`` None: the client itself), what, and for which studies."""

    client: Client
    user: object | None
    scope: tuple[str, ...]
    studies: Studies
    nonce: str = ""


def issue(grant: Grant, request: HttpRequest, *, at: datetime, jti: str, refresh_token: str) -> dict:
    """Store a row for the grant, and give the answer of the token endpoint (RFC 6749 5.1).

    ``jti`` and ``refresh_token`` are fresh random values; the second is used only where offline access was granted to a
    person. The row holds neither the access token nor the refresh token, only the ``jti`` and a digest.
    """
    refreshable = grant.user is not None and OFFLINE_ACCESS in grant.scope
    row = Token(
        client=grant.client,
        user=grant.user,
        access_token=jti,
        refresh_token=at_rest(refresh_token) if refreshable else NO_REFRESH + jti,
        expires_at=at + token_lifetime(),
        _scope=" ".join(grant.scope),
    )
    row.id_token = {}
    row.save()
    if grant.studies is not None:
        TokenGrant.objects.create(token=row, studies=sorted(grant.studies))
    access_token = keys.sign(claims_of(row, grant.studies, at), typ=ACCESS_TOKEN_TYPE)
    answer = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(token_lifetime().total_seconds()),
        "scope": row._scope,
    }
    if refreshable:
        answer["refresh_token"] = refresh_token
    if grant.studies is not None:
        answer["studies"] = " ".join(sorted(grant.studies))
    if grant.user is not None and OPENID in grant.scope:
        id_token = create_id_token(
            token=row,
            user=grant.user,
            aud=grant.client.client_id,
            nonce=grant.nonce,
            at_hash=at_hash(access_token),
            request=request,
            scope=list(grant.scope),
        )
        answer["id_token"] = keys.sign(id_token, typ="JWT")
    return answer


def claims_of(row: Token, studies: Studies, at: datetime) -> dict:
    """The claims of a row's access token (RFC 9068 2.2), and ``studies`` where the grant is narrowed."""
    issued = int(at.timestamp())
    claims = {
        "iss": get_issuer(),
        "aud": settings.OVERLAYS_RESOURCE,
        "client_id": row.client.client_id,
        "sub": sub(row.user) if row.user else f"client:{row.client.client_id}",
        "iat": issued,
        "nbf": issued,
        "exp": int(row.expires_at.timestamp()),
        "jti": row.access_token,
        "scope": row._scope,
    }
    if studies is not None:
        claims["studies"] = sorted(studies)
    return claims


def at_hash(access_token: str) -> str:
    """The left half of the token's SHA-256, base64url (OpenID Connect Core 1.0 3.1.3.6)."""
    left = hashlib.sha256(access_token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(left).rstrip(b"=").decode("ascii")
