"""Finds the launch that a code names, as long as it can be redeemed."""

import hashlib
from datetime import datetime

from django.db.models import Q, QuerySet

from overlays.models import Launch


def digest_of(code: str) -> str:
    """What is kept of a code; it has 256 random bits, so that a plain digest is enough."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def open_launches(code: str, *, client_id: str, at: datetime, key: str = "") -> QuerySet[Launch]:
    """The one launch of this code and viewer's client that is neither used nor expired; with a person's key, one for that person."""
    found = Launch.objects.filter(
        code_sha256=digest_of(code), client_id=client_id, redeemed_at=None, expires_at__gt=at, made_at__lte=at
    )
    return found.filter(Q(for_key="") | Q(for_key=key)) if key else found
