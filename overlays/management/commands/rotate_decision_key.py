"""Replaces the key that signs render decisions, at an operator's command."""

from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from overlays.governance.actor import system
from overlays.governance.errors import RegistryError
from overlays.services.decision_keys import replace_decision_keys, rotate_decision_key


class Command(BaseCommand):
    """The command ``rotate_decision_key``."""

    help = "Publish a new key for render decisions, which signs when every verifier can know it."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument(
            "--compromised", action="store_true", help="withdraw every other key at once; the new one signs at once"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Make the key, and say from when on it signs."""
        change = replace_decision_keys if options["compromised"] else rotate_decision_key
        actor = system(f"command-{uuid4()}")
        try:
            key = change(actor=actor, at=timezone.now(), private=ec.generate_private_key(ec.SECP256R1()))
        except RegistryError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(f"created the decision key {key.kid}, which signs from {key.signs_from.isoformat()} on")
