"""Reads from the claims of an external issuer's token who acts, with which scopes, for which studies."""

from collections.abc import Mapping

from overlays.governance.actor import LONGEST, Actor, ActorKind, recordable
from overlays.governance.permissions import OF_MACHINES
from registry.oidc.errors import TokenRefused
from registry.oidc.issuers import Issuer
from registry.oidc.scopes import as_registry_scopes
from registry.oidc.signed_claims import SignedClaims
from registry.oidc.studies import Studies, from_column

SERVICE_ACCOUNT = "service-account-"
"""Begins the user name under which Keycloak lets a client act for itself."""


def external_actor(signed: SignedClaims, correlation_id: str) -> Actor:
    """The actor of accepted claims. Raises TokenRefused where they name no client or subject that can be recorded.

    Whatever looks like a machine is one, even where a claim of people is there: only a person can review.
    """
    claims, issuer = signed.claims, signed.issuer
    client_id = _first_text(claims, issuer.client_claims)
    if not client_id:
        raise TokenRefused("the token names no client")
    if claims["aud"] in (client_id, [client_id]):
        raise TokenRefused("the token is for its own client alone, as id_tokens are")
    subject = _subject(claims, issuer, client_id)
    key = f"user:{issuer.qualified(subject)}" if subject else f"client:{issuer.qualified(client_id)}"
    if any(len(text) > LONGEST or not text.isprintable() for text in (key, issuer.qualified(client_id))):
        raise TokenRefused("the token's subject or client cannot be recorded")
    scopes = as_registry_scopes(scopes_of(claims, issuer))
    return Actor(
        kind=ActorKind.PERSON if subject else ActorKind.CLIENT,
        key=key,
        name=recordable(_first_text(claims, issuer.name_claims) if subject else "") or subject or client_id,
        scopes=scopes - OF_MACHINES if subject else scopes,
        correlation_id=correlation_id,
        client_id=issuer.qualified(client_id),
        studies=studies_claim(claims),
    )


def _subject(claims: Mapping, issuer: Issuer, client_id: str) -> str:
    """The person's identifier; empty for a machine."""
    person = any(isinstance(claims.get(name), str) and claims[name] for name in issuer.person_claims)
    user_name = claims.get("preferred_username")
    machine = claims.get("idtyp") == "app" or (isinstance(user_name, str) and user_name.startswith(SERVICE_ACCOUNT))
    if not person or machine or claims["sub"] == client_id:
        return ""
    subject = claims.get(issuer.subject_claim)
    if not isinstance(subject, str) or not subject:
        raise TokenRefused(f"a person's token has no {issuer.subject_claim}")
    return subject


def scopes_of(claims: Mapping, issuer: Issuer) -> set[str]:
    """The names of the scopes that the claims hold, and of those that their roles are mapped to."""
    names = {scope for each in issuer.scope_claims for scope in words(claims.get(each))}
    for path in issuer.role_claims:
        for role in words(at_path(claims, path)):
            names.update(issuer.role_scopes.get(role, ()))
    return names


def studies_claim(claims: Mapping) -> Studies:
    """The claim ``studies``; None where there is no such claim: one that holds nothing narrows to nothing. Raises TokenRefused."""
    if "studies" not in claims:
        return None
    try:
        found = from_column(claims["studies"])
    except ValueError:
        found = None
    if found is None:
        raise TokenRefused("the claim studies is not a list of Study Instance UIDs")
    return found


def words(value: object) -> list[str]:
    """Scopes or roles as issuers write them: a text with spaces, or a list of texts."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def at_path(claims: Mapping, path: str) -> object:
    """The claim of that name; else the one that the name's parts lead to, dot by dot."""
    if path in claims:  # some issuers name their claims by address, with dots
        return claims[path]
    value: object = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _first_text(claims: Mapping, names: tuple[str, ...]) -> str:
    return next((claims[name] for name in names if isinstance(claims.get(name), str) and claims[name]), "")
