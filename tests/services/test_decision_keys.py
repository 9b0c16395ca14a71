"""Keys of render decisions are published before they sign, and for as long as what they signed can live."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib import admin
from django.core.management import CommandError, call_command

from overlays.api.decision_keys import KEPT_SECONDS
from overlays.governance.actor import system
from overlays.governance.errors import Conflict, NotPermitted, Unavailable
from overlays.governance.events import Event, sentence
from overlays.models import AuditEntry, DecisionKey
from overlays.queries import decision_keys
from overlays.queries.decision_keys import public_keys, signing_key
from overlays.services.decision_keys import (
    ANNOUNCED,
    CLOCKS_DIFFER,
    SHORTEST_AFTER,
    ensure_decision_key,
    forget_decision_keys,
    replace_decision_keys,
    rotate_decision_key,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
ACTS = (ensure_decision_key, rotate_decision_key, replace_decision_keys)


@pytest.fixture(autouse=True)
def _no_key_remembered():
    decision_keys.forget()
    yield
    decision_keys.forget()


@pytest.fixture
def operator():
    """The registry itself, at a command."""
    return system("test")


@pytest.fixture
def old(operator, now):
    """The first key."""
    return ensure_decision_key(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def new(old, operator, now):
    """The key that is to take over."""
    return rotate_decision_key(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))


def signs(at) -> str:
    """The id of the key that signs then, read anew."""
    decision_keys.forget()
    return signing_key(at).kid


def told(at) -> set[str]:
    """The ids of the keys that are published then."""
    return {key["kid"] for key in public_keys(at)}


def test_the_first_key_signs_at_once(old, now):
    assert signs(now) == old.kid


def test_no_second_first_key_is_made(old, operator, now):
    assert ensure_decision_key(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1())) is None
    assert DecisionKey.objects.count() == 1


def test_a_new_key_is_published_before_it_signs(old, new, now):
    assert told(now) == {old.kid, new.kid}
    assert signs(now + ANNOUNCED - SECOND) == old.kid


def test_a_new_key_takes_over_when_every_verifier_can_know_it(new, now):
    assert signs(now + ANNOUNCED) == new.kid


def test_a_key_is_published_longer_than_the_keys_may_be_kept_before_it_signs():
    assert timedelta(seconds=KEPT_SECONDS) < ANNOUNCED


@pytest.mark.parametrize("seconds", [60, 7 * 24 * 3600])
def test_an_old_key_stays_published_for_all_that_it_signed(settings, old, operator, now, seconds):
    settings.OVERLAYS_DECISION_SECONDS = seconds
    rotate_decision_key(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))
    last = now + ANNOUNCED - SECOND
    assert signs(last) == old.kid
    assert old.kid in told(last + timedelta(seconds=seconds))


def test_an_old_key_is_published_no_more_in_the_end(old, new, now):
    assert told(now + ANNOUNCED + SHORTEST_AFTER) == {new.kid}


def test_no_third_key_is_made_while_one_waits(new, operator, now):
    with pytest.raises(Conflict):
        rotate_decision_key(actor=operator, at=now + SECOND, private=ec.generate_private_key(ec.SECP256R1()))


def test_a_key_that_became_known_is_withdrawn_with_those_that_wait(old, new, operator, now):
    third = replace_decision_keys(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))
    assert (told(now), signs(now)) == ({third.kid}, third.kid)


def test_a_process_signs_with_a_withdrawn_key_for_no_longer_than_a_second(old, operator, now):
    signing_key(now)
    third = replace_decision_keys(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))
    assert signing_key(now + SECOND).kid == third.kid


def test_without_a_key_there_is_nothing_to_sign_with(now):
    with pytest.raises(Unavailable, match="ensure_signing_key"):
        signing_key(now)


def test_a_private_key_is_forgotten_once_another_signs(old, new, now):
    assert forget_decision_keys(now + ANNOUNCED + CLOCKS_DIFFER) == 0
    old.refresh_from_db()
    assert old.private_pem == ""
    assert old.kid in told(now + ANNOUNCED + CLOCKS_DIFFER)


def test_a_private_key_that_may_still_sign_is_kept(old, new, now):
    forget_decision_keys(now + ANNOUNCED)
    assert signs(now) == old.kid


def test_a_key_that_is_published_no_more_is_deleted(old, new, now):
    assert forget_decision_keys(now + ANNOUNCED + SHORTEST_AFTER) == 1
    assert list(DecisionKey.objects.all()) == [new]


@pytest.mark.parametrize("act", ACTS)
def test_nobody_who_calls_over_the_network_makes_keys(act, steward, auditor, now):
    for actor in (steward, auditor):
        with pytest.raises(NotPermitted):
            act(actor=actor, at=now, private=ec.generate_private_key(ec.SECP256R1()))


def test_what_is_done_to_keys_stands_in_the_log_without_the_keys(old, operator, now):
    third = replace_decision_keys(actor=operator, at=now, private=ec.generate_private_key(ec.SECP256R1()))
    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.event, entry.subject, entry.data) for entry in entries] == [
        (Event.SIGNING_KEY_CREATED, f"key:{old.kid}", {"key": old.kid}),
        (Event.SIGNING_KEY_WITHDRAWN, f"key:{old.kid}", {"key": old.kid}),
        (Event.SIGNING_KEY_CREATED, f"key:{third.kid}", {"key": third.kid}),
    ]
    assert f"withdrew the signing key {old.kid}." in sentence(entries[1].event, "Somebody", entries[1].data)


def test_no_private_key_is_shown_by_what_a_log_could_print(old, now):
    said = f"{signing_key(now)!r} {old!r} {old}"
    assert "PRIVATE" not in said
    assert "EllipticCurve" not in said


def test_the_private_half_is_not_published(old, now):
    assert all("d" not in key for key in public_keys(now))


def test_the_commands_make_and_rotate_the_key(capsys):
    call_command("ensure_signing_key")
    call_command("rotate_decision_key")
    assert DecisionKey.objects.count() == 2
    with pytest.raises(CommandError, match="waits to take over"):
        call_command("rotate_decision_key")
    call_command("rotate_decision_key", "--compromised")
    assert DecisionKey.objects.count() == 1
    assert "PRIVATE" not in capsys.readouterr().out


def test_the_key_is_shown_on_no_page_of_the_admin():
    assert not admin.site.is_registered(DecisionKey)
