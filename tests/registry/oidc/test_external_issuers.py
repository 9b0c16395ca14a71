"""Tokens of other issuers: Keycloak, Entra and Okta shapes, with key sets given or fetched."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from overlays.governance.actor import ActorKind
from overlays.governance.permissions import Scope
from registry.oidc.errors import TokenRefused
from registry.oidc.issuers import configured
from registry.oidc.keysets import FetchedKeys

ISS = "https://login.example/realms/hospital"
STUDY = "1.2.3.4"


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def jwks(ec_key) -> dict:
    key = ECAlgorithm.to_jwk(ec_key.public_key(), as_dict=True)
    return {"keys": [key | {"kid": "one", "use": "sig", "alg": "ES256"}]}


@pytest.fixture
def entry(jwks) -> dict:
    return {"issuer": ISS, "name": "hospital", "audiences": ["api://overlays"], "algs": ["ES256"], "jwks": jwks}


@pytest.fixture
def configure(settings, entry) -> Callable[..., None]:
    """Puts the external issuer beside the embedded one, with changes to its entry."""
    embedded = list(settings.OIDC_ISSUERS)

    def with_changes(**changes: object) -> None:
        changed = {name: value for name, value in (entry | changes).items() if value is not None}
        settings.OIDC_ISSUERS = [*embedded, changed]

    return with_changes


@pytest.fixture
def sign(ec_key) -> Callable[..., str]:
    def make(*, key: object = ec_key, algorithm: str = "ES256", typ: str = "JWT", kid: str = "one", **claims) -> str:
        now = int(datetime.now(UTC).timestamp())
        good = {"iss": ISS, "aud": ["api://overlays"], "sub": "s-1", "azp": "viewer", "iat": now, "exp": now + 300}
        kept = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode(kept, key, algorithm=algorithm, headers={"typ": typ, "kid": kid})

    return make


@pytest.fixture
def key_server(jwks) -> Iterator[tuple[str, list, dict]]:
    """An address that serves a key set; the requests it saw; and its state, to be changed."""
    seen: list[str] = []
    state = {"status": 200, "jwks": jwks}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(state["status"])
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(state["jwks"]).encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks", seen, state
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_keycloak_person_is_an_actor_of_that_issuer(configure, sign, accept):
    configure()
    actor = accept(sign(name="Robin Lee", scope="openid overlays.view", typ="JWT"))
    assert (actor.kind, actor.key, actor.name, actor.client_id, actor.scopes) == (
        ActorKind.PERSON,
        "user:hospital:s-1",
        "Robin Lee",
        "hospital:viewer",
        {Scope.VIEW},
    )


def test_keycloak_roles_are_mapped_to_scopes(configure, sign, accept):
    configure(role_claims=["realm_access.roles"], role_scopes={"reader": ["overlays.review"]})
    actor = accept(sign(name="R", realm_access={"roles": ["reader", "uma"]}))
    assert actor.scopes == {Scope.REVIEW}


def test_an_entra_application_is_a_client_with_its_roles(configure, sign, accept):
    configure(role_claims=["roles"], role_scopes={"Overlays.Store": ["overlays.store"]})
    actor = accept(sign(azp=None, appid="guid-1", roles=["Overlays.Store"]))
    assert (actor.kind, actor.key, actor.scopes) == (ActorKind.CLIENT, "client:hospital:guid-1", {Scope.STORE})


def test_okta_scopes_are_a_list(configure, sign, accept):
    configure()
    assert accept(sign(azp=None, cid="c", scp=["overlays.view", "other"])).scopes == {Scope.VIEW}


def test_the_claim_studies_narrows(configure, sign, accept):
    configure()
    assert accept(sign(studies=[STUDY])).studies == {STUDY}


@pytest.mark.parametrize(
    "fault",
    [
        {"aud": "account"},
        {"aud": None},
        {"azp": None},
        {"typ": "id+jwt"},
        {"kid": "two"},
        {"studies": "1.2"},
        {"exp": 1},
        {"iss": ISS + "/"},
    ],
    ids=str,
)
def test_a_token_with_one_fault_is_refused(configure, sign, accept, fault):
    configure()
    with pytest.raises(TokenRefused):
        accept(sign(**fault))


def test_an_external_key_does_not_sign_for_the_embedded_issuer(configure, sign, accept, settings, signing_key):
    configure()
    with pytest.raises(TokenRefused):
        accept(sign(iss=settings.SITE_URL + "/oidc", aud=settings.OVERLAYS_RESOURCE, typ="at+jwt"))


def test_an_algorithm_that_is_not_the_issuers_is_refused(configure, sign, accept, other_pem):
    configure()
    with pytest.raises(TokenRefused, match="algorithm"):
        accept(sign(key=other_pem, algorithm="RS256"))


def test_an_encryption_key_does_not_sign(configure, sign, accept, jwks):
    configure(jwks={"keys": [jwks["keys"][0] | {"use": "enc"}, jwks["keys"][0] | {"kid": "two"}]})
    with pytest.raises(TokenRefused, match="key"):
        accept(sign())


def test_a_key_set_is_read_from_a_file(configure, sign, accept, jwks, tmp_path):
    (tmp_path / "jwks.json").write_text(json.dumps(jwks))
    configure(jwks=None, jwks_file=str(tmp_path / "jwks.json"))
    assert accept(sign()).client_id == "hospital:viewer"


def test_a_key_set_is_fetched(configure, sign, accept, key_server):
    configure(jwks=None, jwks_uri=key_server[0])
    assert accept(sign()).client_id == "hospital:viewer"


def test_a_warm_check_fetches_nothing(configure, sign, accept, key_server):
    address, seen, _ = key_server
    configure(jwks=None, jwks_uri=address)
    token = sign()
    for later in (0, 5, 10):
        accept(token, later=later)
    assert len(seen) == 1


def test_many_unknown_key_ids_do_not_flood_the_issuer(configure, sign, accept, key_server):
    address, seen, _ = key_server
    configure(jwks=None, jwks_uri=address)
    for number in range(20):
        with pytest.raises(TokenRefused):
            accept(sign(kid=f"k{number}"))
    assert len(seen) <= 2


def test_the_last_good_key_set_serves_while_the_issuer_is_down(key_server):
    address, _, state = key_server
    keys = FetchedKeys(address)
    at = datetime.now(UTC)
    keys.get("one", at)
    state["status"] = 503
    keys._client.jwk_set_cache.jwk_set_with_timestamp = None
    assert keys.get("one", at) is not None


def test_an_issuer_that_never_answered_refuses_its_tokens(configure, sign, accept, key_server):
    address, _, state = key_server
    state["status"] = 503
    configure(jwks=None, jwks_uri=address)
    with pytest.raises(TokenRefused, match="key"):
        accept(sign())


def test_a_new_configuration_takes_effect(configure, sign, accept):
    configure()
    token = sign()
    accept(token)
    configure(audiences=["api://other"])
    with pytest.raises(TokenRefused):
        accept(token)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"audiences": []}, "audiences are missing"),
        ({"audiences": "api://overlays"}, "a list"),
        ({"algs": ["HS256"]}, "algs can be"),
        ({"algs": ["none"]}, "algs can be"),
        ({"name": None}, "a name of its own"),
        ({"jwks": None}, "exactly one"),
        ({"jwks_uri": "https://login.example/jwks"}, "exactly one"),
        ({"login_clients": ["api://overlays"]}, "id of a login client"),
        ({"role_scopes": {"reader": ["overlays.revew"]}}, "unknown scopes"),
        ({"embedded": True}, "own keys"),
        ({"audience": ["api://overlays"]}, "unknown"),
        ({"issuer": None}, "no issuer"),
    ],
    ids=str,
)
def test_a_configuration_that_would_accept_the_wrong_tokens_is_refused(entry, changes, sentence):
    changed = {name: value for name, value in (entry | changes).items() if value is not None}
    with pytest.raises(ImproperlyConfigured, match=sentence):
        configured([changed])


def test_two_issuers_of_one_name_are_refused(entry):
    with pytest.raises(ImproperlyConfigured, match="twice"):
        configured([entry, entry | {"issuer": "https://other.example"}])


def test_rsa_keys_work_as_well(configure, sign, accept, other_pem):
    private = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(other_pem)
    public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": "rsa"}
    configure(jwks={"keys": [public]}, algs=["RS256", "PS256"])
    assert accept(sign(key=other_pem, algorithm="PS256", kid="rsa")).key == "client:hospital:viewer"


def test_a_name_is_clipped_and_kept_to_one_line(configure, sign, accept):
    configure()
    assert accept(sign(name="Robin\x00\nLee" + "e" * 300)).name == "Robin  Lee" + "e" * 245


@pytest.mark.parametrize("claims", [{"sub": "s" * 300}, {"sub": "s\x00"}, {"azp": "v" * 300}], ids=str)
def test_a_subject_that_cannot_be_recorded_is_refused(configure, sign, accept, claims):
    configure()
    with pytest.raises(TokenRefused, match="cannot be recorded"):
        accept(sign(name="R", **claims))
