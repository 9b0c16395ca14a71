"""Lists every scope that can be asked for, with the words people read, and says what a person's groups allow."""

from collections.abc import Iterable

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
INTROSPECTION = "token_introspection"

OF_OPENID: dict[str, tuple[str, str]] = {
    OPENID: ("Sign in", "Tell the application who you are"),
    "profile": ("Name", "Your name and user name"),
    "email": ("E-mail", "Your e-mail address"),
    OFFLINE_ACCESS: ("Stay signed in", "Renew the access without asking you again, for a limited time"),
}
"""Scopes of OpenID Connect Core 1.0 5.4 and 11; any person may grant them."""

OF_REGISTRY: dict[Scope, tuple[str, str]] = {
    Scope.STORE: ("Store overlays", "Post results of AI models to the registry"),
    Scope.VIEW: ("View overlays", "Ask what may be shown, fetch it, and record what was displayed"),
    Scope.REVIEW: ("Review overlays", "See what waits for review; accept, reject and correct it in your name"),
    Scope.MANAGE: ("Manage AI models", "Register, approve, suspend and recall model versions; write the render policy"),
    Scope.AUDIT: ("Export the audit log", "Read lineage, exposure and the audit log; export evidence"),
    Scope.AUTHORIZE: ("Answer for an archive", "Ask whether a token lets its holder into an archive; for machines"),
}
"""The registry's own scopes; a person may grant those of the groups that the person is in."""

OF_SERVERS: dict[str, tuple[str, str]] = {
    INTROSPECTION: ("Introspect tokens", "Ask whether a token is live (RFC 7662)"),
}
"""Scopes that describe a client itself and are never put into a token."""

KNOWN: dict[str, tuple[str, str]] = {**OF_OPENID, **{str(k): v for k, v in OF_REGISTRY.items()}, **OF_SERVERS}
"""Every scope a client can be registered for."""

REGISTRY_NAMES: frozenset[str] = frozenset(str(scope) for scope in OF_REGISTRY)


def of_groups(groups: Iterable[str]) -> frozenset[str]:
    """The registry's scopes that belong to these Django groups."""
    names = set(groups)
    return frozenset(str(scope) for scope, group in GROUP_OF_SCOPE.items() if group in names)


def of_person(requested: Iterable[str], groups: Iterable[str]) -> list[str]:
    """The part of ``requested`` that a person in these groups may grant, in the order asked."""
    allowed = of_groups(groups) | OF_OPENID.keys()
    return [scope for scope in requested if scope in allowed]


def lost_all(requested: Iterable[str], granted: Iterable[str]) -> bool:
    """Whether something of the registry was asked for, and nothing of it is left."""
    return bool(REGISTRY_NAMES & set(requested)) and not REGISTRY_NAMES & set(granted)


def as_registry_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes that the registry knows among these names; others mean nothing to it."""
    return frozenset(Scope(name) for name in names if name in REGISTRY_NAMES)
