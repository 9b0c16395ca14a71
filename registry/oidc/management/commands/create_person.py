"""Creates a person who may sign in, at an operator's command."""

import os

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from registry.oidc.recording import Recorder, person_facts

ENVIRONMENT_VARIABLE = "OVERLAYS_PERSON_PASSWORD"


class Command(BaseCommand):
    """The command ``create_person``."""

    help = "Create a person, or bring the one of this user name up to date: name, groups, password."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("username")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--group", nargs="+", default=[], help="the roles, such as Radiologists")
        parser.add_argument("--staff", action="store_true", help="may sign in to the admin")
        parser.add_argument(
            "--superuser", action="store_true", help="may manage people and clients there; judges no images by that"
        )
        parser.add_argument(
            "--password-env", action="store_true", help=f"set the password given in {ENVIRONMENT_VARIABLE}"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Create or update, and say the key under which the person's acts are recorded."""
        groups = list(Group.objects.filter(name__in=options["group"]))
        if unknown := set(options["group"]) - {group.name for group in groups}:
            raise CommandError(f"There is no group {', '.join(sorted(unknown))}.")
        with transaction.atomic():
            people = get_user_model().objects
            person = people.filter(username=options["username"]).first() or people.model(username=options["username"])
            before = person_facts(person) if person.pk else None
            person.first_name, person.last_name = options["first_name"], options["last_name"]
            person.is_staff, person.is_superuser = options["staff"], options["superuser"]
            has_new_password = options["password_env"] and self._set_password(person)
            self._check(person)
            person.save()
            person.groups.set(groups)
            recorder = Recorder.of_command()
            recorder.person_saved(person, before)
            if has_new_password:
                recorder.password_changed(person)
        self.stdout.write(f"user:{person.pk}")

    @staticmethod
    def _check(person) -> None:
        try:
            person.clean_fields(exclude=["password"])
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from None

    @staticmethod
    def _set_password(person) -> bool:
        """Whether the password is a new one."""
        password = os.environ.get(ENVIRONMENT_VARIABLE, "")
        if not password:
            raise CommandError(f"{ENVIRONMENT_VARIABLE} is not set.")
        if person.check_password(password):
            return False  # a new hash of the same password would end the person's sessions
        try:
            validate_password(password, person)
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from None
        person.set_password(password)
        return True
