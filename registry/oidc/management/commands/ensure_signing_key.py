"""Creates the signing keys that are missing: the provider's, and the one of render decisions."""

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand
from django.db import transaction
from oidc_provider.models import RSAKey

from overlays.services.decision_keys import ensure_decision_key
from registry.oidc.keys import create_key
from registry.oidc.recording import Recorder


class Command(BaseCommand):
    """The command ``ensure_signing_key``."""

    help = "Create an RSA key for tokens and a P-256 key for render decisions, each unless there is one already."

    def handle(self, *args: object, **options: object) -> None:
        """Create the keys, or leave what is there."""
        recorder = Recorder.of_command()
        if RSAKey.objects.exists():
            self.stdout.write("a signing key exists")
        else:
            with transaction.atomic():
                key = create_key()
                recorder.key_created(key.kid)
            self.stdout.write(f"created the signing key {key.kid}")
        private = ec.generate_private_key(ec.SECP256R1())
        made = ensure_decision_key(actor=recorder.actor, at=recorder.at, private=private)
        self.stdout.write(f"created the decision key {made.kid}" if made else "a decision key exists")
