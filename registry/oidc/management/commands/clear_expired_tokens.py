"""Deletes what has expired of codes, tokens, consents, launches and decision keys; to be run by a timer."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from overlays.services.decision_keys import forget_decision_keys
from overlays.services.launch import forget_launches
from registry.oidc.expiry import clear


class Command(BaseCommand):
    """The command ``clear_expired_tokens``."""

    help = "Delete authorization codes, tokens, consents, launches and decision keys that have expired."

    def handle(self, *args: object, **options: object) -> None:
        """Delete, and say how many."""
        at = timezone.now()
        counts = clear(at) | {"launches": forget_launches(at), "decision keys": forget_decision_keys(at)}
        self.stdout.write(", ".join(f"{count} {kind}" for kind, count in counts.items()) + " deleted")
