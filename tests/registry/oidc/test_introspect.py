"""Token introspection: for those registered for it, the truth of this moment."""

import pytest
from oidc_provider.models import Token

from tests.registry.oidc.conftest import STUDY


@pytest.fixture
def gateway(register):
    """A resource server that may introspect."""
    return register(client_id="gateway", confidential=True, scopes=["token_introspection"], redirect_uris=[])


@pytest.fixture
def ask(gateway, stranger):
    return lambda token: stranger.post("/oidc/introspect", gateway.credentials | {"token": token}).json()


def test_a_clients_own_token_is_active_with_its_scope(ask, pipeline, stranger):
    answer = ask(pipeline.own(stranger).json()["access_token"])
    assert (answer["active"], answer["scope"], answer["client_id"]) == (True, "overlays.store", "liver-pipeline")


def test_a_persons_token_names_the_person(ask, viewer, browser, radiologist):
    answer = ask(viewer.login(browser)["access_token"])
    assert (answer["sub"], answer["username"]) == (f"user:{radiologist.pk}", "Robin Lee")


def test_the_answer_says_for_whom_by_whom_and_until_when(ask, pipeline, stranger, settings):
    answer = ask(pipeline.own(stranger).json()["access_token"])
    row = Token.objects.get()
    assert (answer["aud"], answer["iss"], answer["exp"], answer["jti"]) == (
        settings.OVERLAYS_RESOURCE,
        settings.SITE_URL + "/oidc",
        int(row.expires_at.timestamp()),
        row.access_token,
    )


def test_the_studies_are_told(ask, pipeline, stranger):
    assert ask(pipeline.own(stranger, studies=STUDY).json()["access_token"])["studies"] == [STUDY]


def test_a_deactivated_persons_token_is_inactive(ask, viewer, browser, radiologist):
    token = viewer.login(browser)["access_token"]
    radiologist.is_active = False
    radiologist.save()
    assert ask(token) == {"active": False}


def test_a_revoked_token_is_inactive(ask, pipeline, stranger):
    token = pipeline.own(stranger).json()["access_token"]
    Token.objects.all().delete()
    assert ask(token) == {"active": False}


def test_an_id_token_is_inactive(ask, viewer, browser):
    assert ask(viewer.login(browser)["id_token"]) == {"active": False}


def test_the_bare_jti_is_inactive(ask, pipeline, stranger):
    pipeline.own(stranger)
    assert ask(Token.objects.get().access_token) == {"active": False}


def test_a_client_without_the_scope_learns_nothing(pipeline, stranger):
    token = pipeline.own(stranger).json()["access_token"]
    response = stranger.post("/oidc/introspect", pipeline.credentials | {"token": token})
    assert response.json() == {"active": False}


def test_a_client_that_does_not_authenticate_is_challenged(gateway, stranger):
    response = stranger.post("/oidc/introspect", {"client_id": "gateway", "client_secret": "wrong", "token": "x"})
    assert (response.status_code, response.has_header("WWW-Authenticate")) == (401, True)


def test_a_public_client_learns_nothing(register, pipeline, stranger):
    public = register(scopes=["token_introspection"])
    token = pipeline.own(stranger).json()["access_token"]
    assert stranger.post("/oidc/introspect", public.credentials | {"token": token}).json() == {"active": False}
