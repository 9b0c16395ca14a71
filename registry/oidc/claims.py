"""Says about a person what an application may know: the subject, the id_token, userinfo, the consent page's words."""

from oidc_provider.lib.claims import ScopeClaims

from registry.oidc.scopes import KNOWN, OPENID, of_groups


def sub(user) -> str:
    """The subject of a person: never reassigned, and the same word as the actor's key."""
    return f"user:{user.pk}"


def display_name(user) -> str:
    """A person's full name, else the user name."""
    return user.get_full_name() or user.get_username()


def idtoken(id_token: dict, user, token, request, **kwargs) -> dict:
    """Add to an id_token the registry's scopes that the person's groups allow, as ``roles``."""
    groups = user.groups.values_list("name", flat=True)
    return {**id_token, "roles": sorted(of_groups(groups)), "azp": token.client.client_id}


class Claims(ScopeClaims):
    """Claims of userinfo beside the provider's own, and the words by which the consent page shows each scope."""

    def scope_profile(self) -> dict:
        """The names by which people know each other here."""
        return {"name": display_name(self.user), "preferred_username": self.user.get_username()}


for _scope, _words in KNOWN.items():
    if _scope != OPENID:
        # The provider looks for attributes by the scope's name, and a dot cannot stand in a class body.
        setattr(Claims, f"info_{_scope}", _words)
