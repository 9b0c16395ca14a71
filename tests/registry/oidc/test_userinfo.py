"""Userinfo: claims about an active person, for a token in the header."""

import pytest


def ask(browser, token: str, **headers: str):
    return browser.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"} | headers)


def test_the_claims_are_those_of_the_scopes(viewer, browser, radiologist):
    token = viewer.login(browser, scope="openid profile")["access_token"]
    claims = ask(browser, token).json()
    assert (claims["sub"], claims["name"], claims["preferred_username"]) == (
        f"user:{radiologist.pk}",
        "Robin Lee",
        "rlee",
    )


def test_no_claims_are_given_beyond_the_scopes(viewer, browser):
    assert ask(browser, viewer.login(browser, scope="openid")["access_token"]).json().keys() == {"sub"}


def test_a_deactivated_person_is_refused(viewer, browser, radiologist):
    token = viewer.login(browser)["access_token"]
    radiologist.is_active = False
    radiologist.save()
    assert ask(browser, token).status_code == 401


def test_a_clients_own_token_is_refused(pipeline, stranger):
    assert ask(stranger, pipeline.own(stranger).json()["access_token"]).status_code == 401


@pytest.mark.parametrize("place", ["access_token", "token"])
def test_a_token_in_the_address_is_refused(viewer, browser, place):
    token = viewer.login(browser)["access_token"]
    assert browser.get("/oidc/userinfo", {place: token}).status_code == 401


def test_a_token_without_openid_is_not_enough(viewer, browser):
    assert ask(browser, viewer.login(browser, scope="overlays.view")["access_token"]).status_code == 403


def test_a_refusal_is_a_bearer_challenge(stranger, signing_key):
    assert ask(stranger, "garbage")["WWW-Authenticate"].startswith('Bearer realm="overlays"')


@pytest.mark.parametrize("address", ["/oidc/token", "/oidc/userinfo", "/oidc/revoke"])
def test_a_preflight_from_a_configured_origin_is_answered(stranger, settings, address):
    settings.CORS_ALLOWED_ORIGINS = ["https://viewer.example"]
    response = stranger.options(
        address,
        headers={
            "Origin": "https://viewer.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "https://viewer.example")


def test_another_origin_may_not_read_the_answer(viewer, browser, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://viewer.example"]
    token = viewer.login(browser)["access_token"]
    response = ask(browser, token, Origin="https://evil.example")
    assert not response.has_header("Access-Control-Allow-Origin")
