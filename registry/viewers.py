"""Reads VIEWERS: which viewers can be launched, as which client of the identity provider, at which address for each purpose."""

from registry.oidc.fetch import is_safe

PURPOSES = ("clinical", "review")
STUDY = "{study}"


def viewers(configured: dict) -> dict[str, dict[str, str]]:
    """The viewers by name. Raises ValueError naming the one that cannot be used."""
    for name, viewer in configured.items():
        if not 1 <= len(name) <= 64 or not name.isprintable():
            raise ValueError("a viewer's name has 1 to 64 characters")
        if not isinstance(viewer, dict) or not all(isinstance(value, str) for value in viewer.values()):
            raise ValueError(f"{name} is an object of texts")
        if unknown := sorted(set(viewer) - {"client_id", *PURPOSES}):
            raise ValueError(f"{name}: unknown are {', '.join(unknown)}")
        addresses = [viewer[purpose] for purpose in PURPOSES if purpose in viewer]
        if not viewer.get("client_id") or not addresses:
            raise ValueError(f"{name} has a client_id and an address for {' or '.join(PURPOSES)}")
        for address in addresses:
            if not is_safe(address) or address.count(STUDY) != 1:
                raise ValueError(f"{name}: {address} is not an https address with {STUDY}")
    return configured
