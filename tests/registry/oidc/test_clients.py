"""Registering clients, as a program and as an operator's command."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from oidc_provider.models import Client

from registry.oidc.clients import create_client
from registry.oidc.hashing import at_rest

GOOD = {"client_id": "pipe", "name": "Pipe", "confidential": True, "scopes": ["overlays.store"]}


def test_a_new_secret_is_long_and_stored_as_a_digest(db):
    client, secret = create_client(**GOOD)
    assert (len(secret) >= 43, client.client_secret) == (True, at_rest(secret))


def test_a_public_client_has_no_secret(db):
    client, secret = create_client(**GOOD | {"confidential": False})
    assert (client.client_secret, secret) == ("", None)


def test_a_given_secret_is_taken(db):
    assert create_client(**GOOD, secret="s" * 16)[1] == "s" * 16


def test_bringing_a_client_up_to_date_keeps_its_secret(db):
    before, _ = create_client(**GOOD)
    after, secret = create_client(**GOOD | {"name": "Pipe 2"})
    assert (after.pk, after.client_secret, after.name, secret) == (before.pk, before.client_secret, "Pipe 2", None)


def test_a_client_made_public_loses_its_secret(db):
    create_client(**GOOD)
    assert create_client(**GOOD | {"confidential": False})[0].client_secret == ""


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "x"},
        {"client_id": "a b c"},
        {"scopes": ["overlays.everything"]},
        {"secret": "short"},
        {"confidential": False, "secret": "s" * 16},
        {"studies": ["1.2.x"]},
        {"studies": []},
        {"redirect_uris": ["http://viewer.example/cb"]},
        {"redirect_uris": ["https://viewer.example/cb#x"]},
        {"redirect_uris": ["https://user@viewer.example/cb"]},
        {"redirect_uris": ["/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://"]},
        {"redirect_uris": ["https://[bad"]},
        {"post_logout_redirect_uris": ["http://viewer.example"]},
    ],
    ids=str,
)
def test_a_client_that_cannot_be_right_is_refused_and_not_stored(db, change):
    with pytest.raises(ValidationError):
        create_client(**GOOD | change)
    assert not Client.objects.exists()


def test_the_audience_is_no_client_id(db, settings):
    settings.OVERLAYS_RESOURCE = "overlays-api"
    with pytest.raises(ValidationError, match="audience"):
        create_client(**GOOD | {"client_id": "overlays-api"})


@pytest.mark.parametrize("uri", ["http://localhost:3000/cb", "http://127.0.0.1/cb", "org.example.app:/cb"])
def test_addresses_of_this_machine_and_of_applications_are_allowed(db, uri):
    assert create_client(**GOOD, redirect_uris=[uri])[0].redirect_uris == [uri]


def run(*arguments: str) -> dict[str, str]:
    out = io.StringIO()
    call_command("create_client", *arguments, stdout=out)
    return dict(line.split("=", 1) for line in out.getvalue().splitlines())


COMMAND = ("--name", "Pipe", "--type", "confidential", "--scope", "overlays.store")


def test_the_command_prints_a_secret_that_works(signing_key, stranger):
    printed = run(*COMMAND)
    response = stranger.post("/oidc/token", printed | {"grant_type": "client_credentials"})
    assert response.status_code == 200


def test_the_command_makes_ids_that_cannot_be_guessed(db):
    assert len(run(*COMMAND)["client_id"]) == 32


def test_the_command_run_again_prints_no_secret_and_makes_no_second_client(db):
    run(*COMMAND, "--client-id", "pipe")
    again = run(*COMMAND, "--client-id", "pipe")
    assert (again, Client.objects.count()) == ({"client_id": "pipe"}, 1)


def test_the_command_takes_a_secret_from_the_environment_and_does_not_print_it(db, monkeypatch):
    monkeypatch.setenv("OVERLAYS_CLIENT_SECRET", "s" * 20)
    printed = run(*COMMAND, "--secret-env")
    assert (printed.keys(), Client.objects.get().client_secret) == ({"client_id"}, at_rest("s" * 20))


def test_the_command_takes_a_secret_from_standard_input(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("t" * 20 + "\n"))
    run(*COMMAND, "--secret-stdin")
    assert Client.objects.get().client_secret == at_rest("t" * 20)


def test_the_command_narrows_to_studies(db):
    run(*COMMAND, "--studies", "1.2.4", "1.2.3")
    assert Client.objects.get().grant.studies == ["1.2.3", "1.2.4"]


def test_the_command_refuses_an_unknown_scope(db):
    with pytest.raises(CommandError, match="Unknown scopes"):
        run("--name", "Pipe", "--type", "public", "--scope", "everything")
