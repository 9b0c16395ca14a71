"""Says how the access tokens of known products are written, so that a site configures only what is its own."""

from collections.abc import Mapping

SHAPES: Mapping[str, Mapping[str, object]] = {
    "registry": {  # the provider of a registry, for who trusts it from outside
        "typ": ("at+jwt",),
        "scope_claims": ("scope",),
        "client_claims": ("client_id",),
        "person_claims": (),
    },
    "keycloak": {
        "scope_claims": ("scope",),
        "role_claims": ("realm_access.roles",),
        "client_claims": ("azp",),
        "name_claims": ("name", "preferred_username"),
        "person_claims": ("name",),
    },
    "entra": {
        "scope_claims": ("scp",),
        "role_claims": ("roles",),
        "client_claims": ("azp", "appid"),
        "name_claims": ("name", "preferred_username", "upn"),
        "person_claims": ("scp",),  # only what a person delegated has scopes; an application has roles alone
        "subject_claim": "oid",  # sub is another one for each application
    },
    "okta": {
        "typ": ("at+jwt", "application/at+jwt", "jwt", ""),  # it writes none
        "scope_claims": ("scp",),
        "role_claims": ("groups",),
        "client_claims": ("cid",),
        "name_claims": ("name", "sub"),
        "person_claims": ("uid",),
        "subject_claim": "uid",  # sub is the login name, which may change hands
    },
}
"""Options of an issuer, by the name that its entry gives as ``shape``; what the entry says itself comes before them."""
