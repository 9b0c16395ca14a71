"""Keeps the passwords of the demonstration, which are made once for each installation."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from overlays.governance.permissions import Scope

PIPELINE, PIPELINE_NAME = "liver-pipeline", "Liver pipeline (demonstration)"
CLIENT_OF_PEOPLE = "viewer"
FILE = "demo-logins"
_NAMES = ("DEMO_PASSWORD", "PIPELINE_SECRET")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who plays a role in the demonstration."""

    username: str
    first_name: str
    last_name: str
    scope: Scope
    staff: bool

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


CLINICIAN = Person(username="clara", first_name="Clara", last_name="Ward", scope=Scope.VIEW, staff=False)
RADIOLOGIST = Person(username="robin", first_name="Robin", last_name="Lee", scope=Scope.REVIEW, staff=True)
STEWARD = Person(username="sam", first_name="Sam", last_name="Stern", scope=Scope.MANAGE, staff=True)
AUDITOR = Person(username="odette", first_name="Odette", last_name="Quist", scope=Scope.AUDIT, staff=True)
PEOPLE = (CLINICIAN, RADIOLOGIST, STEWARD, AUDITOR)

SCOPES_OF_PEOPLE = ("openid", "profile", *(str(person.scope) for person in PEOPLE))
"""What the people's client may ask for; a person's groups narrow it."""


def redirect_uri(site: str) -> str:
    """Where the people's client gets its codes."""
    return f"{site}/"


def read_logins(folder: Path) -> dict[str, str]:
    """The password of all the people and the secret of the pipeline; empty where there is no demonstration."""
    path = folder / FILE
    if not path.exists():
        return {}
    lines = (line.partition("=") for line in path.read_text("ascii").splitlines() if not line.startswith("#"))
    return {name: value for name, _, value in lines}


def make_logins(folder: Path) -> dict[str, str]:
    """The same, made at the first call in a file that only its owner can read."""
    found = read_logins(folder)
    if all(found.get(name) for name in _NAMES):
        return found
    made = {name: found.get(name) or secrets.token_urlsafe(18) for name in _NAMES}
    path = folder / FILE
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("# Logins of the demonstration; a shell can read this file.\n")
        file.writelines(f"{name}={value}\n" for name, value in made.items())
    partial.replace(path)
    return made
