"""Reads OIDC_ISSUERS: whose tokens are accepted, and how each issuer writes them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

from registry.oidc.fetch import is_safe
from registry.oidc.keysets import DiscoveredKeys, FetchedKeys, Keys, StaticKeys
from registry.oidc.scopes import REGISTRY_NAMES
from registry.oidc.shapes import SHAPES

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 -- a media type (RFC 9068 2.1)
ASYMMETRIC = frozenset({"RS256", "PS256", "ES256"})
EXTERNAL_TYPES = (ACCESS_TOKEN_TYPE, f"application/{ACCESS_TOKEN_TYPE}", "jwt")
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_LISTS = (
    "audiences",
    "algs",
    "typ",
    "scope_claims",
    "role_claims",
    "client_claims",
    "name_claims",
    "person_claims",
    "login_clients",
)
_KEY_SOURCES = ("jwks", "jwks_file", "jwks_uri")


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """One issuer of access tokens.

    ``name`` tells its people and clients apart from those of others; empty for the embedded provider. ``audiences``: one of
    them must be the token's. ``typ``: accepted header types, lower case. ``scope_claims`` hold scopes as text or list,
    ``role_claims`` (dotted paths) hold roles that ``role_scopes`` maps to scopes, ``client_claims`` the client id. A token
    with one of ``person_claims`` is a person's, who is ``subject_claim`` and goes by the first of ``name_claims``; any other is a
    machine's.
    """

    issuer: str
    name: str
    embedded: bool
    audiences: tuple[str, ...]
    keys: Keys = field(repr=False)
    algs: tuple[str, ...] = ("RS256",)
    typ: tuple[str, ...] = EXTERNAL_TYPES
    scope_claims: tuple[str, ...] = ("scope", "scp")
    role_claims: tuple[str, ...] = ()
    role_scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    client_claims: tuple[str, ...] = ("client_id", "azp", "appid", "cid")
    name_claims: tuple[str, ...] = ("name",)
    person_claims: tuple[str, ...] = ("name",)
    subject_claim: str = "sub"

    def qualified(self, identifier: str) -> str:
        """An identifier of this issuer that cannot be mistaken for one of another issuer."""
        return f"{self.name}:{identifier}" if self.name else identifier


def configured(entries: Iterable[Mapping]) -> dict[str, Issuer]:
    """Every issuer by its ``iss``.

    Raises ImproperlyConfigured for an unknown option, a symmetric algorithm, a missing audience or key set, two issuers of
    one ``iss`` or name, and an audience that is a login client's id: an id_token would then pass for an access token.
    """
    issuers: dict[str, Issuer] = {}
    names: set[str] = set()
    for entry in entries:
        issuer = _issuer(dict(entry))
        if issuer.issuer in issuers or issuer.name in names:
            raise ImproperlyConfigured(f"OIDC_ISSUERS names {issuer.issuer!r} or its name {issuer.name!r} twice")
        issuers[issuer.issuer] = issuer
        names.add(issuer.name)
    return issuers


def _issuer(entry: dict) -> Issuer:
    iss = entry.get("issuer")
    if not iss or not isinstance(iss, str):
        raise ImproperlyConfigured("an entry of OIDC_ISSUERS has no issuer")

    def refuse(sentence: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"OIDC_ISSUERS, {iss}: {sentence}")

    shape = entry.pop("shape", None)
    if shape is not None:
        if shape not in SHAPES:
            raise refuse(f"shape can be {', '.join(SHAPES)}")
        entry = {**SHAPES[shape], **entry}
    for option in _LISTS:
        if option not in entry:
            continue
        if not _is_texts(entry[option]):
            raise refuse(f"{option} is a list of texts")
        entry[option] = tuple(entry[option])
    login_clients = set(entry.pop("login_clients", ()))
    audiences = entry.get("audiences") or ()
    if not audiences:
        raise refuse("audiences are missing")
    if login_clients & set(audiences):
        raise refuse("an audience is the id of a login client, whose id_tokens would pass for access tokens")
    if not ASYMMETRIC.issuperset(entry.get("algs", ())):
        raise refuse(f"algs can be {', '.join(sorted(ASYMMETRIC))}")
    role_scopes = entry.get("role_scopes", {})
    if not isinstance(role_scopes, dict) or not all(map(_is_texts, role_scopes.values())):
        raise refuse("role_scopes names a list of scopes for each role")
    for option in ("subject_claim", "jwks_file"):
        if not isinstance(entry.get(option, ""), str):
            raise refuse(f"{option} is a text")
    granted = {scope for scopes in role_scopes.values() for scope in scopes}
    if granted - REGISTRY_NAMES:
        raise refuse(f"role_scopes name unknown scopes: {', '.join(sorted(granted - REGISTRY_NAMES))}")
    sources = {name: entry.pop(name) for name in _KEY_SOURCES if entry.get(name) is not None}
    if entry.setdefault("embedded", False):
        if sources:
            raise refuse("the embedded provider has its own keys")
        from registry.oidc.keys import EmbeddedKeys  # here, so that external issuers need no database

        entry = {
            "name": "",
            "typ": (ACCESS_TOKEN_TYPE,),
            "client_claims": ("client_id",),
            "keys": EmbeddedKeys(),
            **entry,
        }
    else:
        if not NAME.fullmatch(str(entry.get("name") or "")):
            raise refuse("an external issuer has a name of its own: small letters, digits, hyphens")
        if not is_safe(iss):
            raise refuse("an external issuer is an https address")
        entry["keys"] = _key_source(iss, sources, refuse)
    if "typ" in entry:
        entry["typ"] = tuple(each.lower() for each in entry["typ"])
    try:
        return Issuer(**entry)
    except TypeError as fault:
        raise refuse(
            "an option is unknown: " + ", ".join(sorted(entry.keys() - Issuer.__dataclass_fields__))
        ) from fault


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _key_source(iss: str, sources: dict, refuse) -> Keys:
    if not sources:
        return DiscoveredKeys(iss)
    if len(sources) != 1:
        raise refuse(f"at most one of {', '.join(_KEY_SOURCES)} is expected")
    ((kind, value),) = sources.items()
    if kind == "jwks_uri":
        if not is_safe(value):
            raise refuse("jwks_uri is an https address")
        return FetchedKeys(value)
    return StaticKeys(value) if kind == "jwks" else StaticKeys.from_file(value)
