"""Creates the provider's signing key where there is none."""

from django.core.management.base import BaseCommand
from django.db import transaction
from oidc_provider.models import RSAKey

from registry.oidc.keys import create_key
from registry.oidc.recording import Recorder


class Command(BaseCommand):
    """The command ``ensure_signing_key``."""

    help = "Create an RSA signing key unless there is one already."

    def handle(self, *args: object, **options: object) -> None:
        """Create the key, or leave what is there."""
        if RSAKey.objects.exists():
            self.stdout.write("a signing key exists")
            return
        with transaction.atomic():
            key = create_key()
            Recorder.of_command().key_created(key.kid)
        self.stdout.write(f"created the signing key {key.kid}")
