"""The one door for bearer tokens: whom it lets in as what, and everything it refuses."""

import hmac
import json
import threading
import time
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.contrib.auth.models import Group
from jwt.utils import base64url_encode
from oidc_provider.models import Client, RSAKey, Token

from overlays.governance.actor import ActorKind
from overlays.governance.permissions import Scope
from registry.oidc import keys
from registry.oidc import verify as door
from registry.oidc.errors import TokenRefused
from tests.registry.oidc.conftest import OTHER_STUDY, STUDY


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture
def token(viewer, browser) -> str:
    return viewer.login(browser, scope="openid overlays.review overlays.view")["access_token"]


@pytest.fixture
def pipeline_token(pipeline, stranger) -> str:
    return pipeline.own(stranger).json()["access_token"]


@pytest.fixture
def row(pipeline) -> Token:
    """A live row, for forged tokens that lack nothing but what the test takes."""
    return Token.objects.create(
        client=pipeline.row,
        access_token="0" * 32,
        refresh_token="none$0",
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        _scope="overlays.store",
        _id_token="{}",
    )


def test_a_persons_token_gives_the_person(accept, token, radiologist):
    actor = accept(token, correlation_id="c-1")
    assert (actor.kind, actor.key, actor.name, actor.client_id, actor.correlation_id) == (
        ActorKind.PERSON,
        f"user:{radiologist.pk}",
        "Robin Lee",
        "viewer",
        "c-1",
    )


def test_a_persons_token_gives_the_scopes_of_the_registry_only(accept, token):
    assert accept(token).scopes == {Scope.VIEW, Scope.REVIEW}


def test_a_clients_token_gives_the_client(accept, pipeline_token):
    actor = accept(pipeline_token)
    assert (actor.kind, actor.key, actor.name, actor.client_id) == (
        ActorKind.CLIENT,
        "client:liver-pipeline",
        "Liver pipeline",
        "liver-pipeline",
    )


def test_a_token_that_is_not_narrowed_reaches_every_study(accept, pipeline_token):
    assert accept(pipeline_token).studies is None


def test_a_narrowed_token_reaches_its_studies_only(accept, pipeline, stranger):
    answer = pipeline.own(stranger, studies=STUDY).json()
    assert accept(answer["access_token"]).studies == {STUDY}


def test_a_client_narrowed_after_the_issue_reaches_no_more(accept, pipeline, stranger):
    token = pipeline.own(stranger, studies=f"{STUDY} {OTHER_STUDY}").json()["access_token"]
    accept(token)
    pipeline.row.grant.studies = [OTHER_STUDY]
    pipeline.row.grant.save()
    assert accept(token, later=1).studies == {OTHER_STUDY}


def test_a_well_made_token_with_a_row_is_accepted(accept, forge, row):
    assert accept(forge({})).key == "client:liver-pipeline"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": "liver-pipeline"},
        {"exp": None},
        {"exp": True},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"iat": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"sub": None},
        {"sub": "user:1"},
        {"client_id": "viewer"},
        {"jti": None},
        {"jti": "f" * 32},
        {"scope": None},
        {"studies": "1.2.3"},
        {"studies": []},
        {"studies": ["not a uid"]},
    ],
    ids=json.dumps,
)
def test_a_token_with_a_wrong_claim_is_refused(accept, forge, row, claims):
    with pytest.raises(TokenRefused):
        accept(forge(claims))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -31), ("nbf", 90), ("iat", 90)])
def test_a_token_outside_its_time_is_refused(accept, forge, row, claim, seconds):
    with pytest.raises(TokenRefused):
        accept(forge({claim: now() + seconds}))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -20), ("nbf", 20), ("iat", 20)])
def test_clocks_may_differ_by_half_a_minute(accept, forge, row, claim, seconds):
    assert accept(forge({claim: now() + seconds})).key == "client:liver-pipeline"


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": None}, {"kid": "unknown"}, {"kid": None}])
def test_a_token_with_a_wrong_header_is_refused(accept, forge, row, header):
    with pytest.raises(TokenRefused):
        accept(forge({}, **header))


def test_an_unsigned_token_is_refused(accept, forge, row):
    with pytest.raises(TokenRefused):
        accept(forge({}, key=None, algorithm="none"))


def test_hs256_with_the_public_key_as_secret_is_refused(accept, forge, row, pem):
    public = serialization.load_pem_private_key(pem.encode(), None).public_key()
    spki = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header, payload, _ = forge({}).split(".")
    header = base64url_encode(jwt.utils.base64url_decode(header).replace(b"RS256", b"HS256")).decode()
    # Signed by hand: PyJWT itself refuses a public key as a secret.
    signature = base64url_encode(hmac.digest(spki, f"{header}.{payload}".encode(), "sha256")).decode()
    with pytest.raises(TokenRefused, match="algorithm"):
        accept(f"{header}.{payload}.{signature}")


def test_the_embedded_issuer_signed_by_another_key_is_refused(accept, forge, row, other_pem):
    with pytest.raises(TokenRefused):
        accept(forge({}, key=other_pem))


def test_an_id_token_is_no_access_token(accept, viewer, browser):
    with pytest.raises(TokenRefused):
        accept(viewer.login(browser)["id_token"])


@pytest.mark.parametrize("garbage", ["", "x", "a.b.c", "é", "\x00", "e30.e30.e30", "." * 8193], ids=range(7))
def test_garbage_is_refused(accept, db, garbage):
    with pytest.raises(TokenRefused):
        accept(garbage)


def test_a_deeply_nested_payload_is_refused(accept, db):
    nested = base64url_encode(b'{"iss":' + b"[" * 5000 + b"]" * 5000 + b"}")[:6000].decode()
    with pytest.raises(TokenRefused):
        accept(f"eyJhbGciOiJSUzI1NiJ9.{nested}.AAAA")


def test_a_token_longer_than_8_kib_is_refused(accept, forge, row):
    with pytest.raises(TokenRefused, match="8 KiB"):
        accept(forge({"padding": "x" * 8192}))


def test_a_revoked_token_is_refused_after_one_second(accept, pipeline_token):
    accept(pipeline_token)
    Token.objects.all().delete()
    with pytest.raises(TokenRefused):
        accept(pipeline_token, later=1)


def test_a_revoked_token_that_was_not_seen_before_is_refused_at_once(accept, pipeline_token):
    Token.objects.all().delete()
    with pytest.raises(TokenRefused):
        accept(pipeline_token)


def test_a_refused_token_stays_refused(accept, pipeline_token):
    accept(pipeline_token)
    Token.objects.all().delete()
    for later in (1, 1.5, 2):
        with pytest.raises(TokenRefused):
            accept(pipeline_token, later=later)


def test_a_deactivated_person_is_refused_after_one_second(accept, token, radiologist):
    accept(token)
    radiologist.is_active = False
    radiologist.save()
    with pytest.raises(TokenRefused):
        accept(token, later=1)


def test_a_person_taken_out_of_a_group_loses_its_scope_after_one_second(accept, token, radiologist):
    accept(token)
    Group.objects.get(name="Radiologists").user_set.remove(radiologist)
    assert accept(token, later=1).scopes == {Scope.VIEW}


def test_a_client_that_lost_a_scope_loses_it_after_one_second(accept, token):
    accept(token)
    Client.objects.update(_scope="openid overlays.view")
    assert accept(token, later=1).scopes == {Scope.VIEW}


def test_a_cached_token_ends_on_time(accept, pipeline_token, settings):
    accept(pipeline_token)
    with pytest.raises(TokenRefused, match="expired"):
        accept(pipeline_token, later=settings.OIDC_TOKEN_EXPIRE + 31)


def test_a_warm_check_asks_nothing_of_the_database(accept, token, django_assert_num_queries):
    accept(token)
    with django_assert_num_queries(0):
        accept(token, later=0.5)


def test_a_recheck_is_one_query(accept, token, django_assert_num_queries):
    accept(token)
    with django_assert_num_queries(1):
        accept(token, later=1.5)


def test_a_warm_check_carries_the_new_requests_id(accept, token):
    accept(token, correlation_id="first")
    assert accept(token, correlation_id="second").correlation_id == "second"


def test_the_cache_is_bounded(accept, pipeline, stranger, monkeypatch):
    monkeypatch.setattr(door, "CACHED_TOKENS", 3)
    for _ in range(5):
        accept(pipeline.own(stranger).json()["access_token"])
    assert len(door._cache) == 3


def test_a_new_key_does_not_sign_before_the_old_one_is_gone(pipeline, stranger, signing_key, other_pem):
    RSAKey.objects.create(key=other_pem)
    header = jwt.get_unverified_header(pipeline.own(stranger).json()["access_token"])
    assert header["kid"] == signing_key.kid


def test_both_keys_are_published_during_a_rotation(stranger, signing_key, other_pem):
    new = RSAKey.objects.create(key=other_pem)
    published = {key["kid"] for key in stranger.get("/oidc/jwks").json()["keys"]}
    assert published == {signing_key.kid, new.kid}


def test_the_key_set_tells_no_private_part(stranger, signing_key):
    assert stranger.get("/oidc/jwks").json()["keys"][0].keys() == {"kty", "alg", "use", "kid", "n", "e"}


def test_no_token_is_refused_while_a_key_is_rotated(accept, pipeline, stranger, signing_key, other_pem):
    before = pipeline.own(stranger).json()["access_token"]
    RSAKey.objects.create(key=other_pem)
    accept(before)
    signing_key.delete()
    after = pipeline.own(stranger).json()["access_token"]
    assert accept(after, later=2).key == "client:liver-pipeline"


def test_a_token_of_a_deleted_key_is_refused_after_a_minute(accept, pipeline_token, signing_key, other_pem):
    accept(pipeline_token)
    RSAKey.objects.create(key=other_pem)
    signing_key.delete()
    with pytest.raises(TokenRefused, match="key"):
        accept(pipeline_token, later=61)


def test_no_reason_quotes_the_token(accept, forge, row):
    token = forge({"aud": "https://elsewhere.example"})
    with pytest.raises(TokenRefused) as refusal:
        accept(token)
    assert not any(part in refusal.value.reason for part in token.split("."))


def test_a_long_name_is_clipped_to_what_the_log_can_hold(accept, token, radiologist):
    radiologist.first_name, radiologist.last_name = "R" * 150, "L" * 150
    radiologist.save()
    assert accept(token, later=2).name == "R" * 150 + " " + "L" * 104


def test_one_thread_at_a_time_reads_the_keys_which_the_library_keeps_for_one(monkeypatch, signing_key):
    inside, most = [], []

    def read(client) -> list:
        inside.append(None)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return []

    monkeypatch.setattr(keys, "get_client_alg_keys", read)
    monkeypatch.setattr(keys.RSAKey.objects, "exists", lambda: True)
    threads = [threading.Thread(target=keys.pairs) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (6, 1)
