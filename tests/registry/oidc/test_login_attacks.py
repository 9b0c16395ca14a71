"""Claims of a login, and ways of beginning one, that a careless issuer or a clever person might try."""

import threading
import time
from contextlib import suppress

import pytest
from django.test import Client as Browser

from overlays.models import AuditEntry
from registry.oidc.relying_party import Attempt, LoginRefused, authorization_address
from registry.oidc.staff_login import staff_login
from tests.registry.oidc.conftest import answered
from tests.registry.oidc.test_external_login import (  # noqa: F401
    START,
    asked,
    configure,
    entry,
    issuer,
    now,
    sign_in,
    signed_in,
)

pytestmark = pytest.mark.django_db

NOT_WRITTEN = [
    {"auth_time": float("nan")},
    {"auth_time": float("inf")},
    {"auth_time": 10**400},
    {"auth_time": True},
    {"acr": "a\x00b"},
    {"acr": "\ud800"},
    {"amr": ["pwd", "\ud800"]},
    {"amr": ["pwd", {"of": 1}]},
]


@pytest.mark.parametrize("claims", NOT_WRITTEN, ids=ascii)
def test_what_the_log_cannot_hold_is_left_out_of_it(sign_in, stranger, claims):  # noqa: F811
    assert sign_in(stranger, **claims)["Location"] == "/"
    assert claims.keys().isdisjoint(AuditEntry.objects.get(event="login:succeeded").data)


@pytest.mark.parametrize(
    "moment",
    [float("nan"), float("inf"), 1e300, 2**60, now() + 3600],
    ids=["no number", "without end", "huge", "in 36 billion years", "in an hour"],
)
def test_a_sign_in_that_has_not_happened_yet_is_none(configure, sign_in, stranger, moment):  # noqa: F811
    configure(max_age=60)
    assert sign_in(stranger, auth_time=moment).status_code == 403


def test_whoever_has_to_sign_in_anew_has_to_at_every_try(configure, viewer, stranger, issuer):  # noqa: F811
    viewer.authorize(stranger, prompt="login")
    assert [asked(stranger.get(START)).get("prompt") for _ in range(2)] == ["login", "login"]


def test_a_try_while_the_issuer_is_away_does_not_end_it(configure, viewer, stranger, issuer):  # noqa: F811
    viewer.authorize(stranger, prompt="login")
    issuer.status = 503
    stranger.get(START)
    issuer.status = 200
    assert asked(stranger.get(START))["prompt"] == "login"


def test_whoever_has_signed_in_anew_need_not_again(configure, viewer, stranger, issuer, sign_in):  # noqa: F811
    viewer.authorize(stranger, prompt="login")
    sign_in(stranger, auth_time=now())
    assert "prompt" not in asked(stranger.get(START))


def test_a_session_key_from_before_the_login_opens_nothing(sign_in, stranger):  # noqa: F811
    stranger.get(START)
    planted = stranger.cookies["sessionid"].value
    sign_in(stranger)
    other = Browser()
    other.cookies["sessionid"] = planted
    assert signed_in(other) is None


def test_logins_that_wait_for_a_silent_issuer_do_not_take_every_thread(configure, issuer):  # noqa: F811
    login, attempt, ended = staff_login(), Attempt(state="s", nonce="n", verifier="v"), []

    def begin() -> None:
        with suppress(LoginRefused):
            authorization_address(login, attempt, "https://overlays.example/callback")
        ended.append(None)

    issuer.resting.clear()
    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 2
    while len(ended) < 6 and time.monotonic() < until:
        time.sleep(0.01)
    early = len(ended)
    issuer.resting.set()
    for thread in threads:
        thread.join()
    assert early == 6


def test_a_login_is_as_old_as_the_issuer_says(configure, viewer, stranger, sign_in):  # noqa: F811
    sign_in(stranger, auth_time=now() - 3600)
    assert "code" in answered(viewer.authorize(stranger, max_age="7200"))
    assert viewer.authorize(stranger, max_age="600")["Location"].startswith("/login/")
