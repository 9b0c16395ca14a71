"""Logs, at their most talkative, hold no secret and no token."""

import logging

import pytest

from registry.oidc.authentication import BearerToken
from tests.registry.oidc.test_authentication import call


@pytest.fixture
def everything(caplog):
    """All that was logged, by anybody, at DEBUG."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join([caplog.text, *(str(vars(record)) for record in caplog.records)])


def absent(text: str, *secrets: str) -> bool:
    return not any(part in text for secret in secrets for part in secret.split(".") if len(part) > 8)


def test_a_wrong_secret_is_not_logged_nor_the_right_one(pipeline, stranger, everything):
    right, pipeline.secret = pipeline.secret, "wrong-secret-of-somebody"
    pipeline.own(stranger)
    assert absent(everything(), right, pipeline.secret)


def test_the_stored_digest_is_not_logged(pipeline, stranger, everything):
    pipeline.secret = "wrong-secret-of-somebody"
    pipeline.own(stranger)
    assert absent(everything(), pipeline.row.client_secret)


def test_a_refused_access_token_is_not_logged(pipeline, stranger, everything, forge):
    token = forge({"exp": 1})
    call(f"Bearer {token}")
    stranger.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    stranger.post("/oidc/introspect", pipeline.credentials | {"token": token})
    assert absent(everything(), token)


def test_a_refused_refresh_token_is_not_logged(viewer, stranger, everything):
    viewer.refresh(stranger, "refresh-token-of-somebody")
    assert absent(everything(), "refresh-token-of-somebody")


def test_a_refused_code_is_not_logged(viewer, browser, everything):
    code = viewer.code(browser)
    viewer.redeem(browser, code, code_verifier="w" * 50)
    assert absent(everything(), code, viewer.verifier)


def test_what_is_issued_is_not_logged(register, browser, everything):
    client = register(confidential=True)
    answer = client.login(browser, scope="openid offline_access overlays.view")
    client.refresh(browser, answer["refresh_token"])
    assert absent(everything(), answer["access_token"], answer["refresh_token"], answer["id_token"], client.secret)


def test_the_reason_of_a_refusal_is_logged(db, everything):
    call("Bearer garbage", correlation_id="c-42")
    assert "the token cannot be read: DecodeError (correlation c-42)" in everything()


def test_a_password_is_not_logged(radiologist, stranger, everything):
    stranger.post("/login/", {"username": "rlee", "password": "wrong-password-of-somebody"})
    assert absent(everything(), "wrong-password-of-somebody")


def test_the_class_under_test_is_the_one_of_the_api(settings):
    assert settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] == [
        f"{BearerToken.__module__}.{BearerToken.__qualname__}"
    ]
