"""Looks the sources of stored versions up in the archive again, at an operator's command."""

from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from overlays.governance.actor import system
from overlays.governance.errors import RegistryError, Unavailable
from overlays.governance.permissions import Scope
from overlays.queries.unverified import versions_to_recheck
from overlays.services.recheck_sources import recheck_sources


class Command(BaseCommand):
    """The command ``recheck_sources``."""

    help = "Look up again the sources of versions that are not verified, or of all; says how many changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument(
            "--all", action="store_true", help="verified ones too: after patients were merged or images moved"
        )
        parser.add_argument("--study", help="Study Instance UID: of this study alone")

    def handle(self, *args: object, **options: object) -> None:
        """Look at one after the other, and stop when the archive is away."""
        actor = system(f"command-{uuid4()}", Scope.STORE)
        seen = changed = 0
        for uid, before in versions_to_recheck(every=options["all"], study=options["study"]):
            try:
                after = recheck_sources(actor=actor, at=timezone.now(), sop_instance_uid=uid)
            except Unavailable as fault:  # of this version alone
                self.stderr.write(fault.sentence)
                continue
            except RegistryError as error:
                raise CommandError(f"{error.sentence} {seen} looked at, {changed} changed.") from None
            seen += 1
            changed += after != before
        self.stdout.write(f"{seen} looked at, {changed} changed.")
