"""Finds the keys of external issuers: given with the settings, or fetched and kept while the issuer is down."""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Protocol

import jwt
from jwt import PyJWKClient, PyJWKClientError, PyJWKSet

logger = logging.getLogger(__name__)

LIFESPAN_SECONDS = 600
TIMEOUT_SECONDS = 3


class Keys(Protocol):
    """Gives a public key by its id; None when there is none of that id."""

    def get(self, kid: str, at: datetime) -> object | None:
        """The public key of that id; ``at`` is now, for keys that are kept for a while."""
        ...


class StaticKeys:
    """A key set that is part of the configuration, for sites without a way out. Raises PyJWKSetError on a bad set."""

    def __init__(self, jwks: dict) -> None:
        known = PyJWKSet.from_dict(jwks).keys
        self._keys = {key.key_id: key.key for key in known if key.key_id and key.public_key_use in (None, "sig")}

    @classmethod
    def from_file(cls, path: str) -> "StaticKeys":
        """The key set of a JSON file."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def get(self, kid: str, at: datetime) -> object | None:
        """The key of this id, or None."""
        return self._keys.get(kid)


class FetchedKeys:
    """A key set behind an address; the last good one serves while the address does not answer."""

    def __init__(self, uri: str) -> None:
        self._client = _LastGoodSet(uri, lifespan=LIFESPAN_SECONDS, timeout=TIMEOUT_SECONDS)

    def get(self, kid: str, at: datetime) -> object | None:
        """The key of this id, or None; an unknown id makes one fetch, and then none for a while."""
        try:
            return self._client.get_signing_key(kid).key
        except (PyJWKClientError, jwt.PyJWKSetError) as fault:
            logger.warning("no key from %s: %s", self._client.uri, type(fault).__name__)
            return None


class _LastGoodSet(PyJWKClient):
    _last: PyJWKSet | None = None

    def get_jwk_set(self, refresh: bool = False) -> PyJWKSet:
        try:
            self._last = super().get_jwk_set(refresh)
        except PyJWKClientError:
            if self._last is None:
                raise
            logger.warning("key set %s does not answer; the last good one serves", self.uri)
            if self.jwk_set_cache is not None:
                self.jwk_set_cache.put(self._last)
        return self._last
