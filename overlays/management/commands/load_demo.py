"""Loads the demonstration: people, clients, models, and a synthetic study with overlays in every state."""

import logging
import os
from io import StringIO
from uuid import uuid4

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from overlays.governance.actor import Actor, ActorKind
from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from overlays.governance.vocabulary import Purpose
from overlays.management.demo import logins, objects
from overlays.management.demo.ground import others_here
from overlays.management.demo.journeys import instructions
from overlays.management.demo.objects import Objects
from overlays.management.demo.story import Cast, Story, is_loaded
from overlays.queries.decoder import decoder

SAMPLE, BROKEN = "next-liver.dcm", "broken.dcm"


class Command(BaseCommand):
    """The command ``load_demo``."""

    help = "Load the demonstration (synthetic data), or leave it as it is; print logins and what to try."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--quiet", action="store_true", help="print nothing")

    def handle(self, *args: object, **options: object) -> None:
        """Load what is missing; nothing at all beside people, studies or models of others."""
        if others := others_here(settings.DATA_DIR):
            self.stderr.write(
                f"The database holds what is not the demonstration's ({', '.join(others)}): no demonstration is loaded. "
                "DEMO=no starts without it."
            )
            return
        logging.getLogger("highdicom").setLevel(logging.WARNING)  # it tells every attribute that it copies
        secrets = logins.make_logins(settings.DATA_DIR)
        self._clients(secrets["PIPELINE_SECRET"])
        cast = self._cast(secrets["DEMO_PASSWORD"])
        made = Objects()
        if not is_loaded():
            if not options["quiet"]:
                self.stdout.write("Computing and loading the demonstration (about 20 seconds, once) …")
                self.stdout.flush()
            try:
                Story(cast=cast, made=made, clock=timezone.now, new_id=uuid4).play()
            finally:
                decoder().close()
        self._samples(made)
        if not options["quiet"]:
            self.stdout.write(instructions(site=settings.SITE_URL, folder=settings.DATA_DIR, secrets=secrets))
            for name, viewer in settings.OVERLAYS_VIEWERS.items():
                for purpose in (Purpose.CLINICAL, Purpose.REVIEW):
                    if address := viewer.get(purpose.value):
                        address = address.replace("{study}", objects.STUDY.uid("study"))
                        self.stdout.write(f"The study in {name} ({purpose.value}): {address}")

    def _clients(self, secret: str) -> None:
        os.environ["OVERLAYS_CLIENT_SECRET"] = secret
        call_command(
            "create_client",
            "--secret-env",
            client_id=logins.PIPELINE,
            name=logins.PIPELINE_NAME,
            type="confidential",
            scope=[Scope.STORE.value],
            stdout=StringIO(),
        )
        del os.environ["OVERLAYS_CLIENT_SECRET"]
        call_command(
            "create_client",
            "--no-consent",
            client_id=logins.CLIENT_OF_PEOPLE,
            name="Viewer (demonstration)",
            type="public",
            scope=list(logins.SCOPES_OF_PEOPLE),
            redirect_uri=[logins.redirect_uri(settings.SITE_URL), "http://localhost:3000/callback"],
            stdout=StringIO(),
        )

    def _cast(self, password: str) -> Cast:
        people = {person: self._actor(person, password) for person in logins.PEOPLE}
        pipeline = Actor(
            kind=ActorKind.CLIENT,
            key=f"client:{logins.PIPELINE}",
            name=logins.PIPELINE_NAME,
            scopes=frozenset({Scope.STORE}),
            correlation_id=f"demonstration-{uuid4()}",
            client_id=logins.PIPELINE,
        )
        return Cast(pipeline=pipeline, radiologist=people[logins.RADIOLOGIST], steward=people[logins.STEWARD])

    def _actor(self, person: logins.Person, password: str) -> Actor:
        os.environ["OVERLAYS_PERSON_PASSWORD"] = password
        key = StringIO()
        call_command(
            "create_person",
            person.username,
            "--password-env",
            *(["--staff"] if person.staff else []),
            first_name=person.first_name,
            last_name=person.last_name,
            group=[GROUP_OF_SCOPE[person.scope]],
            stdout=key,
        )
        del os.environ["OVERLAYS_PERSON_PASSWORD"]
        return Actor(
            kind=ActorKind.PERSON,
            key=key.getvalue().strip(),
            name=person.name,
            scopes=frozenset({person.scope}),
            correlation_id=f"demonstration-{uuid4()}",
        )

    def _samples(self, made: Objects) -> None:
        """Files to try posting with: a sound one and a broken one."""
        folder = settings.DATA_DIR / "demo"
        folder.mkdir(exist_ok=True)
        for name, make in ((SAMPLE, lambda: made.result(objects.NEXT)), (BROKEN, made.broken)):
            path = folder / name
            if not path.exists():
                partial = path.with_suffix(".part")
                partial.write_bytes(make())
                partial.replace(path)
