"""Reads what another identity provider says of itself (OpenID Connect Discovery 1.0 4)."""

from registry.oidc.fetch import FetchFailed, fetch_json, is_safe

WELL_KNOWN = "/.well-known/openid-configuration"


def metadata(issuer: str) -> dict:
    """The discovery document of the issuer, which must be about that issuer (4.3). Raises FetchFailed."""
    found = fetch_json(issuer.rstrip("/") + WELL_KNOWN)
    if found.get("issuer") != issuer:
        raise FetchFailed("the discovery document is of another issuer")
    return found


def endpoint(document: dict, name: str) -> str:
    """The address of that name in a discovery document. Raises FetchFailed where it is missing or not https."""
    address = document.get(name)
    if not is_safe(address):
        raise FetchFailed(f"the discovery document has no usable {name}")
    return address
