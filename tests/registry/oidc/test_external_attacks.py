"""Tokens that a forger, a mistaken client or an unlucky clock sends in the name of another issuer."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client as Browser
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from overlays.governance.permissions import Scope
from registry.oidc.errors import TokenRefused
from tests.registry.oidc.loopback import LoopbackIssuer, loopback_issuer, private_key, public_jwk

CLAIMS = {"aud": ["overlays", "account"], "sub": "s-1", "azp": "viewer", "scope": "overlays.view", "name": "R. Lee"}
HOUR = 3600

pytestmark = pytest.mark.django_db


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture
def issuers(settings) -> Iterator[tuple[LoopbackIssuer, LoopbackIssuer]]:
    """Two trusted issuers, each with keys of its own; both call one of them "two"."""
    with loopback_issuer("/realms/hospital") as first, loopback_issuer("/realms/clinic") as second:
        first.kids, second.kids = ["one"], ["clinic"]
        settings.OIDC_ISSUERS = [
            *settings.OIDC_ISSUERS,
            {"issuer": first.issuer, "name": "hospital", "audiences": ["overlays"]},
            {"issuer": second.issuer, "name": "clinic", "audiences": ["overlays"]},
        ]
        yield first, second


@pytest.fixture
def issuer(issuers) -> LoopbackIssuer:
    return issuers[0]


@pytest.fixture
def refused(accept) -> Callable[[str], str]:
    """The reason for which a token is refused; fails where it is not."""

    def reason(token: str) -> str:
        with pytest.raises(TokenRefused) as refusal:
            accept(token)
        return refusal.value.reason

    return reason


def pem(kid: str) -> bytes:
    return (
        private_key(kid)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def by_hand(header: dict, claims: dict, signature: bytes = b"") -> str:
    """A token whose parts say what they like."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return b".".join(base64url_encode(part) for part in parts).decode()


def signed_text(claims: str) -> str:
    """A token with a good signature over claims as they are spelt, duplicates and all."""
    header = {"alg": "RS256", "typ": "JWT", "kid": "one"}
    unsigned = b".".join(base64url_encode(part) for part in (json.dumps(header).encode(), claims.encode()))
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(unsigned, private_key("one"))
    return f"{unsigned.decode()}.{base64url_encode(signature).decode()}"


def full(issuer: LoopbackIssuer, **changes: object) -> dict:
    return CLAIMS | {"iss": issuer.issuer, "iat": now(), "exp": now() + 300} | changes


def test_a_good_token_is_accepted(accept, issuer):
    assert accept(issuer.sign(CLAIMS)).key == "user:hospital:s-1"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
def test_an_unsigned_token_is_refused(refused, issuer, alg):
    assert "algorithm" in refused(by_hand({"alg": alg, "typ": "JWT", "kid": "one"}, full(issuer)))


def test_a_token_signed_with_the_public_key_as_secret_is_refused(refused, issuer):
    unsigned = by_hand({"alg": "HS256", "typ": "JWT", "kid": "one"}, full(issuer)).rpartition(".")[0]
    signature = hmac.new(pem("one"), unsigned.encode(), hashlib.sha256).digest()
    assert "algorithm" in refused(f"{unsigned}.{base64url_encode(signature).decode()}")


def test_a_key_of_one_issuer_does_not_sign_for_another(refused, issuers):
    first, second = issuers
    assert "no key" in refused(second.sign(CLAIMS | {"iss": first.issuer}, kid="clinic"))


def test_a_key_id_of_one_issuer_does_not_lead_to_the_key_of_another(refused, issuers):
    first, second = issuers
    assert "verify" in refused(second.sign(CLAIMS | {"iss": first.issuer}, kid="one", key=private_key("clinic")))


@pytest.mark.parametrize("kid", ["../one", "one\x00", "ONE", "", "' OR 1=1 --", "x" * 2000, 1, None, ["one"]], ids=str)
def test_a_key_id_is_compared_and_nothing_else(refused, issuer, kid):
    refused(by_hand({"alg": "RS256", "typ": "JWT", "kid": kid}, full(issuer), b"x" * 256))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_keys_that_the_token_brings_along_are_not_looked_at(refused, issuers, name):
    first, second = issuers
    brought = {"jku": f"{second.issuer}/jwks", "x5u": f"{second.issuer}/jwks", "jwk": public_jwk("clinic")}
    token = first.sign(CLAIMS, key=private_key("clinic"), **{name: brought.get(name, ["AA=="])})
    assert "verify" in refused(token)
    assert not second.seen


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_a_good_token_may_name_addresses_that_nobody_asks(accept, issuers, name):
    first, second = issuers
    accept(first.sign(CLAIMS, **{name: f"{second.issuer}/jwks"}))
    assert not second.seen


def test_a_header_that_must_be_understood_and_is_not_refuses(refused, issuer):
    assert "read" in refused(issuer.sign(CLAIMS, crit=["x-own"], **{"x-own": 1}))


@pytest.mark.parametrize("typ", ["id_token+jwt", "logout+jwt", "dpop+jwt", "", None, 1, ["JWT"]], ids=str)
def test_another_type_is_refused(refused, issuer, typ):
    assert "type" in refused(by_hand({"alg": "RS256", "typ": typ, "kid": "one"}, full(issuer)))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": None},
        {"aud": []},
        {"aud": "account"},
        {"aud": ["overlays-other"]},
        {"aud": {"overlays": 1}},
        {"aud": 7},
        {"exp": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": float("inf")},
        {"iat": None},
        {"iat": 9999999999},
        {"nbf": 9999999999},
        {"sub": None},
        {"sub": 7},
        {"azp": None},
        {"azp": 7},
        {"iss": None},
        {"studies": []},
        {"studies": "1.2"},
        {"studies": ["1.2", 3]},
        {"studies": {"1.2": 1}},
        {"studies": ""},
        {"studies": False},
        {"studies": [None]},
    ],
    ids=str,
)
def test_a_token_with_one_fault_is_refused(refused, issuer, claims):
    refused(issuer.sign(CLAIMS | claims))


@pytest.mark.parametrize("last", ["null", "[]", '"1.2"'])
def test_a_claim_studies_that_holds_nothing_does_not_reach_everything(refused, issuer, last):
    claims = json.dumps(full(issuer))[:-1]
    for studies in (last, f'["1.2.3"], "studies": {last}'):  # alone, and as the last of two of the name
        assert "studies" in refused(signed_text(f'{claims}, "studies": {studies}}}'))


@pytest.mark.parametrize(("alg", "key"), [("ES256", "RSA"), ("RS256", "EC"), ("PS256", "EC")])
def test_an_algorithm_that_is_not_for_the_kind_of_key_is_refused(refused, settings, issuer, alg, key):
    settings.OIDC_ISSUERS = [settings.OIDC_ISSUERS[0], settings.OIDC_ISSUERS[1] | {"algs": ["RS256", "PS256", "ES256"]}]
    if key == "EC":
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        issuer.jwks_override = {"keys": [ECAlgorithm.to_jwk(public, as_dict=True) | {"kid": "one"}]}
    assert "verify" in refused(by_hand({"alg": alg, "typ": "JWT", "kid": "one"}, full(issuer), b"x" * 64))


@pytest.mark.parametrize("age", [12 * HOUR + 60, 13 * HOUR, 400 * 24 * HOUR])
def test_a_token_issued_more_than_twelve_hours_ago_is_refused_whatever_it_says(refused, issuer, age):
    assert "12 hours" in refused(issuer.sign(CLAIMS | {"iat": now() - age, "exp": now() + 300}))


def test_a_long_token_is_accepted_for_twelve_hours(accept, issuer):
    accept(issuer.sign(CLAIMS | {"iat": now() - 12 * HOUR + 60, "exp": now() + 300}))


def test_a_token_that_was_accepted_ends_after_twelve_hours_too(accept, issuer):
    token = issuer.sign(CLAIMS | {"exp": now() + 20 * HOUR})
    accept(token)
    with pytest.raises(TokenRefused, match="12 hours"):
        accept(token, later=12 * HOUR + 60)


def test_a_huge_token_is_refused_before_it_is_read(refused, issuer):
    assert "8 KiB" in refused(issuer.sign(CLAIMS | {"padding": "x" * 9000}))
    assert not issuer.seen


def test_a_deep_token_is_refused(refused, issuer):
    header, _, signature = issuer.sign(CLAIMS).split(".")
    assert "read" in refused(f"{header}.{base64url_encode(b'[' * 5000).decode()}.{signature}")


def test_an_unknown_issuer_is_not_asked_for_keys(refused, issuers):
    first, second = issuers
    assert "issuer" in refused(first.sign(CLAIMS | {"iss": first.issuer + "/"}))
    assert not [*first.seen, *second.seen]


def test_a_changed_payload_is_refused(refused, issuer):
    header, _, signature = issuer.sign(CLAIMS).split(".")
    changed = jwt.encode(full(issuer, scope="overlays.review"), "k" * 32, algorithm="HS256").split(".")[1]
    assert "verify" in refused(f"{header}.{changed}.{signature}")


@pytest.mark.parametrize("iss", [["https://login.example"], {"a": 1}, 7, None], ids=str)
def test_an_issuer_that_is_no_text_is_unknown(refused, issuer, iss):
    refused(by_hand({"alg": "RS256", "typ": "JWT", "kid": "one"}, full(issuer, iss=iss), b"x" * 256))


def test_over_http_a_refused_token_is_answered_401_and_told_nothing(issuer):
    answer = Browser().get("/api/v1/models", headers={"Authorization": f"Bearer {issuer.sign(CLAIMS | {'aud': 'x'})}"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="overlays", error="invalid_token"')
    assert "aud" not in answer.content.decode()


def test_over_http_a_good_token_is_let_in(issuer):
    answer = Browser().get("/api/v1/models", headers={"Authorization": f"Bearer {issuer.sign(CLAIMS)}"})
    assert answer.status_code == 200


def test_a_scope_of_machines_is_no_persons(accept, issuer):
    asked = {"scope": "overlays.view archive.authorize"}
    person, machine = (accept(issuer.sign(CLAIMS | asked | {"name": name})) for name in ("R. Lee", None))
    assert (person.scopes, machine.scopes) == ({Scope.VIEW}, {Scope.VIEW, Scope.AUTHORIZE})
