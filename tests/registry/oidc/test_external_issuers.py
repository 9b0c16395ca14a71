"""Tokens of other issuers, as their entry in the settings says they are written."""

from collections.abc import Callable
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from overlays.governance.actor import ActorKind
from overlays.governance.permissions import Scope
from registry.oidc.errors import TokenRefused
from registry.oidc.issuers import configured

ISS = "https://login.example/realms/hospital"
STUDY = "1.2.3.4"

pytestmark = pytest.mark.django_db


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
        ({"name": "12:hospital"}, "a name of its own"),
        ({"issuer": "http://login.example"}, "https"),
        ({"jwks": None, "jwks_uri": "http://login.example/jwks"}, "https"),
        ({"jwks_uri": "https://login.example/jwks"}, "at most one"),
        ({"shape": "saml"}, "shape can be"),
        ({"role_scopes": ["overlays.review"]}, "a list of scopes"),
        ({"role_scopes": {"reader": "overlays.review"}}, "a list of scopes"),
        ({"role_scopes": {"reader": [["overlays.review"]]}}, "a list of scopes"),
        ({"subject_claim": ["sub"]}, "subject_claim is a text"),
        ({"jwks": None, "jwks_file": 7}, "jwks_file is a text"),
        ({"scope_claims": [1]}, "a list of texts"),
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


def test_what_an_entry_says_itself_comes_before_its_shape(entry):
    (issuer,) = configured([entry | {"shape": "entra", "client_claims": ["cid"]}]).values()
    assert (issuer.scope_claims, issuer.client_claims) == (("scp",), ("cid",))


def test_a_claim_whose_name_has_dots_is_found(configure, sign, accept):
    configure(role_claims=["https://hospital.example/roles"], role_scopes={"reader": ["overlays.review"]})
    assert accept(sign(name="R", **{"https://hospital.example/roles": ["reader"]})).scopes == {Scope.REVIEW}


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
