"""Identity in the admin: clients made well, secrets shown once, keys and codes never."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client as Browser
from oidc_provider.models import Client, Code, RSAKey, Token
from unfold.admin import ModelAdmin

from registry.oidc.hashing import at_rest
from tests.registry.oidc.conftest import CALLBACK

ADD = "/admin/oidc_provider/client/add/"
FIELDS = {
    "name": "Pipe",
    "client_type": "confidential",
    "scopes": ["overlays.store"],
    "redirects": "",
    "redirects_after_logout": "",
    "studies": "",
    "reuse_consent": "on",
}


@pytest.fixture
def steward(person) -> Browser:
    """The browser of a staff member who may do everything with clients and tokens."""
    user = person(username="steward", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="oidc_provider"))
    browser = Browser()
    browser.force_login(user)
    return browser


def secret_shown(page) -> str:
    return re.findall(r"<code>([^<]+)</code>", page.content.decode())[1]


def test_a_client_made_here_has_an_id_that_cannot_be_guessed(steward):
    steward.post(ADD, FIELDS)
    assert re.fullmatch("[0-9a-f]{32}", Client.objects.get().client_id)


def test_the_secret_is_shown_once_and_kept_as_a_digest(steward):
    secret = secret_shown(steward.post(ADD, FIELDS))
    client = Client.objects.get()
    later = steward.get(f"/admin/oidc_provider/client/{client.pk}/change/").content.decode()
    assert (client.client_secret, secret in later, client.client_secret in later) == (at_rest(secret), False, False)


def test_the_secret_shown_works(steward, stranger):
    secret = secret_shown(steward.post(ADD, FIELDS))
    credentials = {"client_id": Client.objects.get().client_id, "client_secret": secret}
    assert stranger.post("/oidc/token", credentials | {"grant_type": "client_credentials"}).status_code == 200


def test_the_page_with_the_secret_is_not_cached(steward):
    assert "no-store" in steward.post(ADD, FIELDS)["Cache-Control"]


def test_a_public_client_has_no_secret(steward):
    steward.post(ADD, FIELDS | {"client_type": "public", "redirects": CALLBACK})
    assert Client.objects.get().client_secret == ""


def test_hs256_cannot_be_chosen(steward):
    steward.post(ADD, FIELDS | {"jwt_alg": "HS256"})
    assert Client.objects.get().jwt_alg == "RS256"


@pytest.mark.parametrize(
    "fault",
    [
        {"scopes": ["overlays.everything"]},
        {"redirects": "http://viewer.example"},
        {"studies": "1.2.x"},
        {"client_type": "other"},
    ],
    ids=str,
)
def test_a_client_that_cannot_be_right_is_not_stored(steward, fault):
    steward.post(ADD, FIELDS | fault)
    assert not Client.objects.exists()


def test_a_change_keeps_id_and_secret(steward):
    steward.post(ADD, FIELDS)
    before = Client.objects.get()
    steward.post(f"/admin/oidc_provider/client/{before.pk}/change/", FIELDS | {"studies": "1.2.3"})
    after = Client.objects.get()
    assert (after.client_id, after.client_secret, after.grant.studies) == (
        before.client_id,
        before.client_secret,
        ["1.2.3"],
    )


def test_the_form_shows_what_is_stored(steward, register):
    client = register(studies=["1.2.3"]).row
    form = steward.get(f"/admin/oidc_provider/client/{client.pk}/change/").context["adminform"].form
    assert (form["redirects"].value(), form["studies"].value(), form["scopes"].value()) == (
        "\n".join(client.redirect_uris),
        "1.2.3",
        client.scope,
    )


def test_a_new_secret_takes_the_place_of_the_old(steward, pipeline):
    secret = secret_shown(steward.post(f"/admin/oidc_provider/client/{pipeline.row.pk}/secret/"))
    assert Client.objects.get(pk=pipeline.row.pk).client_secret == at_rest(secret)


def test_looking_at_the_page_makes_no_new_secret(steward, pipeline):
    steward.get(f"/admin/oidc_provider/client/{pipeline.row.pk}/secret/")
    assert Client.objects.get(pk=pipeline.row.pk).client_secret == pipeline.row.client_secret


def test_staff_without_the_permission_makes_no_secret(person, pipeline):
    browser = Browser()
    browser.force_login(person(username="helper", is_staff=True))
    assert browser.post(f"/admin/oidc_provider/client/{pipeline.row.pk}/secret/").status_code == 403


def test_a_public_client_has_no_page_for_a_secret(steward, viewer):
    assert steward.post(f"/admin/oidc_provider/client/{viewer.row.pk}/secret/").status_code == 404


@pytest.mark.parametrize("model", [RSAKey, Code])
def test_keys_and_codes_are_not_shown(model):
    assert not admin.site.is_registered(model)


@pytest.mark.parametrize("model", [Client, Token, User, Group])
def test_identity_looks_like_the_rest_of_the_admin(model):
    assert isinstance(admin.site.get_model_admin(model), ModelAdmin)


@pytest.mark.parametrize("address", ["", "{pk}/change/"])
def test_tokens_are_listed_without_their_values(steward, viewer, browser, address):
    viewer.login(browser, scope="openid offline_access overlays.view")
    row = Token.objects.get()
    page = steward.get("/admin/oidc_provider/token/" + address.format(pk=row.pk)).content.decode()
    assert ("overlays.view" in page, row.refresh_token in page) == (True, False)


def test_asking_before_a_client_is_deleted_shows_no_code(steward, viewer, browser):
    code = viewer.code(browser)
    page = steward.get(f"/admin/oidc_provider/client/{viewer.row.pk}/delete/").content.decode()
    assert ("Viewer" in page, code in page) == (True, False)


def test_tokens_are_neither_added_nor_changed_here(steward, viewer, browser):
    viewer.login(browser)
    row = Token.objects.get()
    answers = [
        steward.post("/admin/oidc_provider/token/add/", {}).status_code,
        steward.post(f"/admin/oidc_provider/token/{row.pk}/change/", {}).status_code,
    ]
    assert answers == [403, 403]


def test_deleting_a_token_revokes_it(steward, viewer, browser):
    viewer.login(browser)
    row = Token.objects.get()
    steward.post(f"/admin/oidc_provider/token/{row.pk}/delete/", {"post": "yes"})
    assert not Token.objects.exists()


@pytest.mark.parametrize("address", ["user/", "user/add/", "group/", "group/add/"])
def test_people_and_groups_have_their_pages(person, address):
    browser = Browser()
    browser.force_login(person(username="root", is_staff=True, is_superuser=True))
    assert browser.get("/admin/auth/" + address).status_code == 200
