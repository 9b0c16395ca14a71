"""Registers an application at an operator's command."""

import os
import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from oidc_provider.models import Client

from registry.oidc.clients import create_client, new_client_id
from registry.oidc.recording import Recorder, client_facts

ENVIRONMENT_VARIABLE = "OVERLAYS_CLIENT_SECRET"


class Command(BaseCommand):
    """The command ``create_client``."""

    help = "Register a client, or bring the one with --client-id up to date; a new secret is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--name", required=True)
        parser.add_argument("--type", choices=("confidential", "public"), required=True)
        parser.add_argument("--client-id", help="a fixed id; running the command again then changes nothing more")
        parser.add_argument("--scope", nargs="+", default=[])
        parser.add_argument("--redirect-uri", nargs="+", default=[])
        parser.add_argument("--post-logout-redirect-uri", nargs="+", default=[])
        parser.add_argument("--studies", nargs="+", help="the only Study Instance UIDs that the client can reach")
        parser.add_argument(
            "--no-consent", action="store_true", help="do not ask people; for applications of one's own"
        )
        parser.add_argument(
            "--launch-only", action="store_true", help="a viewer that gets no token but by a launch, for one study"
        )
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--secret-stdin", action="store_true", help="read the secret from standard input")
        source.add_argument("--secret-env", action="store_true", help=f"take the secret from {ENVIRONMENT_VARIABLE}")

    def handle(self, *args: object, **options: object) -> None:
        """Register, and print the id and, where it was made just now, the secret."""
        secret = self._secret(options)
        client_id = options["client_id"] or new_client_id()
        try:
            with transaction.atomic():
                known = Client.objects.filter(client_id=client_id).first()
                before = client_facts(known) if known else None
                client, made = create_client(
                    client_id=client_id,
                    name=options["name"],
                    confidential=options["type"] == "confidential",
                    scopes=options["scope"],
                    redirect_uris=options["redirect_uri"],
                    post_logout_redirect_uris=options["post_logout_redirect_uri"],
                    secret=secret,
                    studies=options["studies"],
                    require_consent=not options["no_consent"],
                    launch_only=options["launch_only"],
                )
                Recorder.of_command().client_saved(Client.objects.get(pk=client.pk), before)
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from None
        self.stdout.write(f"client_id={client.client_id}")
        if made is not None and secret is None:
            self.stdout.write(f"client_secret={made}")

    def _secret(self, options: dict) -> str | None:
        if options["secret_stdin"]:
            return sys.stdin.readline().strip()
        if options["secret_env"]:
            if not os.environ.get(ENVIRONMENT_VARIABLE):
                raise CommandError(f"{ENVIRONMENT_VARIABLE} is not set.")
            return os.environ[ENVIRONMENT_VARIABLE]
        return None
