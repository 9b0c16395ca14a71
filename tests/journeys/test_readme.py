"""The README says what the registry does."""

import re
import shlex
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands

from overlays.management.demo.journeys import instructions

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_journeys_of_the_readme_are_the_ones_that_are_printed():
    printed = instructions(
        site="http://127.0.0.1:8000",
        folder=Path("var"),
        secrets={"DEMO_PASSWORD": "any", "PIPELINE_SECRET": "any"},
    )
    shell = printed[printed.index("# 0.") :].rstrip().rstrip("=").rstrip()
    assert f"```sh\n{shell}\n```" in README


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"`((?:overlays|registry|docs|tests)/[a-z_/]+\.(?:py|md))`", README)
    named += re.findall(r"\]\((docs/[a-z_.-]+)\)", README)
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_command_that_the_readme_names_is_there():
    named = set(re.findall(r"manage\.py ([a-z_]+)", README))
    assert {"create_person", "create_client", "clear_expired_tokens", "migrate"} <= named
    assert named <= set(get_commands())


def test_the_first_administrator_is_made_as_the_readme_says(db, monkeypatch, capsys):
    monkeypatch.setenv("OVERLAYS_PERSON_PASSWORD", "a-long-enough-password")
    (line,) = re.findall(r"manage\.py (create_person .*)", README)
    call_command(*shlex.split(line))
    person = get_user_model().objects.get()
    assert (person.is_staff, person.is_superuser, person.has_usable_password()) == (True, True, True)
