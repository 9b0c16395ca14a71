"""What has ended is deleted, what has not is kept."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from oidc_provider.models import Code, RSAKey, Token

from registry.oidc.expiry import clear, code_lifetime, refresh_lifetime, token_lifetime

SECOND = timedelta(seconds=1)


@pytest.fixture
def start():
    return timezone.now()


def test_the_expired_token_of_a_client_is_deleted(pipeline, stranger, start):
    pipeline.own(stranger)
    assert clear(start + token_lifetime() + 5 * SECOND)["tokens"] == 1


def test_a_live_token_is_kept(pipeline, stranger, start):
    pipeline.own(stranger)
    clear(start + token_lifetime() - 5 * SECOND)
    assert Token.objects.count() == 1


def test_a_token_that_can_be_refreshed_is_kept(viewer, browser, start):
    viewer.login(browser, scope="offline_access overlays.view")
    clear(start + refresh_lifetime() - 5 * SECOND)
    assert Token.objects.count() == 1


def test_a_token_that_can_be_refreshed_no_more_is_deleted(viewer, browser, start):
    viewer.login(browser, scope="offline_access overlays.view")
    clear(start + refresh_lifetime() + 5 * SECOND)
    assert Token.objects.count() == 0


def test_an_expired_code_is_deleted(viewer, browser, start):
    viewer.code(browser)
    clear(start + code_lifetime() + 5 * SECOND)
    assert Code.objects.count() == 0


def test_the_command_says_how_many_it_deleted(pipeline, stranger):
    pipeline.own(stranger)
    Token.objects.update(expires_at=timezone.now() - SECOND)
    out = io.StringIO()
    call_command("clear_expired_tokens", stdout=out)
    assert out.getvalue().strip() == "0 codes, 1 tokens, 0 consents, 0 launches, 0 decision keys deleted"


def test_a_signing_key_is_made_where_there_is_none(db):
    call_command("ensure_signing_key", stdout=io.StringIO())
    assert RSAKey.objects.count() == 1


def test_no_second_signing_key_is_made(signing_key):
    call_command("ensure_signing_key", stdout=io.StringIO())
    assert RSAKey.objects.count() == 1
