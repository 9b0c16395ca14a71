"""Registers the applications that may ask for tokens, and makes their secrets."""

import re
from collections.abc import Iterable
from secrets import token_hex, token_urlsafe
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from oidc_provider.models import Client, ResponseType

from registry.oidc.hashing import at_rest
from registry.oidc.keys import ALGORITHM
from registry.oidc.models import ClientGrant
from registry.oidc.scopes import KNOWN
from registry.oidc.studies import parse

CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{3,200}", re.ASCII)
SECRET = re.compile(r"[\x21-\x7e]{16,255}", re.ASCII)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def new_client_id() -> str:
    """A client id that cannot be guessed."""
    return token_hex(16)


def create_client(
    *,
    client_id: str,
    name: str,
    confidential: bool,
    scopes: Iterable[str],
    redirect_uris: Iterable[str] = (),
    post_logout_redirect_uris: Iterable[str] = (),
    secret: str | None = None,
    studies: Iterable[str] | None = None,
    require_consent: bool = True,
    launch_only: bool = False,
) -> tuple[Client, str | None]:
    """Register a client, or bring the one of this id up to date; the client, and its secret where one was set just now.

    A confidential client without ``secret`` gets a random one when it is new; an existing one keeps its own. ``studies``
    narrows all that the client can ever reach; ``launch_only`` leaves it no login but by a launch.
    Raises ValidationError, and then changes nothing.
    """
    scope_names = list(dict.fromkeys(str(scope) for scope in scopes))
    uris = list(redirect_uris)
    ends = list(post_logout_redirect_uris)
    check_client_id(client_id)
    check_scopes(scope_names)
    for uri in [*uris, *ends]:
        check_redirect_uri(uri)
    if secret is not None and (not confidential or not SECRET.fullmatch(secret)):
        raise ValidationError("A secret has 16 to 255 printable characters, and belongs to a confidential client.")
    reached = checked_studies(studies)
    with transaction.atomic():
        client = Client.objects.select_for_update().filter(client_id=client_id).first() or Client(client_id=client_id)
        client.name = name
        client.client_type = "confidential" if confidential else "public"
        client.jwt_alg = ALGORITHM
        client.scope = scope_names
        client.redirect_uris = uris
        client.post_logout_redirect_uris = ends
        client.require_consent = require_consent
        if confidential and secret is None and not client.client_secret:
            secret = token_urlsafe(32)
        if secret is not None:
            client.client_secret = at_rest(secret)
        elif not confidential:
            client.client_secret = ""
        client.save()
        complete(client, reached, launch_only)
    return client, secret


def complete(client: Client, studies: list[str] | None, launch_only: bool) -> None:
    """Set what belongs to a saved client in other tables: the code flow as its only one, its studies, whether it must be launched."""
    code, _ = ResponseType.objects.get_or_create(
        value="code", defaults={"description": "code (Authorization Code Flow)"}
    )
    client.response_types.set([code])
    ClientGrant.objects.update_or_create(client=client, defaults={"studies": studies, "launch_only": launch_only})


def new_secret(client: Client) -> str:
    """Give a confidential client a new random secret, which only this call ever tells."""
    secret = token_urlsafe(32)
    client.client_secret = at_rest(secret)
    client.save(update_fields=["client_secret"])
    return secret


def check_client_id(client_id: str) -> None:
    """Raise ValidationError unless the id is well formed and no audience: an id_token of it must never pass for a token."""
    if not CLIENT_ID.fullmatch(client_id):
        raise ValidationError("A client id has 3 to 200 letters, digits, dots, hyphens and underscores.")
    if client_id == settings.OVERLAYS_RESOURCE:
        raise ValidationError("A client id cannot be the audience of access tokens.")


def check_scopes(scopes: Iterable[str]) -> None:
    """Raise ValidationError for a scope that is not known."""
    unknown = [scope for scope in scopes if scope not in KNOWN]
    if unknown:
        raise ValidationError(f"Unknown scopes: {', '.join(unknown)}. Known are: {', '.join(KNOWN)}.")


def check_redirect_uri(uri: str) -> None:
    """Raise ValidationError unless the URI is absolute, without fragment, and https or on this very machine (RFC 9700 4.1)."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        raise ValidationError("A redirect URI cannot be read.") from None
    private_scheme = "." in parts.scheme  # RFC 8252 7.1: an application's own scheme is a reversed domain name
    secure = (parts.scheme == "https" and host) or (parts.scheme == "http" and host in LOOPBACK) or private_scheme
    if not secure or parts.fragment or parts.username or not re.fullmatch(r"[\x21-\x7e]+", uri):
        raise ValidationError(f"{uri!r} is not an https address (or http on localhost) without fragment.")


def checked_studies(studies: Iterable[str] | None) -> list[str] | None:
    """The studies, sorted; None where they are None. Raises ValidationError."""
    if studies is None:
        return None
    try:
        return sorted(parse(studies))
    except ValueError as fault:
        raise ValidationError(f"Studies: {fault}.") from None
