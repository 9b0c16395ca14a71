"""Exports lineage at an operator's command; the export is recorded like any other."""

from pathlib import Path
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from overlays.governance.actor import system
from overlays.governance.errors import RegistryError
from overlays.governance.permissions import Scope
from overlays.services.export_lineage import LineageFormat, export_lineage


class Command(BaseCommand):
    """The command ``export_lineage``."""

    help = "Write the lineage of one overlay, study, source or model version as JSON or CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--overlay", type=UUID)
        wanted.add_argument("--study", help="Study Instance UID")
        wanted.add_argument("--source", help="UID of an instance, series or study that versions were derived from")
        wanted.add_argument("--model-version", type=int)
        parser.add_argument("--format", choices=[str(each) for each in LineageFormat], default=str(LineageFormat.JSON))
        parser.add_argument("--output", type=Path, help="a new file; standard output without it")

    def handle(self, *args: object, **options: object) -> None:
        """Export."""
        if options["output"] and options["output"].exists():
            raise CommandError(f"{options['output']} exists already.")
        try:
            text = export_lineage(
                actor=system(f"command-{uuid4()}", Scope.AUDIT),
                at=timezone.now(),
                format=LineageFormat(options["format"]),
                overlay=options["overlay"],
                study=options["study"],
                source=options["source"],
                model_version=options["model_version"],
            )
        except RegistryError as error:
            raise CommandError(error.sentence) from None
        if options["output"]:
            options["output"].write_text(text, "utf-8", newline="")
        else:
            self.stdout.write(text)
