"""The Lambda authorizer answers by key set, claims and scopes alone, and denies whatever goes wrong."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from registry.oidc import healthimaging
from registry.oidc.healthimaging import handler
from tests.registry.oidc.loopback import LoopbackIssuer, loopback_issuer, private_key

ROOT = Path(__file__).resolve().parents[3]
STORE = "0123456789abcdef0123456789abcdef"
ROLE = "arn:aws:iam::123456789012:role/overlays-read"
CLAIMS = {"aud": "https://overlays.example/api", "sub": "user:1", "client_id": "ohif", "scope": "openid overlays.view"}
INVALID, DENIED = {"isTokenValid": False, "roleArn": ""}, {"isTokenValid": True, "roleArn": ""}


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    """The registry's own provider, seen from outside."""
    with loopback_issuer("/oidc") as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(monkeypatch, issuer) -> Iterator[None]:
    entry = {"issuer": issuer.issuer, "name": "overlays", "shape": "registry", "audiences": [CLAIMS["aud"]]}
    monkeypatch.setenv("OIDC_ISSUERS", json.dumps([entry]))
    monkeypatch.setenv("HEALTHIMAGING_ROLES", json.dumps({STORE: {"overlays.view": ROLE}}))
    healthimaging._configuration.cache_clear()
    yield
    healthimaging._configuration.cache_clear()


def event(token: object, **changes: object) -> dict:
    return {"datastoreId": STORE, "operation": "GetDICOMInstance", "bearerToken": token} | changes


def token_of(issuer: LoopbackIssuer, **changes: object) -> str:
    header = {name: changes.pop(name) for name in ("key", "algorithm", "kid") if name in changes}
    return issuer.sign(CLAIMS | changes, typ="at+jwt", **header)


def test_a_good_token_is_given_the_role(issuer):
    assert handler(event(token_of(issuer)), None) == {"isTokenValid": True, "roleArn": ROLE}


@pytest.mark.parametrize("changes", [{"scope": "overlays.store"}, {"scope": ""}, {"studies": ["1.2.3"]}], ids=str)
def test_a_good_token_that_is_not_allowed_is_denied(issuer, changes):
    assert handler(event(token_of(issuer, **changes)), None) == DENIED


@pytest.mark.parametrize("changes", [{"operation": "DeleteImageSet"}, {"datastoreId": "f" * 32}], ids=str)
def test_what_is_not_in_the_tables_is_denied(issuer, changes):
    assert handler(event(token_of(issuer), **changes), None) == DENIED


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"exp": 1},
        {"iat": 1},
        {"nbf": 9999999999},
        {"client_id": None},
        {"key": private_key("other")},
        {"algorithm": "HS256", "key": "k" * 64},
        {"kid": "other"},
    ],
    ids=lambda changes: ", ".join(
        f"{name} {value}" if isinstance(value, str | int) else name for name, value in changes.items()
    ),
)
def test_a_token_with_one_fault_is_invalid(issuer, changes):
    assert handler(event(token_of(issuer, **changes)), None) == INVALID


def test_an_id_token_is_invalid(issuer):
    assert handler(event(issuer.sign(CLAIMS, typ="JWT")), None) == INVALID


def test_a_token_issued_more_than_twelve_hours_ago_is_invalid(issuer):
    now = int(datetime.now(UTC).timestamp())
    assert handler(event(token_of(issuer, iat=now - 13 * 3600, exp=now + 60)), None) == INVALID


@pytest.mark.parametrize(
    "broken", [{}, {"bearerToken": None}, {"bearerToken": ["x"]}, {"operation": 1}, None, [], "x"], ids=str
)
def test_a_malformed_event_is_invalid(broken):
    given = event("x") | broken if isinstance(broken, dict) and broken else broken
    assert handler(given, None) == INVALID


def test_an_issuer_that_is_down_denies(issuer):
    issuer.status = 503
    assert handler(event(token_of(issuer)), None) == INVALID


def test_a_warm_answer_fetches_nothing(issuer):
    token = token_of(issuer)
    for _ in range(5):
        handler(event(token), None)
    assert len(issuer.seen) == 2


def test_the_token_is_in_no_log(issuer, caplog):
    caplog.set_level("DEBUG")
    handler(event(token_of(issuer)), None)
    handler(event(token_of(issuer, aud="other")), None)
    assert caplog.text
    assert "eyJ" not in caplog.text


@pytest.mark.parametrize(("name", "value"), [("OIDC_ISSUERS", "[{}]"), ("HEALTHIMAGING_ROLES", '{"x": {}}')])
def test_a_configuration_that_cannot_be_used_answers_nothing(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured):
        handler(event("x"), None)


def test_it_needs_no_database_and_no_settings():
    program = (
        "import sys, registry.oidc.healthimaging; "
        "print([name for name in sys.modules if name.startswith(('django.db', 'django.conf', 'oidc_provider', 'pydicom'))])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
