"""Keeps secrets out of the database: what is stored is a digest, from which a request can be checked only."""

import hashlib
import hmac

_SCHEME = "sha256$"
_BOUND_DIGITS = 16


def at_rest(secret: str) -> str:
    """The form in which a secret is stored.

    A plain digest is enough for values of 256 random bits; people's passwords go through Django's hashers instead.
    """
    return _SCHEME + hashlib.sha256(secret.encode()).hexdigest()


def matches(stored: str, digest: str) -> bool:
    """Whether ``digest``, as made by ``at_rest``, is the stored one; the time taken does not tell how much of it agrees."""
    return stored.startswith(_SCHEME) and hmac.compare_digest(stored.encode(), digest.encode())


def bind(redirect_uri: str) -> str:
    """Sixteen hexadecimal digits that tie an authorization code to the redirect URI it was issued for (RFC 6749 4.1.3)."""
    return hashlib.sha256(redirect_uri.encode()).hexdigest()[:_BOUND_DIGITS]
