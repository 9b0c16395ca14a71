"""Redeems what a client brings to the token endpoint: a code, a refresh token, or its own credentials."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime

from django.http import QueryDict
from oidc_provider.models import Client, Code, Token

from registry.oidc.access_tokens import Grant
from registry.oidc.client_authentication import is_confidential
from registry.oidc.errors import OAuthError
from registry.oidc.expiry import refresh_has_expired
from registry.oidc.form import studies_of
from registry.oidc.hashing import at_rest, bind
from registry.oidc.models import ClientGrant, CodeGrant, TokenGrant
from registry.oidc.scopes import REGISTRY_NAMES, lost_all, of_person
from registry.oidc.studies import Studies, from_column, narrowed

CODE = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}", re.ASCII)
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def redeem_code(form: QueryDict, client: Client, at: datetime) -> Grant:
    """The grant of an authorization code, which is used up. Raises OAuthError; runs in a transaction."""
    value = form.get("code", "")
    code = Code.objects.select_for_update().filter(code=value).first() if CODE.fullmatch(value) else None
    if code is None or code.client_id != client.pk or at >= code.expires_at:
        raise _invalid_grant("The code is unknown, used, expired, or another client's.")
    if value.rpartition(".")[2] != bind(form.get("redirect_uri", "")):
        raise _invalid_grant("The redirect_uri is not that of the authorization request.")
    if code.code_challenge_method != "S256" or not _proves(form.get("code_verifier", ""), code.code_challenge or ""):
        raise _invalid_grant("The code_verifier does not match the challenge.")
    stored = CodeGrant.objects.filter(code=code).first()
    grant = Grant(
        client=client,
        user=code.user,
        scope=_still_granted(code.user, code.scope, client),
        studies=_reach(form, client, stored.studies if stored else None),
        nonce=code.nonce,
    )
    code.delete()
    return grant


def redeem_refresh_token(form: QueryDict, client: Client, at: datetime) -> Grant:
    """The grant of a refresh token, which is used up with its access token. Raises OAuthError; runs in a transaction."""
    digest = at_rest(form.get("refresh_token", ""))
    # The lock makes the second of two requests with one token wait, and then find nothing.
    row = Token.objects.select_for_update().filter(refresh_token=digest, client=client).first()
    if row is None or row.user_id is None or refresh_has_expired(row, at):
        raise _invalid_grant("The refresh token is unknown, used, expired, or another client's.")
    asked = form.get("scope", "").split() or row.scope
    if not set(row.scope).issuperset(asked):
        raise OAuthError("invalid_scope", "A refresh cannot widen the scope.")
    stored = TokenGrant.objects.filter(token=row).first()
    grant = Grant(
        client=client,
        user=row.user,
        scope=_still_granted(row.user, asked, client),
        studies=_reach(form, client, stored.studies if stored else None),
    )
    row.delete()
    return grant


def own_credentials(form: QueryDict, client: Client, at: datetime) -> Grant:
    """The grant of a confidential client to itself (RFC 6749 4.4). Raises OAuthError."""
    if not is_confidential(client):
        raise OAuthError("unauthorized_client", "A public client has no credentials of its own.")
    if ClientGrant.objects.filter(client=client, launch_only=True).exists():
        raise OAuthError("unauthorized_client", "The client gets tokens by a launch alone.")
    allowed = [scope for scope in client.scope if scope in REGISTRY_NAMES]
    asked = list(dict.fromkeys(form.get("scope", "").split())) or allowed
    if not asked or not set(allowed).issuperset(asked):
        raise OAuthError("invalid_scope", "The scope is empty or more than the client is registered for.")
    return Grant(client=client, user=None, scope=tuple(asked), studies=_reach(form, client, None))


GRANTS: dict[str, Callable[[QueryDict, Client, datetime], Grant]] = {
    "authorization_code": redeem_code,
    "refresh_token": redeem_refresh_token,
    "client_credentials": own_credentials,
}
"""Every grant type there is."""


def _invalid_grant(sentence: str) -> OAuthError:
    return OAuthError("invalid_grant", sentence)


def _proves(verifier: str, challenge: str) -> bool:
    """Whether the verifier is that of the challenge (RFC 7636 4.6)."""
    if not challenge or not VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
    return hmac.compare_digest(digest, challenge)


def _still_granted(user, asked: list[str], client: Client) -> tuple[str, ...]:
    """What the person's groups and the client's registration allow at this moment. Raises OAuthError."""
    if not user.is_active:
        raise _invalid_grant("The person is deactivated.")
    scope = of_person([each for each in asked if each in client.scope], user.groups.values_list("name", flat=True))
    if not scope or lost_all(asked, scope):
        raise OAuthError("invalid_scope", "Nothing of the scope is allowed to the person any more.")
    return tuple(scope)


def _reach(form: QueryDict, client: Client, before: object) -> Studies:
    """The studies that the request, the client and what went before all reach. Raises OAuthError."""
    own = ClientGrant.objects.filter(client=client).first()
    if own is not None and own.launch_only and before is None:
        raise _invalid_grant("The client gets tokens by a launch alone.")
    reached = narrowed(studies_of(form), from_column(before), from_column(own.studies) if own else None)
    if reached is not None and not reached:
        raise OAuthError("invalid_scope", "The grant reaches none of the studies asked for.")
    return reached
