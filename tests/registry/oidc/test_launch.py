"""A viewer's login redeems a launch, once, for a token that reaches one study."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client as Browser
from django.utils import timezone

from overlays.models import AuditEntry, Launch
from registry.oidc.errors import TokenRefused
from registry.oidc.models import ClientGrant
from tests.registry.oidc.conftest import OTHER_STUDY, STUDY, answered

VIEWERS = {"viewer": {"client_id": "viewer", "clinical": "https://viewer.example/viewer?StudyInstanceUIDs={study}"}}


@pytest.fixture(autouse=True)
def _viewers(settings) -> None:
    settings.OVERLAYS_VIEWERS = VIEWERS


def launched(token: str, study: str = STUDY) -> str:
    """The code of a launch that the bearer of the token makes."""
    answer = Browser().post(
        "/api/v1/launches", {"study": study}, "application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 201, answer.content
    return parse_qs(urlsplit(answer.json()["url"]).query)["launch"][0]


@pytest.fixture
def launch(viewer, browser) -> str:
    """A launch that the radiologist made, as she might from her worklist."""
    return launched(viewer.login(browser)["access_token"])


@pytest.fixture
def worklist(register, stranger) -> str:
    """The token of a program that launches for others."""
    program = register(
        client_id="worklist", name="Worklist", confidential=True, scopes=["overlays.view"], redirect_uris=[]
    )
    return program.own(stranger).json()["access_token"]


def test_the_login_redeems_it_for_a_token_of_that_study(viewer, browser, launch, accept):
    answer = viewer.login(browser, launch=launch)
    assert accept(answer["access_token"]).studies == {STUDY}
    assert answer["studies"] == STUDY


def test_what_is_refreshed_from_it_is_as_narrow(viewer, browser, launch, accept):
    answer = viewer.login(browser, launch=launch, scope="openid overlays.review offline_access")
    again = viewer.refresh(browser, answer["refresh_token"]).json()
    assert accept(again["access_token"]).studies == {STUDY}


def test_it_is_redeemed_once(viewer, browser, launch):
    viewer.login(browser, launch=launch)
    assert answered(viewer.authorize(browser, launch=launch))["error"] == "access_denied"


def test_redeeming_stands_in_the_log(viewer, browser, launch, radiologist):
    viewer.login(browser, launch=launch)
    entry = AuditEntry.objects.get(event="launch:redeemed")
    assert (entry.actor_key, entry.study_instance_uid, entry.data["client"]) == (
        f"user:{radiologist.pk}",
        STUDY,
        "viewer",
    )
    assert launch not in str(list(AuditEntry.objects.values()))


def test_an_expired_one_is_refused(viewer, browser, launch):
    Launch.objects.update(expires_at=timezone.now())
    assert answered(viewer.authorize(browser, launch=launch))["error"] == "access_denied"


@pytest.mark.parametrize("code", ["x", "x" * 43, "\x00", "é"])
def test_an_unknown_one_is_refused_rather_than_ignored(viewer, browser, launch, code):
    assert answered(viewer.authorize(browser, launch=code))["error"] == "access_denied"


def test_given_twice_it_is_invalid(viewer, browser, launch):
    assert answered(viewer.authorize(browser, launch=[launch, launch]))["error"] == "invalid_request"


def test_another_client_cannot_redeem_it(register, browser, launch):
    other = register(client_id="other-viewer")
    assert answered(other.authorize(browser, launch=launch))["error"] == "access_denied"
    assert Launch.objects.get().redeemed_at is None


def test_another_person_cannot_redeem_it(viewer, launch, person):
    other = Browser()
    other.force_login(person("overlays.review", username="other"))
    assert answered(viewer.authorize(other, launch=launch))["error"] == "access_denied"
    assert Launch.objects.get().redeemed_at is None


def test_what_a_program_makes_anybody_who_may_view_can_redeem(viewer, browser, worklist, accept):
    token = viewer.login(browser, launch=launched(worklist))["access_token"]
    assert accept(token).studies == {STUDY}


def test_it_gives_nobody_more_than_their_groups(viewer, worklist, person):
    newcomer = Browser()
    newcomer.force_login(person(username="newcomer"))
    code = launched(worklist)
    assert answered(viewer.authorize(newcomer, launch=code))["error"] == "access_denied"
    assert answered(viewer.authorize(newcomer, launch=code, scope="openid"))["error"] == "access_denied"


def test_whoever_is_not_signed_in_comes_back_with_it_after_the_login(viewer, stranger, launch):
    answer = viewer.authorize(stranger, launch=launch)
    assert answer["Location"].startswith("/login/?next=")
    assert launch in answer["Location"]
    assert Launch.objects.get().redeemed_at is None


def test_it_narrows_further_what_is_narrow(register, browser, worklist, accept):
    narrow = register(studies=[STUDY, OTHER_STUDY])
    assert accept(narrow.login(browser, launch=launched(worklist))["access_token"]).studies == {STUDY}


def test_it_does_not_widen_what_is_narrow(register, browser, worklist):
    narrow = register(studies=[OTHER_STUDY])
    assert answered(narrow.authorize(browser, launch=launched(worklist)))["error"] == "access_denied"
    assert answered(narrow.authorize(browser, studies=STUDY))["error"] == "access_denied"


def test_the_consent_page_carries_it_along(register, browser, worklist, accept):
    asking = register(require_consent=True)
    code = launched(worklist)
    page = asking.authorize(browser, launch=code).content.decode()
    assert f'name="launch" value="{code}"' in page
    assert "1 study only" in page
    answer = answered(browser.post("/oidc/authorize", asking.request(launch=code, allow="yes")))
    assert accept(asking.redeem(browser, answer["code"]).json()["access_token"]).studies == {STUDY}


def test_whoever_declines_has_not_used_it(register, browser, worklist):
    asking = register(require_consent=True)
    code = launched(worklist)
    browser.post("/oidc/authorize", asking.request(launch=code))
    assert Launch.objects.get().redeemed_at is None


def test_a_client_that_is_launched_only_has_no_other_login(register, browser, worklist, accept):
    only = register(launch_only=True)
    assert answered(only.authorize(browser))["error"] == "access_denied"
    assert accept(only.login(browser, launch=launched(worklist))["access_token"]).studies == {STUDY}


def test_a_client_that_is_launched_only_gets_no_token_for_itself(register, stranger):
    only = register(confidential=True, launch_only=True)
    assert only.own(stranger).json()["error"] == "unauthorized_client"


def test_a_token_of_a_launch_launches_no_other_study(viewer, browser, launch):
    token = viewer.login(browser, launch=launch)["access_token"]
    body, headers = {"study": OTHER_STUDY}, {"Authorization": f"Bearer {token}"}
    assert Browser().post("/api/v1/launches", body, "application/json", headers=headers).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_redeem_it_once(viewer, radiologist, worklist):
    code, answers = launched(worklist), []
    browsers = [Browser() for _ in range(4)]
    for browser in browsers:
        browser.force_login(User.objects.get(pk=radiologist.pk))

    def redeem(browser: Browser) -> None:
        answers.append(answered(viewer.authorize(browser, launch=code)))
        connections.close_all()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        for browser in browsers:
            redeem(browser)
    else:
        threads = [threading.Thread(target=redeem, args=(browser,)) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ["code" in answer for answer in answers].count(True) == 1


def test_a_clock_that_runs_behind_redeems_nothing_from_the_future(viewer, browser, launch):
    Launch.objects.update(made_at=timezone.now() + timedelta(minutes=1))
    assert answered(viewer.authorize(browser, launch=launch))["error"] == "access_denied"


class TestAClientThatIsMadeLaunchOnlyLater:
    """What it got before, and no launch narrowed, ends."""

    @pytest.fixture
    def before(self, viewer, browser) -> dict:
        answer = viewer.login(browser, scope="openid overlays.review offline_access")
        answer["code"] = viewer.code(browser)
        ClientGrant.objects.update(launch_only=True)
        return answer

    def test_its_access_tokens_end_within_a_second(self, before, accept):
        with pytest.raises(TokenRefused):
            accept(before["access_token"], later=1)

    def test_nothing_is_refreshed(self, viewer, browser, before):
        assert viewer.refresh(browser, before["refresh_token"]).json()["error"] == "invalid_grant"

    def test_no_code_is_redeemed(self, viewer, browser, before):
        assert viewer.redeem(browser, before["code"]).json()["error"] == "invalid_grant"
