"""Access tokens as Keycloak, Entra and Okta write them, signed by an issuer whose keys are found by discovery."""

from collections.abc import Callable, Iterator

import pytest

from overlays.governance.actor import ActorKind
from overlays.governance.permissions import Scope
from registry.oidc.errors import TokenRefused
from tests.registry.oidc.loopback import LoopbackIssuer, loopback_issuer

ENTRA_CLIENT = "6731de76-14a6-49ae-97bc-6eba6914391e"
ENTRA_PERSON = "690222be-ff1a-4d56-abd1-7e4f7d38e474"

KEYCLOAK = {
    "aud": ["overlays", "account"],
    "sub": "f3b1c7c4-2b0a-4b6e-9f63-5c1f0c2f6c11",
    "typ": "Bearer",
    "azp": "viewer",
    "sid": "9c2b",
    "acr": "1",
    "realm_access": {"roles": ["offline_access", "radiology"]},
    "resource_access": {"account": {"roles": ["manage-account"]}},
    "scope": "openid profile overlays.view",
    "name": "Robin Lee",
    "preferred_username": "rlee",
}
ENTRA = {
    "aud": "api://overlays",
    "sub": "pairwise-for-this-application",
    "oid": ENTRA_PERSON,
    "tid": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
    "azp": ENTRA_CLIENT,
    "azpacr": "0",
    "scp": "overlays.view access_as_user",
    "roles": ["Overlays.Review"],
    "name": "Robin Lee",
    "ver": "2.0",
}
OKTA = {
    "aud": "api://overlays",
    "sub": "rlee@hospital.example",
    "uid": "00u1a2b3c4",
    "cid": "0oa9z8y7x6",
    "scp": ["openid", "overlays.view"],
    "groups": ["Everyone", "Radiology"],
    "ver": 1,
    "jti": "AT.1",
}
MACHINES = {
    "keycloak": KEYCLOAK
    | {"azp": "liver-pipeline", "name": None, "sid": None, "preferred_username": "service-account-liver-pipeline"}
    | {"scope": "overlays.store", "realm_access": None},
    "entra": ENTRA | {"azp": ENTRA_CLIENT, "oid": "a-service-principal", "scp": None, "name": None, "roles": ["Overlays.Store"]},
    "okta": OKTA | {"uid": None, "sub": "0oa9z8y7x6", "scp": ["overlays.store"], "groups": None},
}  # fmt: skip
PEOPLE = {"keycloak": KEYCLOAK, "entra": ENTRA, "okta": OKTA}
ROLES = {
    "radiology": ["overlays.review"],
    "Overlays.Review": ["overlays.review"],
    "Radiology": ["overlays.review"],
    "Overlays.Store": ["overlays.store"],
}


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as running:
        yield running


@pytest.fixture
def configure(settings, issuer) -> Callable[..., None]:
    """Puts the issuer beside the embedded one, found by discovery, as a product of that shape."""
    embedded = list(settings.OIDC_ISSUERS)

    def of_shape(shape: str) -> None:
        entry = {"issuer": issuer.issuer, "name": "hospital", "shape": shape, "role_scopes": ROLES}
        settings.OIDC_ISSUERS = [*embedded, entry | {"audiences": ["overlays", "api://overlays"]}]

    return of_shape


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("shape", "key", "name", "client"),
    [
        ("keycloak", f"user:hospital:{KEYCLOAK['sub']}", "Robin Lee", "hospital:viewer"),
        ("entra", f"user:hospital:{ENTRA_PERSON}", "Robin Lee", f"hospital:{ENTRA_CLIENT}"),
        ("okta", "user:hospital:00u1a2b3c4", "rlee@hospital.example", "hospital:0oa9z8y7x6"),
    ],
)
def test_a_persons_token_gives_the_person(configure, issuer, accept, shape, key, name, client):
    configure(shape)
    actor = accept(issuer.sign(PEOPLE[shape]))
    assert (actor.kind, actor.key, actor.name, actor.client_id) == (ActorKind.PERSON, key, name, client)


@pytest.mark.django_db
@pytest.mark.parametrize("shape", PEOPLE)
def test_scopes_and_roles_are_added_up(configure, issuer, accept, shape):
    configure(shape)
    assert accept(issuer.sign(PEOPLE[shape])).scopes == {Scope.VIEW, Scope.REVIEW}


@pytest.mark.django_db
@pytest.mark.parametrize("shape", MACHINES)
def test_a_machines_token_gives_a_client(configure, issuer, accept, shape):
    configure(shape)
    actor = accept(issuer.sign(MACHINES[shape]))
    assert (actor.kind, actor.scopes) == (ActorKind.CLIENT, {Scope.STORE})
    assert actor.key == f"client:{actor.client_id}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "claims",
    [
        MACHINES["keycloak"] | {"name": "Robin Lee"},
        KEYCLOAK | {"idtyp": "app"},
        KEYCLOAK | {"sub": "viewer"},
    ],
    ids=["service account", "idtyp", "the client as subject"],
)
def test_a_machine_with_a_name_is_still_a_machine(configure, issuer, accept, claims):
    configure("keycloak")
    assert accept(issuer.sign(claims)).kind == ActorKind.CLIENT


ID_TOKENS = {
    "keycloak": KEYCLOAK | {"typ": "ID", "aud": "overlays", "at_hash": "x", "nonce": "n"},
    "keycloak by its type alone": KEYCLOAK | {"typ": "ID"},
    "keycloak refresh token": KEYCLOAK | {"typ": "Refresh"},
    "entra": ENTRA | {"azp": None, "scp": None, "nonce": "n"},
    "okta": OKTA | {"cid": None, "scp": None, "uid": None, "at_hash": "x"},
    "by its hash alone": ENTRA | {"at_hash": "x"},
    "for its own client alone": KEYCLOAK | {"aud": ["overlays"], "azp": "overlays"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ID_TOKENS)
def test_an_id_token_is_no_access_token(configure, issuer, accept, name):
    configure(name.split()[0] if name.split()[0] in PEOPLE else "entra" if "hash" in name else "keycloak")
    with pytest.raises(TokenRefused):
        accept(issuer.sign(ID_TOKENS[name]))


@pytest.mark.django_db
def test_a_person_without_the_identifier_is_refused(configure, issuer, accept):
    configure("entra")
    with pytest.raises(TokenRefused, match="oid"):
        accept(issuer.sign(ENTRA | {"oid": None}))
