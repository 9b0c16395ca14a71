"""Finds the keys of external issuers: given with the settings, or fetched and kept while the issuer is down."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK

from registry.oidc.fetch import FetchFailed, fetch_json
from registry.oidc.issuer_metadata import endpoint, metadata

logger = logging.getLogger(__name__)

LIFESPAN_SECONDS = 600
"""A set this old is asked for again."""

STALE_SECONDS = 12 * 3600
"""The last good set serves as long while the issuer is down: no token is accepted that is older."""

PAUSE_SECONDS = 10
"""Between two fetches, whoever asks and however often: strangers can name any key."""

SMALLEST_RSA_BITS = 2048

PublicKey = RSAPublicKey | EllipticCurvePublicKey


class Keys(Protocol):
    """Gives a public key by its id; None when there is none of that id."""

    def get(self, kid: str, at: datetime) -> object | None:
        """The public key of that id; ``at`` is now, for keys that are kept for a while."""
        ...


def public_keys(jwks: object) -> dict[str, PublicKey]:
    """The keys of a set that can check a signature, by their ids: no secret, no key for encryption, no short one.

    One that cannot be read is left out, and spoils no other (RFC 7517 5). Raises ValueError on what is no key set, or an empty one.
    """
    members = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(members, list) or not members:
        raise ValueError("it is no key set")
    return {key.key_id: key.key for key in map(_read, members) if key is not None}


def _read(member: object) -> PyJWK | None:
    """The key, if it can be read, has an id, and checks signatures."""
    try:
        key = PyJWK(member) if isinstance(member, dict) else None
    except (jwt.PyJWTError, TypeError, ValueError, UnsupportedAlgorithm):
        return None
    if key is None or not isinstance(key.key_id, str) or key.public_key_use not in (None, "sig"):
        return None
    return key if _checks_signatures(key.key) else None


def _checks_signatures(key: object) -> bool:
    if isinstance(key, RSAPublicKey):
        return key.key_size >= SMALLEST_RSA_BITS
    return isinstance(key, EllipticCurvePublicKey)


class StaticKeys:
    """A key set that is part of the configuration, for sites without a way out. Raises ValueError on a bad set."""

    def __init__(self, jwks: object) -> None:
        self._keys = public_keys(jwks)
        if not self._keys:
            raise ValueError("jwks has no key that checks signatures")

    @classmethod
    def from_file(cls, path: str) -> "StaticKeys":
        """The key set of a JSON file."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def get(self, kid: str, at: datetime) -> object | None:
        """The key of this id, or None."""
        return self._keys.get(kid)


class FetchedKeys:
    """A key set behind an address. It is asked for again when it is old or a key is unknown, never more often than the pause allows.

    Whoever needs an old set does not wait for the new one; whoever names an unknown key does, and one of them asks for all. While the
    issuer is away only the one who asks waits: strangers can name any key, and would hold every thread.
    """

    def __init__(self, uri: str) -> None:
        self.source = uri
        self._keys: dict[str, PublicKey] = {}
        self._read_at: float | None = None
        self._asked_at: float | None = None
        self._away = False
        self._asking = threading.Lock()

    def get(self, kid: str, at: datetime) -> object | None:
        """The key of this id; None where there is none, or where the issuer has been away for too long."""
        now = at.timestamp()
        key = self._known(kid, now)
        if key is None:
            if self._asking.acquire(blocking=not self._away):
                try:
                    if self._known(kid, now) is None:
                        self._ask(now)
                finally:
                    self._asking.release()
        elif now - (self._read_at or 0) >= LIFESPAN_SECONDS and self._asking.acquire(blocking=False):
            try:
                self._ask(now)
            finally:
                self._asking.release()
        return self._known(kid, now)

    def _known(self, kid: str, now: float) -> PublicKey | None:
        fresh = self._read_at is not None and now - self._read_at < STALE_SECONDS
        return self._keys.get(kid) if fresh else None

    def _ask(self, now: float) -> None:
        if self._asked_at is not None and 0 <= now - self._asked_at < PAUSE_SECONDS:
            return
        self._asked_at = now
        try:
            self._keys = public_keys(self._fetch())
            self._read_at = now
            self._away = False
        except FetchFailed as fault:
            self._away = True
            logger.warning("key set of %s: %s; the last good one serves", self.source, fault)
        except ValueError as fault:
            logger.warning("key set of %s: %s; the last good one serves", self.source, fault)

    def _fetch(self) -> dict:
        return fetch_json(self.source)


class DiscoveredKeys(FetchedKeys):
    """The key set that an issuer's discovery document names."""

    def _fetch(self) -> dict:
        return fetch_json(endpoint(metadata(self.source), "jwks_uri"))
