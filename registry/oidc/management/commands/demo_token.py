"""Prints an access token of a person of the demonstration, obtained from the running server as a viewer obtains it."""

from secrets import token_urlsafe

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from overlays.management.demo.logins import CLIENT_OF_PEOPLE, SCOPES_OF_PEOPLE, read_logins, redirect_uri
from registry.oidc.code_flow import FlowRefused, person_token


class Command(BaseCommand):
    """The command ``demo_token``."""

    help = "Sign a person of the demonstration in (authorization code with PKCE) and print the access token."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("username", help="clara, robin, sam or odette")

    def handle(self, *args: object, **options: object) -> None:
        """Run the flow over HTTP, and print the token alone."""
        password = read_logins(settings.DATA_DIR).get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("There is no demonstration here; manage.py load_demo loads it.")
        try:
            answer = person_token(
                site=settings.SITE_URL,
                client_id=CLIENT_OF_PEOPLE,
                redirect_uri=redirect_uri(settings.SITE_URL),
                username=options["username"],
                password=password,
                scopes=SCOPES_OF_PEOPLE,
                verifier=token_urlsafe(48),
                state=token_urlsafe(16),
            )
        except FlowRefused as refusal:
            raise CommandError(f"{refusal}") from None
        except OSError as error:
            raise CommandError(f"{settings.SITE_URL} does not answer ({error}); is the server running?") from None
        self.stdout.write(answer["access_token"])
