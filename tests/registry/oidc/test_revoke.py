"""Token revocation: own tokens end, others stay."""

import pytest
from oidc_provider.models import Token

from registry.oidc.errors import TokenRefused


def revoke(application, browser, token: str, **fields: str):
    return browser.post("/oidc/revoke", application.credentials | {"token": token} | fields)


def test_a_revoked_access_token_is_refused(accept, pipeline, stranger):
    token = pipeline.own(stranger).json()["access_token"]
    accept(token)
    revoke(pipeline, stranger, token)
    with pytest.raises(TokenRefused):
        accept(token, later=1)


def test_a_revoked_refresh_token_is_not_redeemed(viewer, browser):
    answer = viewer.login(browser, scope="offline_access overlays.view")
    revoke(viewer, browser, answer["refresh_token"], token_type_hint="refresh_token")
    assert viewer.refresh(browser, answer["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_access_token_ends_with_its_refresh_token(accept, viewer, browser):
    answer = viewer.login(browser, scope="offline_access overlays.view")
    revoke(viewer, browser, answer["refresh_token"])
    with pytest.raises(TokenRefused):
        accept(answer["access_token"])


def test_the_answer_is_an_empty_json_object(pipeline, stranger):
    response = revoke(pipeline, stranger, pipeline.own(stranger).json()["access_token"])
    assert (response.status_code, response["Content-Type"], response.json()) == (200, "application/json", {})


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "\x00"])
def test_a_token_that_is_no_more_is_revoked_already(pipeline, stranger, token):
    assert revoke(pipeline, stranger, token).status_code == 200


def test_a_client_cannot_revoke_the_token_of_another(viewer, pipeline, browser):
    token = viewer.login(browser)["access_token"]
    response = revoke(pipeline, browser, token)
    assert (response.json()["error"], Token.objects.count()) == ("unauthorized_client", 1)


def test_a_client_that_does_not_authenticate_revokes_nothing(pipeline, stranger):
    token = pipeline.own(stranger).json()["access_token"]
    pipeline.secret = "wrong"
    assert (revoke(pipeline, stranger, token).status_code, Token.objects.count()) == (401, 1)


def test_a_request_without_token_is_invalid(pipeline, stranger):
    assert stranger.post("/oidc/revoke", pipeline.credentials).json()["error"] == "invalid_request"
