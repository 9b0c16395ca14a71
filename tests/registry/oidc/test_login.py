"""The login page."""

import pytest

from tests.registry.oidc.conftest import PASSWORD


def attempt(browser, password: str, username: str = "rlee", **extra: str):
    return browser.post("/login/", {"username": username, "password": password} | extra)


def test_the_right_password_logs_in_and_comes_back(radiologist, stranger):
    response = attempt(stranger, PASSWORD, next="/oidc/authorize?client_id=viewer")
    assert response["Location"] == "/oidc/authorize?client_id=viewer"


def test_the_login_leads_to_no_other_site(radiologist, stranger, settings):
    assert attempt(stranger, PASSWORD, next="https://evil.example")["Location"] == settings.LOGIN_REDIRECT_URL


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(radiologist, stranger):
    wrong_password = attempt(stranger, "wrong").content.decode()
    assert "do not match" in wrong_password


def test_a_deactivated_person_does_not_log_in(person, stranger):
    person(username="gone", is_active=False)
    attempt(stranger, PASSWORD, username="gone")
    assert "_auth_user_id" not in stranger.session


def test_guessing_is_slowed_down_even_when_the_guess_is_right(radiologist, stranger):
    for _ in range(30):
        attempt(stranger, "wrong")
    response = attempt(stranger, PASSWORD)
    assert (response.status_code, response.has_header("Retry-After")) == (429, True)


def test_one_persons_failures_do_not_lock_another_out(radiologist, stranger):
    for _ in range(30):
        attempt(stranger, "wrong", username="somebody-else")
    assert attempt(stranger, PASSWORD).status_code == 302


@pytest.mark.parametrize("needed", ['name="viewport"', '<label for="id_username">', '<label for="id_password">'])
def test_the_page_is_labelled_and_fits_narrow_screens(db, stranger, needed):
    assert needed in stranger.get("/login/").content.decode()


@pytest.mark.parametrize("forbidden", ["<style", "style=", "<script", "http://", "https://"])
def test_the_page_holds_no_inline_style_no_script_and_nothing_foreign(db, stranger, forbidden):
    assert forbidden not in stranger.get("/login/").content.decode()


def test_the_page_cannot_be_framed(db, stranger):
    assert "frame-ancestors 'none'" in stranger.get("/login/")["Content-Security-Policy"]
