"""Checks that a token is what one configured issuer signed, for us, now; knows nothing of rows or actors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import jwt

from registry.oidc.errors import TokenRefused
from registry.oidc.issuers import Issuer

LONGEST = 8192
LEEWAY_SECONDS = 30
OLDEST_SECONDS = 12 * 3600
"""No access token is accepted longer after its issue, whatever it says itself: AWS HealthImaging, among others, holds to the same."""

_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_LATEST = 2**53  # beyond it a JSON number is not exact, and no clock
_OF_ID_TOKENS = ("at_hash", "c_hash", "s_hash")
_OTHER_TYPES = frozenset(
    {"id", "refresh", "offline", "logout"}
)  # what Keycloak writes as the claim typ of other tokens
_OPTIONS = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True)
class SignedClaims:
    """The claims of an accepted token, its issuer and the key that signed it."""

    claims: Mapping
    issuer: Issuer
    kid: str

    @property
    def ends_at(self) -> float:
        """When the token is no longer accepted: seconds since 1970, leeway included."""
        return min(self.claims["exp"], self.claims["iat"] + OLDEST_SECONDS) + LEEWAY_SECONDS


def check(token: str, issuers: Mapping[str, Issuer], *, at: datetime) -> SignedClaims:
    """The claims of an access token, which says nowhere that it is something else. Raises TokenRefused."""
    found = signed(token, issuers, at=at)
    _check_kind(found.claims)
    return found


def signed(token: str, issuers: Mapping[str, Issuer], *, at: datetime) -> SignedClaims:
    """The claims of a token, all rules of signature, type, issuer, audience and time passed. Raises TokenRefused."""
    if not token or len(token) > LONGEST or not token.isascii():
        raise TokenRefused("the token is empty, not ASCII or longer than 8 KiB")
    try:
        header = jwt.get_unverified_header(token)
        iss = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, RecursionError) as fault:
        raise TokenRefused(f"the token cannot be read: {type(fault).__name__}") from None
    issuer = issuers.get(iss) if isinstance(iss, str) else None
    if issuer is None:
        raise TokenRefused("the issuer is not configured")
    typ = header.get("typ", "")
    if not isinstance(typ, str) or typ.lower() not in issuer.typ:
        raise TokenRefused("the type of the token is not that of an access token")
    kid = header.get("kid")
    if header.get("alg") not in issuer.algs or not isinstance(kid, str):
        raise TokenRefused("the algorithm is not accepted or no key is named")
    key = issuer.keys.get(kid, at)
    if key is None:
        raise TokenRefused("the issuer has no key of this id")
    try:
        claims = jwt.decode(
            token, key, algorithms=list(issuer.algs), audience=list(issuer.audiences), issuer=iss, options=_OPTIONS
        )
    except (
        jwt.PyJWTError,
        RecursionError,
        TypeError,
    ) as fault:  # TypeError: the key is of another kind than the algorithm
        raise TokenRefused(f"the token does not verify: {type(fault).__name__}") from None
    _check_times(claims, at.timestamp())
    return SignedClaims(claims, issuer, kid)


def is_time(value: object) -> bool:
    """Whether the value of a claim can be seconds since 1970 (NumericDate, RFC 7519 2): a number, finite and exact."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -_LATEST < value < _LATEST


def _check_times(claims: Mapping, now: float) -> None:
    # PyJWT reads the clock itself; the time of the request is passed in here.
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    for name, value in times.items():
        if not is_time(value):
            raise TokenRefused(f"{name} is not a time")
    if times["exp"] <= now - LEEWAY_SECONDS:
        raise TokenRefused("the token has expired")
    if times["iat"] <= now - OLDEST_SECONDS - LEEWAY_SECONDS:
        raise TokenRefused("the token was issued more than 12 hours ago")
    for name in ("iat", "nbf"):
        if times.get(name, now) > now + LEEWAY_SECONDS:
            raise TokenRefused(f"{name} lies in the future")


def _check_kind(claims: Mapping) -> None:
    """Refuse what is signed alike but says itself that it is no access token: the header of external ones tells nothing."""
    kind = claims.get("typ")
    if any(name in claims for name in _OF_ID_TOKENS) or (isinstance(kind, str) and kind.lower() in _OTHER_TYPES):
        raise TokenRefused("the token is an id_token or refresh token")
