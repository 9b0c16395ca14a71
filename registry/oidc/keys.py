"""Holds the provider's own RSA keys: the one that signs, and the public ones that check."""

import threading
from datetime import datetime

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from oidc_provider.lib.utils.token import get_client_alg_keys
from oidc_provider.models import Client, RSAKey

KEY_BITS = 2048
ALGORITHM = "RS256"
CACHED_SECONDS = 60.0
_reading = threading.Lock()


def pairs() -> list[dict]:
    """Every key, the oldest first, as the provider's library gives them; none where there is none.

    It keeps them in a dictionary of its own, in which one thread misses what another has just thrown out with a deleted key.
    """
    with _reading:
        return get_client_alg_keys(Client(jwt_alg=ALGORITHM)) if RSAKey.objects.exists() else []


def sign(claims: dict, *, typ: str) -> str:
    """A compact JWS over the claims with the oldest key: a new key signs once the old one is deleted, when caches know it."""
    key = pairs()[0]
    return jwt.encode(claims, key["key"], algorithm=ALGORITHM, headers={"kid": key["kid"], "typ": typ})


def create_key() -> RSAKey:
    """Store a new private key."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return RSAKey.objects.create(key=pem.decode())


class EmbeddedKeys:
    """The public keys of this provider by their key id, read again after a minute and whenever an id is unknown.

    A deleted key is therefore refused within a minute, a new one is known at once.
    """

    def __init__(self) -> None:
        self._keys: dict[str, RSAPublicKey] = {}
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def get(self, kid: str, at: datetime) -> RSAPublicKey | None:
        """The key of this id, or None."""
        now = at.timestamp()
        with self._lock:
            fresh = self._read_at is not None and 0 <= now - self._read_at < CACHED_SECONDS
            if not fresh or kid not in self._keys:
                self._keys = {pair["kid"]: pair["public_key"] for pair in pairs()}
                self._read_at = now
            return self._keys.get(kid)
