"""Reads STAFF_LOGIN: at which external issuer people sign in, and what their roles there make of them here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from overlays.governance.permissions import GROUP_OF_SCOPE
from registry.oidc.fetch import is_safe
from registry.oidc.issuers import ASYMMETRIC, NAME, Issuer
from registry.oidc.keysets import DiscoveredKeys

SHAPES: Mapping[str, Mapping[str, object]] = {
    "keycloak": {"role_claims": ["realm_access.roles"]},
    "entra": {"role_claims": ["roles"], "subject_claim": "oid"},
    "okta": {"role_claims": ["groups"]},
}
"""Where known products write roles into id_tokens, and who the person is."""

GROUPS = frozenset(GROUP_OF_SCOPE.values())
_TYPES: dict[str, type] = {
    "issuer": str,
    "name": str,
    "label": str,
    "client_id": str,
    "client_secret": str,
    "client_secret_file": str,
    "subject_claim": str,
    "scopes": list,
    "role_claims": list,
    "administrator_roles": list,
    "acr_values": list,
    "algs": list,
    "role_groups": dict,
    "max_age": int,
}


@dataclass(frozen=True, kw_only=True)
class StaffLogin:
    """One external issuer at which people sign in, by the code flow of OpenID Connect.

    ``role_groups`` maps roles, found in ``role_claims``, to the registry's groups; ``administrator_roles`` administer the registry.
    ``acr_values`` and ``max_age`` (seconds) are demanded of every login where they are given.
    """

    issuer: str
    name: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    label: str = "single sign-on"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    subject_claim: str = "sub"
    role_claims: tuple[str, ...] = ("roles",)
    role_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    administrator_roles: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    algs: tuple[str, ...] = ("RS256",)
    keys: DiscoveredKeys = field(repr=False)

    @property
    def of_id_tokens(self) -> Issuer:
        """The same as an issuer of id_tokens, whose audience is the client."""
        return Issuer(
            issuer=self.issuer,
            name=self.name,
            embedded=False,
            audiences=(self.client_id,),
            keys=self.keys,
            algs=self.algs,
            typ=("jwt", ""),
        )


_read: tuple[object, StaffLogin | None] = (None, None)


def staff_login() -> StaffLogin | None:
    """The configured one; read once for one value of the setting. Raises ImproperlyConfigured."""
    global _read
    source, found = _read
    if source is not settings.STAFF_LOGIN:
        found = parsed(settings.STAFF_LOGIN) if settings.STAFF_LOGIN else None
        _read = (settings.STAFF_LOGIN, found)
    return found


def parsed(entry: Mapping) -> StaffLogin:
    """The login that the entry describes. Raises ImproperlyConfigured."""

    def refuse(sentence: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"STAFF_LOGIN: {sentence}")

    shape = entry.get("shape")
    if shape is not None and shape not in SHAPES:
        raise refuse(f"shape can be {', '.join(SHAPES)}")
    options = {**SHAPES.get(shape, {}), **{name: value for name, value in entry.items() if name != "shape"}}
    for name, value in options.items():
        if name not in _TYPES or not isinstance(value, _TYPES[name]) or isinstance(value, bool):
            raise refuse(f"{name} is unknown or of the wrong type")
        if isinstance(value, list):
            if not all(isinstance(each, str) for each in value):
                raise refuse(f"{name} is a list of texts")
            options[name] = tuple(value)
    if missing := [name for name in ("issuer", "name", "client_id", "role_groups") if not options.get(name)]:
        raise refuse(f"{', '.join(missing)} missing")
    if not is_safe(options["issuer"]) or not NAME.fullmatch(options["name"]):
        raise refuse("issuer is an https address, and name has small letters, digits and hyphens")
    if not ASYMMETRIC.issuperset(options.get("algs", ())):
        raise refuse(f"algs can be {', '.join(sorted(ASYMMETRIC))}")
    known, named = sorted(GROUPS), options["role_groups"].values()
    if not all(isinstance(groups, list) and all(each in known for each in groups) for groups in named):
        raise refuse(f"role_groups names for each role a list of these: {', '.join(known)}")
    if file := options.pop("client_secret_file", None):
        try:
            options["client_secret"] = Path(file).read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise refuse(f"client_secret_file cannot be read ({type(fault).__name__})") from None
    return StaffLogin(**options, keys=DiscoveredKeys(options["issuer"]))
