"""Turns a bearer token into the actor it speaks for, or refuses it: the one door for tokens of every issuer."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from overlays.governance.actor import Actor, ActorKind, recordable
from registry.oidc import standing
from registry.oidc.errors import TokenRefused
from registry.oidc.external_actor import external_actor, studies_claim
from registry.oidc.issuers import Issuer, configured
from registry.oidc.models import ExternalPerson
from registry.oidc.scopes import as_registry_scopes
from registry.oidc.signed_claims import SignedClaims, check
from registry.oidc.studies import narrowed

CACHED_TOKENS = 4096
RECHECK_SECONDS = 1.0


@dataclass(frozen=True)
class _Verified:
    """A token that was accepted: the actor it gave (of another request), and when its standing was last asked."""

    signed: SignedClaims
    actor: Actor
    asked_at: float


class _Cache:
    """Bounded, least recently used out first, keyed by the SHA-256 of the token: it holds no token."""

    def __init__(self) -> None:
        self._entries: OrderedDict[bytes, _Verified] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> _Verified | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: bytes, entry: _Verified) -> None:
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > CACHED_TOKENS:
                self._entries.popitem(last=False)

    def drop(self, key: bytes) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)


_cache = _Cache()
_read: tuple[object, dict[str, Issuer]] = (None, {})


def issuers() -> dict[str, Issuer]:
    """The configured issuers by ``iss``; read once for one value of the setting."""
    global _read
    source, known = _read
    if source is not settings.OIDC_ISSUERS:
        known = configured(settings.OIDC_ISSUERS)
        _read = (settings.OIDC_ISSUERS, known)
        _cache.clear()
    return known


def embedded() -> dict[str, Issuer]:
    """The provider of this registry alone, for its own endpoints."""
    return {iss: issuer for iss, issuer in issuers().items() if issuer.embedded}


def verify(token: str, *, at: datetime, correlation_id: str) -> Actor:
    """The actor for whom the token speaks at this time.

    Signature and claims are checked once and kept until the token ends. After at most one second it is looked up again whether its
    key still stands, whether the person was deactivated and, for a token of the embedded provider, revocation, and what was taken from
    the person's groups or the client. Raises TokenRefused.
    """
    accepted = issuers()
    key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
    entry = _cache.get(key)
    now = at.timestamp()
    if entry is None or entry.signed.ends_at <= now:
        _cache.drop(key)
        signed = check(token, accepted, at=at)
        entry = _Verified(signed, _actor(signed, correlation_id), now)
        _cache.put(key, entry)
    elif not 0 <= now - entry.asked_at < RECHECK_SECONDS:
        try:
            if entry.signed.issuer.keys.get(entry.signed.kid, at) is None:
                raise TokenRefused("the key that signed the token was withdrawn")
            entry = _Verified(entry.signed, _actor(entry.signed, correlation_id), now)
        except TokenRefused:
            _cache.drop(key)
            raise
        _cache.put(key, entry)
    return replace(entry.actor, correlation_id=correlation_id)


def forget() -> None:
    """Empty the cache of verified tokens."""
    _cache.clear()


def _actor(signed: SignedClaims, correlation_id: str) -> Actor:
    if signed.issuer.embedded:
        return _embedded_actor(signed, correlation_id)
    return _as_known_here(external_actor(signed, correlation_id), signed)


def _as_known_here(actor: Actor, signed: SignedClaims) -> Actor:
    """The actor under the key of the account with which the person signs in here too, where there is one. Raises TokenRefused."""
    if actor.kind is not ActorKind.PERSON:
        return actor
    subject = signed.claims[signed.issuer.subject_claim]
    known = ExternalPerson.objects.filter(issuer=signed.issuer.issuer, subject=subject)
    found = known.values_list("user_id", "user__is_active").first()
    if found is None:
        return actor
    if not found[1]:
        raise TokenRefused("the person is deactivated here")
    return replace(actor, key=f"user:{found[0]}")


def _embedded_actor(signed: SignedClaims, correlation_id: str) -> Actor:
    now = standing_of(signed)
    return Actor(
        kind=ActorKind.CLIENT if now.user_pk is None else ActorKind.PERSON,
        key=now.key,
        name=recordable(now.name) or now.key,
        scopes=as_registry_scopes(now.scopes),
        correlation_id=correlation_id,
        client_id=now.client_id,
        studies=now.studies,
    )


def standing_of(signed: SignedClaims) -> standing.Standing:
    """How an embedded token stands now, never more than its claims say. Raises TokenRefused."""
    claims = signed.claims
    jti, scope = claims.get("jti"), claims.get("scope")
    if not isinstance(jti, str) or not isinstance(scope, str):
        raise TokenRefused("the token names no row or no scope")
    now = standing.of_row(jti)
    if now is None or now.key != claims["sub"] or now.client_id != claims.get("client_id"):
        raise TokenRefused("the token was revoked, or its person deactivated")
    return replace(now, scopes=now.scopes & set(scope.split()), studies=narrowed(now.studies, studies_claim(claims)))
