"""Refresh tokens: redeemed once, for a limited time, never for more than is still allowed."""

import threading
from datetime import timedelta

import jwt
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from oidc_provider.models import Token

from registry.oidc.expiry import refresh_lifetime, token_lifetime
from tests.registry.oidc.conftest import STUDY

OFFLINE = "openid offline_access overlays.view overlays.review"


def test_a_refresh_gives_a_new_pair(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    second = viewer.refresh(browser, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]


def test_a_refreshed_token_may_do_the_same(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    assert viewer.refresh(browser, first["refresh_token"]).json()["scope"] == OFFLINE


def test_a_refresh_token_is_redeemed_once(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    viewer.refresh(browser, first["refresh_token"])
    assert viewer.refresh(browser, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_deactivated_person_does_not_refresh(viewer, browser, radiologist):
    first = viewer.login(browser, scope=OFFLINE)
    radiologist.is_active = False
    radiologist.save()
    assert viewer.refresh(browser, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_ends(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    row = Token.objects.get()
    Token.objects.update(expires_at=row.expires_at - refresh_lifetime())
    assert viewer.refresh(browser, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_outlives_its_access_token(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    row = Token.objects.get()
    Token.objects.update(expires_at=row.expires_at - refresh_lifetime() + timedelta(minutes=1))
    assert viewer.refresh(browser, first["refresh_token"]).status_code == 200


def test_the_refresh_token_of_another_client_is_refused(viewer, register, browser):
    first = viewer.login(browser, scope=OFFLINE)
    other = register(client_id="other-viewer")
    assert other.refresh(browser, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_scope_lost_with_the_group_is_lost_at_the_refresh(viewer, browser, radiologist):
    first = viewer.login(browser, scope=OFFLINE)
    Group.objects.get(name="Radiologists").user_set.remove(radiologist)
    assert viewer.refresh(browser, first["refresh_token"]).json()["scope"] == "openid offline_access overlays.view"


def test_a_person_whose_groups_allow_nothing_any_more_does_not_refresh(viewer, browser, radiologist):
    first = viewer.login(browser, scope=OFFLINE)
    radiologist.groups.clear()
    assert viewer.refresh(browser, first["refresh_token"]).json()["error"] == "invalid_scope"


def test_a_refresh_cannot_widen_the_scope(viewer, browser):
    first = viewer.login(browser, scope="openid offline_access overlays.view")
    response = viewer.refresh(browser, first["refresh_token"], scope="overlays.review")
    assert response.json()["error"] == "invalid_scope"


def test_the_studies_survive_two_refreshes(viewer, browser):
    answer = viewer.login(browser, scope=OFFLINE, studies=STUDY)
    for _ in range(2):
        answer = viewer.refresh(browser, answer["refresh_token"]).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["studies"] == [STUDY]


def test_the_old_access_token_ends_with_the_refresh(viewer, browser):
    first = viewer.login(browser, scope=OFFLINE)
    viewer.refresh(browser, first["refresh_token"])
    jti = jwt.decode(first["access_token"], options={"verify_signature": False})["jti"]
    assert not Token.objects.filter(access_token=jti).exists()


@pytest.fixture
def in_parallel():
    """Runs one request in eight threads at once; their status codes."""

    def run(request) -> list[int]:
        barrier = threading.Barrier(8)
        statuses: list[int] = []

        def once() -> None:
            try:
                browser = Browser()
                barrier.wait(timeout=20)
                statuses.append(request(browser).status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=once) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return sorted(statuses)

    return run


@pytest.mark.django_db(transaction=True)
def test_one_of_eight_simultaneous_refreshes_succeeds(viewer, browser, in_parallel):
    answer = viewer.login(browser, scope=OFFLINE)
    statuses = in_parallel(lambda each: viewer.refresh(each, answer["refresh_token"]))
    assert statuses == [200] + [400] * 7


@pytest.mark.django_db(transaction=True)
def test_one_of_eight_simultaneous_redemptions_of_a_code_succeeds(viewer, browser, in_parallel):
    code = viewer.code(browser)
    statuses = in_parallel(lambda each: viewer.redeem(each, code))
    assert statuses == [200] + [400] * 7


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_of_one_client_all_succeed(pipeline, in_parallel):
    assert in_parallel(pipeline.own) == [200] * 8


def test_the_lifetime_of_a_refresh_token_is_longer_than_that_of_an_access_token():
    assert refresh_lifetime() > token_lifetime()
