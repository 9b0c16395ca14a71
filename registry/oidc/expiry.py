"""Says when what the provider issued ends, and deletes what has ended."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from oidc_provider import settings as provider
from oidc_provider.models import Code, Token, UserConsent

NO_REFRESH = "none$"
"""Begins the refresh column of a row without a refresh token; no digest begins so, hence none can match it."""


def token_lifetime() -> timedelta:
    """How long an access token lives."""
    return timedelta(seconds=provider.get("OIDC_TOKEN_EXPIRE"))


def code_lifetime() -> timedelta:
    """How long an authorization code lives."""
    return timedelta(seconds=provider.get("OIDC_CODE_EXPIRE"))


def refresh_lifetime() -> timedelta:
    """How long after its issue a refresh token can be redeemed."""
    return timedelta(seconds=settings.OIDC_REFRESH_EXPIRE)


def refresh_has_expired(row: Token, at: datetime) -> bool:
    """Whether the refresh token of a row is too old: the row tells its issue by the end of its access token."""
    return at >= row.expires_at - token_lifetime() + refresh_lifetime()


def clear(at: datetime) -> dict[str, int]:
    """Delete codes, tokens and consents that nothing can be done with any more; the number of each."""
    unrefreshable = Q(refresh_token__startswith=NO_REFRESH) | Q(user=None)
    over = Q(expires_at__lte=at) & (unrefreshable | Q(expires_at__lte=at + token_lifetime() - refresh_lifetime()))
    return {
        "codes": _delete(Code.objects.filter(expires_at__lte=at)),
        "tokens": _delete(Token.objects.filter(over)),
        "consents": _delete(UserConsent.objects.filter(expires_at__lte=at)),
    }


def _delete(rows) -> int:
    _, per_model = rows.delete()
    return per_model.get(rows.model._meta.label, 0)
