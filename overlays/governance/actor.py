"""Describes who acts: a person or a machine client, what was granted, and in which request."""

from dataclasses import dataclass
from enum import StrEnum

from overlays.governance.errors import NotPermitted
from overlays.governance.permissions import PERSONAL, Action, Scope, may


class ActorKind(StrEnum):
    """What an actor is."""

    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"
    STRANGER = "stranger"


LONGEST = 255
"""Characters of a key, a name or a client id, as far as they can be recorded."""


def recordable(name: str) -> str:
    """A person's or client's name as it can be written beside an act: one line, at most 255 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in name)[:LONGEST].strip()


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Whoever asks, as established by authentication and by nothing else.

    ``key`` is stable (``user:12``, ``client:liver-pipeline``, ``system``); ``name`` is what is written beside an act for people to read;
    ``client_id`` is the OAuth client through which it came (empty for the admin's session). ``studies`` narrows the grant to those Study
    Instance UIDs; None means that it is not narrowed. ``correlation_id`` groups all that one request does.

    Raises ValueError when the key or the correlation id is empty: an act without an author cannot be recorded.
    """

    kind: ActorKind
    key: str
    name: str
    scopes: frozenset[Scope]
    correlation_id: str
    client_id: str = ""
    studies: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not self.key or not self.correlation_id:
            raise ValueError("an actor has a key and a correlation id")

    def may(self, action: Action) -> bool:
        """Whether the actor's scopes allow the action, and it is not a person's where the actor is none."""
        return may(self.scopes, action) and (self.kind is ActorKind.PERSON or action not in PERSONAL)

    def may_reach(self, study_instance_uid: str) -> bool:
        """Whether the grant reaches this study: always, unless it was narrowed to others."""
        return self.studies is None or study_instance_uid in self.studies

    def require(self, action: Action) -> None:
        """Raise NotPermitted unless the actor's scopes allow the action."""
        if not self.may(action):
            raise NotPermitted(f"{self.name} may not {action.value}.", action=action.value)

    def require_everywhere(self, action: Action) -> None:
        """Raise NotPermitted unless the scopes allow the action and the grant is not narrowed: for acts that concern every study."""
        self.require(action)
        if self.studies is not None:
            raise NotPermitted(f"{self.name} may not {action.value}: the grant is narrowed to certain studies.")


def system(correlation_id: str, *scopes: Scope) -> Actor:
    """The registry itself, at an operator's command, with the scopes that the command needs."""
    return Actor(
        kind=ActorKind.SYSTEM,
        key="system",
        name="The registry (operator's command)",
        scopes=frozenset(scopes),
        correlation_id=correlation_id,
    )


def stranger(correlation_id: str) -> Actor:
    """Whoever could not say who they are: may nothing, and can be recorded."""
    return Actor(
        kind=ActorKind.STRANGER, key="stranger", name="Somebody", scopes=frozenset(), correlation_id=correlation_id
    )
