"""Keys of other issuers: found by discovery, rotated mid-way, kept while the issuer is down, never fetched at a stranger's will."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from registry.oidc import fetch, keysets
from registry.oidc.errors import TokenRefused
from registry.oidc.keysets import (
    LIFESPAN_SECONDS,
    PAUSE_SECONDS,
    STALE_SECONDS,
    DiscoveredKeys,
    FetchedKeys,
    public_keys,
)
from tests.registry.oidc.loopback import LoopbackIssuer, loopback_issuer, public_jwk

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CLAIMS = {"aud": ["overlays", "account"], "sub": "s-1", "azp": "viewer", "scope": "overlays.view", "name": "R. Lee"}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as running:
        yield running


@pytest.fixture
def keys(issuer) -> DiscoveredKeys:
    return DiscoveredKeys(issuer.issuer)


@pytest.fixture
def trust(settings, issuer) -> Callable[..., None]:
    embedded = list(settings.OIDC_ISSUERS)

    def configure(**options: object) -> None:
        entry = {"issuer": issuer.issuer, "name": "hospital", "audiences": ["overlays"]} | options
        settings.OIDC_ISSUERS = [*embedded, entry]

    return configure


def test_keys_are_found_by_discovery(keys, issuer):
    assert keys.get("one", START) is not None
    assert issuer.seen == ["/realms/hospital/.well-known/openid-configuration", "/realms/hospital/jwks"]


def test_a_known_key_is_not_asked_for_again(keys, issuer):
    for seconds in (0, 5, LIFESPAN_SECONDS - 1):
        keys.get("one", after(seconds))
    assert len(issuer.seen) == 2


def test_an_old_set_is_asked_for_again(keys, issuer):
    keys.get("one", START)
    keys.get("one", after(LIFESPAN_SECONDS))
    assert len(issuer.seen) == 4


@pytest.mark.django_db
def test_a_token_of_a_new_key_is_accepted_at_once(trust, issuer, accept):
    trust()
    accept(issuer.sign(CLAIMS))
    issuer.kids = ["one", "two"]
    assert accept(issuer.sign(CLAIMS, kid="two"), later=PAUSE_SECONDS).name == "R. Lee"


@pytest.mark.django_db
def test_a_token_of_a_withdrawn_key_is_refused_though_it_was_accepted_before(trust, issuer, accept):
    trust()
    token = issuer.sign(CLAIMS | {"exp": int(datetime.now(UTC).timestamp()) + 3600})
    accept(token)
    issuer.kids = ["two"]
    accept(token, later=LIFESPAN_SECONDS - 1)
    with pytest.raises(TokenRefused, match="withdrawn"):
        accept(token, later=LIFESPAN_SECONDS + 1)


def test_unknown_keys_make_one_fetch_in_a_pause(keys, issuer):
    keys.get("one", START)
    for number in range(50):
        keys.get(f"k{number}", after(PAUSE_SECONDS))
    assert len(issuer.seen) == 4


def test_many_threads_that_name_a_new_key_get_it_by_one_fetch(keys, issuer):
    found = []
    threads = [threading.Thread(target=lambda: found.append(keys.get("one", START))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found.count(None), len(issuer.seen)) == (0, 2)


def test_the_last_good_set_serves_while_the_issuer_is_down(keys, issuer):
    keys.get("one", START)
    issuer.status = 503
    assert keys.get("one", after(LIFESPAN_SECONDS)) is not None


def test_an_issuer_that_is_down_is_asked_once_in_a_pause(keys, issuer):
    issuer.status = 503
    for _ in range(20):
        keys.get("one", START)
    assert len(issuer.seen) == 1


def test_the_last_good_set_does_not_serve_for_ever(keys, issuer):
    keys.get("one", START)
    issuer.status = 503
    keys.get("one", after(STALE_SECONDS - 1))
    assert keys.get("one", after(STALE_SECONDS)) is None


def test_it_is_well_again_when_the_issuer_is(keys, issuer):
    issuer.status = 503
    keys.get("one", START)
    issuer.status = 200
    assert keys.get("one", after(PAUSE_SECONDS)) is not None


@pytest.mark.parametrize(
    "override",
    [
        {"issuer": "https://other.example"},
        {"jwks_uri": "http://other.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_discovery_document_that_cannot_be_trusted_gives_no_key(keys, issuer, override):
    issuer.metadata_override = override
    assert keys.get("one", START) is None


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"null", b'{"keys": 1}', b'{"keys": []}', b"{" * 100_000, b" " * 300_000 + b"{}"], ids=len
)
def test_what_is_no_key_set_gives_no_key_and_spoils_no_good_one(issuer, answer):
    keys = FetchedKeys(f"{issuer.issuer}/jwks")
    keys.get("one", START)
    issuer.jwks_override = answer
    assert keys.get("two", after(PAUSE_SECONDS)) is None
    assert keys.get("one", after(PAUSE_SECONDS)) is not None


def test_a_redirect_is_not_followed(issuer):
    keys = FetchedKeys(f"{issuer.issuer}/jwks")
    issuer.status = 302
    assert keys.get("one", START) is None
    assert len(issuer.seen) == 1


def test_an_issuer_that_does_not_answer_in_time_is_down(issuer, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.1)
    issuer.resting.clear()
    found = FetchedKeys(f"{issuer.issuer}/jwks").get("one", START)
    issuer.resting.set()
    assert found is None


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "], ids=["in the first line", "in the headers"])
def test_an_issuer_that_answers_letter_by_letter_is_down(monkeypatch, begins):
    monkeypatch.setattr(fetch, "BEGIN_SECONDS", 0.3)
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(begins)
            while not ended.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=lambda: drip(listening.accept()[0]))
        server.start()
        keys = FetchedKeys(f"http://127.0.0.1:{listening.getsockname()[1]}/jwks")
        asking = threading.Thread(target=keys.get, args=("one", START))
        asking.start()
        asking.join(3)
        waits = asking.is_alive()
        ended.set()
        asking.join()
        server.join()
    assert not waits


def test_while_an_issuer_is_away_only_the_one_who_asks_waits(issuer):
    keys = FetchedKeys(f"{issuer.issuer}/jwks")
    issuer.status = 503
    keys.get("one", START)
    issuer.resting.clear()
    asking = threading.Thread(target=keys.get, args=("two", after(PAUSE_SECONDS)))
    asking.start()
    while len(issuer.seen) < 2:
        time.sleep(0.01)
    other = threading.Thread(target=keys.get, args=("three", after(PAUSE_SECONDS)))
    other.start()
    other.join(1)
    waited, asked = other.is_alive(), asking.is_alive()
    issuer.resting.set()
    asking.join()
    other.join()
    assert (waited, asked) == (False, True)


def test_an_issuer_that_nobody_answers_for_is_down():
    assert FetchedKeys("http://127.0.0.1:1/jwks").get("one", START) is None


def _rsa(bits: int) -> dict:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "other"}


def _private() -> dict:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return RSAAlgorithm.to_jwk(key, as_dict=True) | {"kid": "other"}


@pytest.mark.parametrize(
    "other",
    [
        {"kty": "oct", "kid": "other", "k": "AAECAwQFBgcICQoLDA0ODw", "alg": "HS256"},
        {"kty": "RSA", "kid": "other", "n": "!", "e": "AQAB"},
        public_jwk("one") | {"kid": "other", "use": "enc"},
        public_jwk("one") | {"kid": 7},
        {name: value for name, value in public_jwk("one").items() if name != "kid"},
        _rsa(1024),
        _private(),
        public_jwk("one") | {"kid": "other", "alg": ["RS256"]},
        public_jwk("one") | {"kid": "other", "n": ["AQAB"]},
        public_jwk("one") | {"kid": "other", "e": "AA"},
        {"kty": "EC", "crv": "P-256", "kid": "other", "x": "AQ" * 21, "y": "AQ" * 21},
        {"kty": ["EC"], "kid": "other"},
        7,
    ],
    ids=[
        "secret",
        "broken",
        "encryption",
        "id no text",
        "no id",
        "short",
        "private",
        "algorithms",
        "a list",
        "no exponent",
        "off the curve",
        "kinds",
        "no key",
    ],
)
def test_only_what_checks_signatures_is_a_key(other):
    assert list(public_keys({"keys": [public_jwk("one"), other]})) == ["one"]


def test_a_set_of_other_keys_alone_withdraws_those_before(issuer):
    keys = FetchedKeys(f"{issuer.issuer}/jwks")
    keys.get("one", START)
    issuer.jwks_override = {"keys": [public_jwk("one") | {"use": "enc"}]}
    assert keys.get("one", after(LIFESPAN_SECONDS)) is None


@pytest.mark.django_db
def test_a_key_set_is_read_from_a_file(trust, issuer, accept, tmp_path):
    (tmp_path / "jwks.json").write_text(json.dumps(issuer.jwks()))
    trust(jwks_file=str(tmp_path / "jwks.json"))
    assert accept(issuer.sign(CLAIMS)).client_id == "hospital:viewer"
    assert not issuer.seen


def test_a_set_serves_no_longer_than_the_oldest_token():
    assert keysets.STALE_SECONDS == 12 * 3600
