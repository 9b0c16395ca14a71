"""The authorization endpoint: who may ask for what, and where the answer goes."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from oidc_provider.models import Client, Code, UserConsent

from tests.registry.oidc.conftest import CALLBACK, STUDY, answered, signed_in_ago


def test_a_scope_beyond_the_clients_registration_is_invalid(viewer, browser):
    answer = answered(viewer.authorize(browser, scope="openid overlays.view overlays.store"))
    assert answer["error"] == "invalid_scope"


def test_an_unknown_scope_is_invalid_even_where_the_row_holds_it(viewer, browser):
    Client.objects.filter(pk=viewer.row.pk).update(_scope="openid admin.everything")
    assert answered(viewer.authorize(browser, scope="openid admin.everything"))["error"] == "invalid_scope"


def test_an_empty_scope_is_invalid(viewer, browser):
    assert answered(viewer.authorize(browser, scope=""))["error"] == "invalid_scope"


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "code token", "code id_token", ""])
def test_every_response_type_but_code_is_unsupported(viewer, browser, response_type):
    response = viewer.authorize(browser, response_type=response_type, scope="overlays.view")
    assert answered(response)["error"] == "unsupported_response_type"


def test_a_refusal_never_uses_the_fragment(viewer, browser):
    assert "#" not in viewer.authorize(browser, response_type="token")["Location"]


@pytest.mark.parametrize("confidential", [True, False])
def test_a_request_without_a_challenge_is_invalid_for_every_client(register, browser, confidential):
    client = register(confidential=confidential)
    response = client.authorize(browser, code_challenge=None, code_challenge_method=None)
    assert answered(response)["error"] == "invalid_request"


def test_the_plain_challenge_method_is_invalid(viewer, browser):
    assert answered(viewer.authorize(browser, code_challenge_method="plain"))["error"] == "invalid_request"


@pytest.mark.parametrize("challenge", ["a" * 42, "a" * 129, "ä" * 43])
def test_a_challenge_of_wrong_length_or_alphabet_is_invalid(viewer, browser, challenge):
    assert answered(viewer.authorize(browser, code_challenge=challenge))["error"] == "invalid_request"


def test_the_answer_names_the_issuer(viewer, browser, settings):
    assert answered(viewer.authorize(browser))["iss"] == settings.SITE_URL + "/oidc"


def test_a_refusal_names_the_issuer(viewer, browser, settings):
    assert answered(viewer.authorize(browser, scope=""))["iss"] == settings.SITE_URL + "/oidc"


def test_the_state_comes_back_unchanged(viewer, browser):
    state = "a b&c=d#e\r\nSet-Cookie: x"
    assert answered(viewer.authorize(browser, state=state, scope=""))["state"] == state


def test_a_redirect_uri_that_is_not_registered_is_not_followed(viewer, browser):
    response = viewer.authorize(browser, redirect_uri="https://evil.example/")
    assert (response.status_code, response.has_header("Location")) == (400, False)


def test_a_repeated_parameter_is_invalid(viewer, browser):
    response = viewer.authorize(browser, studies=["1.2.3", "1.2.4"])
    assert answered(response)["error"] == "invalid_request"


@pytest.mark.parametrize("nonce", ["n" * 256, "n\x00"])
def test_a_nonce_that_cannot_be_stored_is_invalid(viewer, browser, nonce):
    assert answered(viewer.authorize(browser, nonce=nonce))["error"] == "invalid_request"


def test_a_logged_out_answer_to_the_consent_page_is_forbidden(viewer, stranger):
    response = stranger.post("/oidc/authorize", viewer.request(allow="yes"))
    assert response.status_code == 403


def test_an_answer_for_an_unknown_client_is_a_bad_request(viewer, browser):
    response = browser.post("/oidc/authorize", viewer.request(client_id="nobody", allow="yes"))
    assert response.status_code == 400


def test_a_consent_without_csrf_token_is_forbidden(viewer, radiologist):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(radiologist)
    assert browser.post("/oidc/authorize", viewer.request(allow="yes")).status_code == 403


def test_a_person_who_is_not_logged_in_is_sent_to_the_login_page(viewer, stranger):
    assert viewer.authorize(stranger)["Location"].startswith("/login/?next=/oidc/authorize")


def test_prompt_none_without_login_is_told_to_the_client(viewer, stranger):
    assert answered(viewer.authorize(stranger, prompt="none"))["error"] == "login_required"


def test_prompt_login_asks_once_only(viewer, browser):
    assert "prompt" not in viewer.authorize(browser, prompt="login")["Location"]


def test_a_login_older_than_max_age_is_asked_for_again(viewer, browser):
    signed_in_ago(browser, 61)
    assert viewer.authorize(browser, max_age="60")["Location"].startswith("/login/")


def test_a_login_younger_than_max_age_is_not_asked_for_again(viewer, browser):
    signed_in_ago(browser, 50)
    assert "code" in answered(viewer.authorize(browser, max_age="60"))


def test_a_login_elsewhere_makes_the_one_of_this_browser_no_younger(viewer, browser, radiologist):
    signed_in_ago(browser, 3600)
    Browser().force_login(radiologist)
    assert viewer.authorize(browser, max_age="60")["Location"].startswith("/login/")


def test_a_login_of_unknown_age_is_asked_for_again(viewer, browser):
    signed_in_ago(browser, None)
    assert viewer.authorize(browser, max_age="60")["Location"].startswith("/login/")


@pytest.mark.parametrize("max_age", ["-1", "60.0", "+60", "\u0666\u0660", "1" * 10, "60 "])
def test_a_max_age_that_is_no_number_is_invalid(viewer, browser, max_age):
    assert answered(viewer.authorize(browser, max_age=max_age))["error"] == "invalid_request"


def test_a_public_client_that_needs_no_consent_gets_a_code_silently(viewer, browser):
    assert "code" in answered(viewer.authorize(browser, prompt="none"))


def test_a_public_client_whose_consent_is_reused_gets_a_code_silently(register, browser):
    client = register(require_consent=True)
    browser.post("/oidc/authorize", client.request(allow="yes"))
    assert "code" in answered(client.authorize(browser, prompt="none"))


def test_a_consent_for_a_study_does_not_cover_every_study(register, browser):
    client = register(require_consent=True)
    browser.post("/oidc/authorize", client.request(studies=STUDY, allow="yes"))
    assert answered(client.authorize(browser, prompt="none"))["error"] == "consent_required"


def test_a_consent_does_not_cover_a_wider_scope(register, browser):
    client = register(require_consent=True)
    browser.post("/oidc/authorize", client.request(allow="yes", scope="openid"))
    assert answered(client.authorize(browser, prompt="none"))["error"] == "consent_required"


def test_a_declined_consent_is_told_to_the_client_and_not_remembered(register, browser):
    client = register(require_consent=True)
    assert answered(browser.post("/oidc/authorize", client.request()))["error"] == "access_denied"
    assert not UserConsent.objects.exists()


def test_the_consent_page_shows_every_scope_that_is_granted(register, browser):
    page = register(require_consent=True).authorize(browser, scope="openid email offline_access overlays.review")
    shown = [scope["scope"] for scope in page.context["scopes"]]
    assert sorted(shown) == ["email", "offline_access", "overlays.review"]


def test_the_consent_page_carries_every_parameter_back(register, browser):
    client = register(require_consent=True)
    page = client.authorize(browser, studies="1.2.3").content.decode()
    carried = [name for name in client.request(studies="1.2.3") if f'name="{name}"' in page]
    assert carried == list(client.request(studies="1.2.3"))


def test_the_consent_page_loads_nothing_foreign_and_cannot_be_framed(register, browser):
    policy = register(require_consent=True).authorize(browser)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_person_outside_the_group_is_denied_its_scope(viewer, person, stranger):
    stranger.force_login(person("overlays.view", username="clinician"))
    assert answered(viewer.authorize(stranger, scope="openid overlays.review"))["error"] == "access_denied"


def test_a_person_gets_the_part_of_the_scope_that_the_groups_allow(viewer, person, stranger):
    stranger.force_login(person("overlays.view", username="clinician"))
    code = viewer.code(stranger, scope="openid overlays.view overlays.review")
    assert Code.objects.get(code=code).scope == ["openid", "overlays.view"]


def test_a_superuser_without_groups_gets_no_scope_of_the_registry(viewer, person, stranger):
    stranger.force_login(person(username="root", is_superuser=True))
    assert answered(viewer.authorize(stranger, scope="overlays.review"))["error"] == "access_denied"


def test_the_scope_of_introspection_is_not_for_people(register, browser):
    client = register(scopes=["openid", "token_introspection"])
    assert answered(client.authorize(browser, scope="openid token_introspection"))["error"] == "invalid_scope"


def test_a_deactivated_person_is_denied(viewer, radiologist, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    browser = Browser()
    browser.force_login(radiologist)
    radiologist.is_active = False
    radiologist.save()
    assert answered(viewer.authorize(browser))["error"] == "access_denied"


def test_malformed_studies_are_invalid(viewer, browser):
    assert answered(viewer.authorize(browser, studies="1.2.03"))["error"] == "invalid_request"


def test_a_refused_request_stores_no_code(viewer, browser):
    viewer.authorize(browser, scope="")
    assert not Code.objects.exists()


def test_groups_are_asked_at_the_consent_too(register, browser, radiologist):
    client = register(require_consent=True)
    Group.objects.get(name="Radiologists").user_set.remove(radiologist)
    answer = answered(browser.post("/oidc/authorize", client.request(allow="yes", scope="overlays.review")))
    assert answer["error"] == "access_denied"


def test_the_query_of_a_registered_redirect_uri_is_kept(register, browser):
    client = register(redirect_uris=[CALLBACK + "?tenant=a"])
    assert answered(client.authorize(browser, redirect_uri=CALLBACK + "?tenant=a"))["tenant"] == "a"
