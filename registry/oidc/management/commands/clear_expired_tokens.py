"""Deletes expired codes, tokens and consents; to be run by a timer."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from registry.oidc.expiry import clear


class Command(BaseCommand):
    """The command ``clear_expired_tokens``."""

    help = "Delete authorization codes, tokens and consents that have expired."

    def handle(self, *args: object, **options: object) -> None:
        """Delete, and say how many."""
        counts = clear(timezone.now())
        self.stdout.write(", ".join(f"{count} {kind}" for kind, count in counts.items()) + " deleted")
