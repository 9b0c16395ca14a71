"""Says with whose token the archive is asked for what a viewer wants."""

from django.conf import settings
from rest_framework.request import Request


def bearer_of(request: Request) -> str | None:
    """The caller's own token where a setting forwards it; None for the registry's credentials."""
    if not settings.OVERLAYS_ARCHIVE_FORWARD_TOKEN:
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
