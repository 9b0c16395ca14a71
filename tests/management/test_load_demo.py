"""The demonstration comes into an empty database or its own, and into nobody else's."""

import os
import subprocess
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from oidc_provider.models import Client

from overlays.management.demo import objects
from overlays.management.demo.ground import others_here
from overlays.management.demo.logins import make_logins
from overlays.models import AIModel, OverlayVersion, Study

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def _person() -> None:
    User.objects.create_user("ada")


def _namesake() -> None:
    User.objects.create_user("robin", password="the password of a person")


def _study() -> None:
    Study.objects.create(study_instance_uid="1.2.3")


def _model() -> None:
    AIModel.objects.create(name="LungSeg", registered_at=datetime(2026, 11, 20, tzinfo=UTC), registered_by="S. Stern")


@pytest.mark.parametrize("other", [_person, _namesake, _study, _model])
def test_nothing_is_loaded_beside_what_belongs_to_others(other, folder):
    other()
    people = {person.username: person.password for person in User.objects.all()}
    said = StringIO()

    call_command("load_demo", stderr=said)

    assert "no demonstration is loaded" in said.getvalue()
    assert {person.username: person.password for person in User.objects.all()} == people
    assert (Client.objects.count(), OverlayVersion.objects.count(), list(folder.iterdir())) == (0, 0, [])


def test_an_empty_database_is_free(folder):
    assert others_here(folder) == []


def test_a_demonstration_that_broke_off_is_taken_up_again(folder):
    password = make_logins(folder)["DEMO_PASSWORD"]
    User.objects.create_user("robin", password=password)
    assert others_here(folder) == []


def test_what_came_beside_a_demonstration_does_not_stop_it(folder):
    Study.objects.create(study_instance_uid=objects.STUDY.uid("study"))
    _person()
    assert others_here(folder) == []


@pytest.mark.parametrize(("given", "loads"), [((), True), (("DEMO=yes",), True), (("DEMO=no",), False)])
def test_make_run_loads_it_unless_told_not_to(given, loads):
    kept = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DEMO")
    }
    dry = subprocess.run(["make", "-n", "run", *given], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    assert ("load_demo" in dry.stdout) is loads
    assert "gunicorn" in dry.stdout
