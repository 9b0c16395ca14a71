"""Tells who acts in a session of the admin, and with which scopes."""

from django.http import HttpRequest

from overlays.governance.actor import Actor, ActorKind, recordable
from overlays.governance.errors import NotPermitted
from overlays.governance.permissions import GROUP_OF_SCOPE, Action, Scope

_SCOPE_OF_GROUP: dict[str, Scope] = {name: scope for scope, name in GROUP_OF_SCOPE.items()}


def actor_of(request: HttpRequest) -> Actor:
    """The person of the session, with the scopes that their groups grant; asked of the database once a request.

    A superuser has the scopes of their groups like everybody else: running the service is no licence to judge images.
    Raises NotPermitted when nobody is signed in.
    """
    known = getattr(request, "_overlays_actor", None)
    if known is not None:
        return known
    user = request.user
    if not user.is_authenticated or not user.is_active:
        raise NotPermitted("Nobody is signed in.")
    groups = user.groups.values_list("name", flat=True)
    actor = Actor(
        kind=ActorKind.PERSON,
        key=f"user:{user.pk}",
        name=recordable(user.get_full_name()) or user.get_username(),
        scopes=frozenset(_SCOPE_OF_GROUP[name] for name in groups if name in _SCOPE_OF_GROUP),
        correlation_id=request.correlation_id,
    )
    request._overlays_actor = actor
    return actor


def allowed(request: HttpRequest, *actions: Action) -> bool:
    """Whether the person is let into the admin and may do one of the actions."""
    user = request.user
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return False
    actor = actor_of(request)
    return any(actor.may(action) for action in actions)
