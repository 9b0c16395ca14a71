"""Registers OHIF with the identity provider, at the origin where the registry serves it."""

from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from registry.viewer.app_config import AFTER_LOGOUT, CALLBACK, CLIENT_ID, SCOPES


class Command(BaseCommand):
    """The command ``ensure_viewer_client``."""

    help = (
        "Register OHIF as a client for VIEWER_URL, or bring the client up to date; do nothing where OHIF is not served."
    )

    def handle(self, *args: object, **options: object) -> None:
        """Register, and say where OHIF is."""
        origin = settings.VIEWER_URL
        if not origin:
            self.stdout.write("no viewer is served: VIEWER_URL is empty, or OHIF is not in VIEWER_DIR")
            return
        call_command(
            "create_client",
            "--no-consent",
            client_id=CLIENT_ID,
            name="OHIF",
            type="public",
            scope=list(SCOPES),
            redirect_uri=[origin + CALLBACK],
            post_logout_redirect_uri=[origin + AFTER_LOGOUT],
            stdout=StringIO(),
        )
        self.stdout.write(f"OHIF is at {origin}")
