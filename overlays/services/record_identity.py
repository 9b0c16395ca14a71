"""Records what was done to people, groups, clients, tokens and keys, and who signed in."""

from datetime import datetime

from overlays.governance.actor import Actor
from overlays.governance.events import OF_IDENTITY, Event
from overlays.services.audit import record


def record_identity(*, actor: Actor, at: datetime, event: Event, subject: str, **data: object) -> None:
    """One entry for one deed of the identity provider, which has asked permission for it; runs in the caller's transaction.

    The data name fields, people, groups and clients; never a password, a secret, a code or a token. Raises ValueError for an event
    that is not of identity: no other deed may be recorded past the service that does it.
    """
    if event not in OF_IDENTITY:
        raise ValueError(f"{event} is no deed of the identity provider")
    record(actor=actor, at=at, event=event, subject=subject, **data)
