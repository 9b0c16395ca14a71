"""What is done to people, groups, clients and tokens stands in the audit log, and no secret does."""

import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client as Browser
from oidc_provider.models import Client, Token

from overlays.governance.actor import stranger
from overlays.governance.events import Event, sentence
from overlays.models import AuditEntry
from overlays.services.record_identity import record_identity
from tests.registry.oidc.conftest import CALLBACK, PASSWORD
from tests.registry.oidc.test_admin import ADD, FIELDS, secret_shown

NEW_PASSWORD = "another-horse-battery"


@pytest.fixture
def root(person) -> Browser:
    """The browser of an administrator."""
    browser = Browser()
    browser.force_login(person(username="root", is_staff=True, is_superuser=True))
    return browser


@pytest.fixture
def group(db) -> Group:
    return Group.objects.get_or_create(name="Clinicians")[0]


def told() -> list[str]:
    """The log as people read it, the oldest entry first."""
    rows = AuditEntry.objects.order_by("pk")
    return [sentence(row.event, row.actor_name, row.data) for row in rows]


def form_of(user: User, **changes: object) -> dict[str, object]:
    """The form of a person's page."""
    good = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "date_joined_0": f"{user.date_joined:%Y-%m-%d}",
        "date_joined_1": f"{user.date_joined:%H:%M:%S}",
    }
    return good | changes


def change(root: Browser, user: User, **changes: object) -> None:
    answer = root.post(f"/admin/auth/user/{user.pk}/change/", form_of(user, **changes))
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def test_who_gives_a_person_a_role_is_recorded(root, radiologist, group):
    change(root, radiologist, groups=[group.pk])
    assert told() == ["Robin Lee changed the groups of rlee from Clinicians, Radiologists to Clinicians."]


def test_who_makes_a_person_an_administrator_is_recorded(root, radiologist):
    change(root, radiologist, is_superuser="on")
    entry = AuditEntry.objects.get(event=Event.PERSON_CHANGED)
    assert (entry.data["changed"], entry.data["is_superuser"]) == ("is superuser", True)


def test_saving_a_person_unchanged_leaves_no_entry(root, radiologist):
    change(root, radiologist)
    assert told() == []


def test_creating_a_person_is_recorded_without_the_password(root):
    fields = {"username": "newcomer", "usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    root.post("/admin/auth/user/add/", fields)
    assert told() == ["Robin Lee created the person newcomer."]
    assert NEW_PASSWORD not in json.dumps(AuditEntry.objects.get().data)


def test_setting_anothers_password_is_recorded(root, radiologist):
    fields = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    root.post(f"/admin/auth/user/{radiologist.pk}/password/", fields | {"set-password": "1"})
    assert told() == ["Robin Lee changed the password of rlee."]


def test_setting_ones_own_password_is_recorded(root):
    fields = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    root.post("/admin/password_change/", fields)
    assert told() == ["Robin Lee changed the password of root."]


def test_a_password_that_was_refused_is_no_change(root):
    fields = {"old_password": "wrong", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    root.post("/admin/password_change/", fields)
    assert told() == []


def test_a_stranger_comes_to_no_page_for_passwords(db, stranger):
    assert stranger.get("/admin/password_change/").status_code == 302


def test_deleting_a_person_is_recorded(root, radiologist):
    root.post(f"/admin/auth/user/{radiologist.pk}/delete/", {"post": "yes"})
    assert told() == ["Robin Lee deleted the person rlee."]


def test_deleting_people_from_the_list_is_recorded_one_by_one(root, person):
    others = [person(username=name) for name in ("one", "two")]
    chosen = {"action": "delete_selected", "_selected_action": [other.pk for other in others], "post": "yes"}
    root.post("/admin/auth/user/", chosen)
    assert sorted(told()) == ["Robin Lee deleted the person one.", "Robin Lee deleted the person two."]


def test_renaming_a_group_is_recorded_since_its_name_grants(root, group):
    root.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Guests"})
    assert told() == ["Robin Lee changed the group Guests: renamed from Clinicians."]


def test_deleting_a_group_is_recorded(root, group):
    root.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert told() == ["Robin Lee changed the group Clinicians: deleted."]


def test_registering_a_client_is_recorded_without_its_secret(root):
    secret = secret_shown(root.post(ADD, FIELDS))
    entry = AuditEntry.objects.get()
    stored = json.dumps(entry.data)
    assert (entry.event, entry.data["scopes"]) == ("client:registered", ["overlays.store"])
    assert (secret in stored, Client.objects.get().client_secret in stored) == (False, False)


def test_changing_what_a_client_may_is_recorded(root, viewer):
    fields = FIELDS | {"name": "Viewer", "client_type": "public", "redirects": CALLBACK, "studies": "1.2.3"}
    root.post(f"/admin/oidc_provider/client/{viewer.row.pk}/change/", fields)
    entry = AuditEntry.objects.get()
    assert entry.data["changed"] == "scope, redirect uris, studies"
    assert entry.data["studies"] == ["1.2.3"]


def test_a_new_secret_is_recorded_without_it(root, pipeline):
    secret = secret_shown(root.post(f"/admin/oidc_provider/client/{pipeline.row.pk}/secret/"))
    assert told() == ["Robin Lee gave the client liver-pipeline a new secret."]
    assert secret not in json.dumps(AuditEntry.objects.get().data)


def test_deleting_a_client_is_recorded(root, pipeline):
    root.post(f"/admin/oidc_provider/client/{pipeline.row.pk}/delete/", {"post": "yes"})
    assert told() == ["Robin Lee deleted the client liver-pipeline."]


def test_revoking_a_token_in_the_admin_is_recorded(root, viewer, browser):
    viewer.login(browser)
    root.post(f"/admin/oidc_provider/token/{Token.objects.get().pk}/delete/", {"post": "yes"})
    assert told() == ["Robin Lee revoked a token of rlee, issued to the client viewer."]


def test_a_client_that_gives_up_its_token_is_recorded(pipeline, stranger):
    token = pipeline.own(stranger).json()["access_token"]
    stranger.post("/oidc/revoke", pipeline.credentials | {"token": token})
    entry = AuditEntry.objects.get()
    assert told() == ["Liver pipeline revoked a token of the client itself, issued to the client liver-pipeline."]
    assert (entry.actor_kind, entry.actor_key) == ("client", "client:liver-pipeline")


def test_signing_in_is_recorded(radiologist, stranger):
    stranger.post("/login/", {"username": "rlee", "password": PASSWORD})
    assert told() == ["Robin Lee signed in."]


def test_failing_to_sign_in_is_recorded_for_the_person_it_concerns(radiologist, stranger):
    stranger.post("/login/", {"username": "rlee", "password": "wrong"})
    assert told() == ["Somebody failed to sign in as rlee."]
    assert AuditEntry.objects.get().subject == f"user:{radiologist.pk}"


def test_what_was_typed_in_the_place_of_a_name_is_not_written(db, stranger):
    stranger.post("/login/", {"username": PASSWORD, "password": "wrong"})
    assert told() == ["Somebody failed to sign in as nobody who is known."]


def test_a_form_without_a_password_is_no_attempt(db, stranger):
    stranger.post("/login/", {"username": "rlee", "password": ""})
    assert told() == []


def create_person(*options: str) -> None:
    call_command("create_person", "rlee", *options)


def test_an_operator_who_creates_a_person_is_recorded(monkeypatch, capsys, group):
    monkeypatch.setenv("OVERLAYS_PERSON_PASSWORD", NEW_PASSWORD)
    create_person("--password-env", "--group", group.name)
    assert told() == [
        "The registry (operator's command) created the person rlee.",
        "The registry (operator's command) changed the groups of rlee from none to Clinicians.",
        "The registry (operator's command) changed the password of rlee.",
    ]


def test_creating_the_same_person_again_leaves_no_entry(monkeypatch, capsys, group):
    monkeypatch.setenv("OVERLAYS_PERSON_PASSWORD", NEW_PASSWORD)
    create_person("--password-env", "--group", group.name)
    before = AuditEntry.objects.count()
    create_person("--password-env", "--group", group.name)
    assert AuditEntry.objects.count() == before


def test_the_first_administrator_can_be_made_by_command(db, capsys):
    create_person("--staff", "--superuser")
    assert (User.objects.get().is_staff, User.objects.get().is_superuser) == (True, True)


def test_a_name_that_is_too_long_is_refused_by_command(db):
    with pytest.raises(CommandError, match="at most 150 characters"):
        create_person("--first-name", "x" * 151)
    assert not User.objects.exists()


def register_client(*scopes: str) -> None:
    call_command("create_client", "--name", "Pipe", "--type", "confidential", "--client-id", "pipe", "--scope", *scopes)


def test_an_operator_who_registers_and_changes_a_client_is_recorded(db, capsys):
    register_client("overlays.store")
    register_client("overlays.store")
    register_client("overlays.view")
    assert told() == [
        "The registry (operator's command) registered the client pipe.",
        "The registry (operator's command) changed the client pipe: scope.",
    ]


def test_an_operators_new_secret_is_recorded(db, capsys, monkeypatch):
    register_client("overlays.store")
    monkeypatch.setenv("OVERLAYS_CLIENT_SECRET", "a-secret-of-some-length")
    call_command(
        "create_client",
        *("--name", "Pipe", "--type", "confidential", "--client-id", "pipe", "--scope", "overlays.store"),
        "--secret-env",
    )
    assert told()[1:] == ["The registry (operator's command) gave the client pipe a new secret."]


def test_each_signing_key_that_was_made_is_recorded_once(db, capsys):
    call_command("ensure_signing_key")
    call_command("ensure_signing_key")
    assert [entry.event for entry in AuditEntry.objects.all()] == ["key:created"] * 2  # of tokens, of decisions


def test_no_other_deed_is_recorded_past_its_service(db, now):
    with pytest.raises(ValueError, match="no deed of the identity provider"):
        record_identity(actor=stranger("request-1"), at=now, event=Event.VERSION_ACCEPTED, subject="1.2.3", number=1)


@pytest.mark.django_db(transaction=True)
def test_each_deed_opens_the_transaction_of_its_entry(root, person, group, pipeline, stranger, capsys):
    """An entry outside a transaction would raise; no transaction surrounds this test."""
    ada, bert = person(username="ada"), person(username="bert")
    chosen = {"action": "delete_selected", "_selected_action": [bert.pk], "post": "yes"}
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    token = pipeline.own(stranger).json()["access_token"]

    stranger.post("/oidc/revoke", pipeline.credentials | {"token": token})
    stranger.post("/login/", {"username": "ada", "password": "wrong"})
    stranger.post("/login/", {"username": "ada", "password": PASSWORD})
    change(root, ada, groups=[group.pk])
    root.post(f"/admin/auth/user/{ada.pk}/password/", {"usable_password": "true", "set-password": "1"} | new)
    root.post("/admin/auth/user/", chosen)
    root.post(f"/admin/auth/user/{ada.pk}/delete/", {"post": "yes"})
    root.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Guests"})
    root.post(ADD, FIELDS)
    root.post(f"/admin/oidc_provider/client/{pipeline.row.pk}/secret/")
    register_client("overlays.store")
    create_person()

    assert [entry.event for entry in AuditEntry.objects.order_by("pk")] == [
        "token:revoked",
        "login:failed",
        "login:succeeded",
        "person:roles",
        "person:password",
        "person:deleted",
        "person:deleted",
        "group:changed",
        "client:registered",
        "client:secret",
        "client:registered",
        "person:created",
    ]
