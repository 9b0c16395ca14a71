"""Finds the key that signs render decisions now, and the public keys that check them."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.db.models import Q, QuerySet

from overlays.governance.errors import Unavailable
from overlays.models import DecisionKey

ALGORITHM = "ES256"
RECHECK_SECONDS = 1.0


@dataclass(frozen=True)
class SigningKey:
    """A private key, its id, and when it was read (seconds since 1970)."""

    kid: str
    private: EllipticCurvePrivateKey = field(repr=False)
    read_at: float


_kept: SigningKey | None = None


def signing_key(at: datetime) -> SigningKey:
    """The key that signs now; read again after a second, so that a withdrawn one signs no longer. Raises Unavailable without one."""
    global _kept
    kept, now = _kept, at.timestamp()
    if kept is not None and 0 <= now - kept.read_at < RECHECK_SECONDS:
        return kept
    able = _published(at).filter(signs_from__lte=at).exclude(private_pem="").order_by("-signs_from", "kid")
    found = able.values_list("kid", "private_pem").first()
    if found is None:
        raise Unavailable("The registry has no key to sign decisions with; manage.py ensure_signing_key makes one.")
    kid, pem = found
    private = kept.private if kept is not None and kept.kid == kid else load_pem_private_key(pem.encode(), None)
    _kept = SigningKey(kid, private, now)
    return _kept


def forget() -> None:
    """Read the key anew the next time."""
    global _kept
    _kept = None


def public_keys(at: datetime) -> list[dict]:
    """Every public key that checks a decision which has not expired, or will soon sign (RFC 7517 4), the newest first."""
    return list(_published(at).order_by("-signs_from", "kid").values_list("public_jwk", flat=True))


def _published(at: datetime) -> QuerySet[DecisionKey]:
    return DecisionKey.objects.filter(Q(published_until=None) | Q(published_until__gt=at))
