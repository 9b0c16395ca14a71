"""Logout at a client's request."""

from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from tests.registry.oidc.conftest import CALLBACK


def is_logged_in(browser) -> bool:
    return "_auth_user_id" in browser.session


@pytest.mark.parametrize("hint", ["garbage", "a.b.c", "x" * 9000], ids=["word", "dots", "long"])
def test_a_garbage_hint_leads_to_the_prompt(browser, hint):
    response = browser.get("/oidc/end-session", {"id_token_hint": hint})
    assert (response.status_code, response["Location"]) == (302, "/oidc/end-session-prompt")


def test_a_forged_hint_logs_nobody_out(viewer, browser, forge, other_pem):
    browser.get("/oidc/end-session", {"id_token_hint": forge({"aud": "viewer"}, key=other_pem, typ="JWT")})
    assert is_logged_in(browser)


def test_an_id_token_logs_out(viewer, browser):
    browser.get("/oidc/end-session", {"id_token_hint": viewer.login(browser)["id_token"]})
    assert not is_logged_in(browser)


def test_the_person_comes_back_to_a_registered_address(register, browser):
    client = register(post_logout_redirect_uris=[CALLBACK])
    fields = {"id_token_hint": client.login(browser)["id_token"], "post_logout_redirect_uri": CALLBACK, "state": "s"}
    assert browser.get("/oidc/end-session", fields)["Location"] == CALLBACK + "?state=s"


def test_the_person_is_not_sent_to_an_unregistered_address(viewer, browser):
    hint = viewer.login(browser)["id_token"]
    fields = {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example"}
    assert browser.get("/oidc/end-session", fields)["Location"].startswith("/oidc/end-session-prompt")


def test_the_prompt_asks_before_it_logs_out(browser):
    browser.get("/oidc/end-session-prompt")
    assert is_logged_in(browser)


def test_the_prompts_yes_logs_out(browser):
    browser.post("/oidc/end-session-prompt", {"allow": "yes"})
    assert not is_logged_in(browser)


def test_the_prompts_no_does_not(browser):
    browser.post("/oidc/end-session-prompt")
    assert is_logged_in(browser)


def test_an_id_token_of_somebody_else_logs_nobody_out(viewer, browser, person):
    other = Browser()
    other.force_login(person("overlays.review", username="other"))
    response = browser.get("/oidc/end-session", {"id_token_hint": viewer.login(other)["id_token"]})
    assert (response["Location"], is_logged_in(browser)) == ("/oidc/end-session-prompt", True)


@pytest.mark.parametrize("client_id", ["\x00", "\ud800", "", "x" * 300], ids=ascii)
def test_what_can_be_no_client_is_not_looked_up(browser, client_id):
    query = urlencode({"client_id": client_id}, errors="surrogatepass")
    assert browser.get(f"/oidc/end-session-prompt?{query}")["Location"] == "/oidc/end-session-prompt"
