"""Says which events can change a render decision, and so are told to the viewers that are showing something."""

from overlays.governance.events import Event

CHANGES_DECISIONS: dict[Event, bool] = {
    Event.VERSION_STORED: True,  # the version before it gets the warning that a newer one waits
    Event.SOURCE_STORED: False,  # what it changes of a version is recorded as that version's verification
    Event.INSTANCE_REFUSED: False,
    Event.INSTANCE_CHECKED: False,
    Event.INSTANCES_RETRIEVED: False,
    Event.VERSION_VALIDATED: True,
    Event.VERSION_WITHDRAWN: True,
    Event.VERSION_RELEASED: True,
    Event.VERSION_SUPERSEDED: True,
    Event.VERSION_RESTORED: True,
    Event.VERSION_VERIFICATION: True,
    Event.REVIEW_STARTED: True,  # a policy may rule otherwise on what is in review
    Event.REVIEW_RELEASED: True,
    Event.VERSION_ACCEPTED: True,
    Event.VERSION_REJECTED: True,
    Event.VERSION_SEEN: False,
    Event.DISPLAY_RECORDED: False,
    Event.LAUNCH_MADE: False,
    Event.LAUNCH_REDEEMED: False,
    Event.ARCHIVE_ASKED: False,
    Event.MODEL_REGISTERED: False,
    Event.MODEL_VERSION_REGISTERED: False,  # each version that waited for it is recorded as released
    Event.MODEL_STATUS_CHANGED: True,
    Event.POSTER_GRANTED: False,  # the same
    Event.POSTER_REVOKED: False,
    Event.LINEAGE_EXPORTED: False,
    Event.AUDIT_READ: False,
    Event.PERSON_CREATED: False,
    Event.PERSON_CHANGED: False,
    Event.PERSON_DELETED: False,
    Event.PERSON_ROLES_CHANGED: False,  # what a person may see is asked anew with every call
    Event.PASSWORD_CHANGED: False,
    Event.GROUP_CHANGED: False,
    Event.CLIENT_REGISTERED: False,
    Event.CLIENT_CHANGED: False,
    Event.CLIENT_SECRET_MADE: False,
    Event.CLIENT_DELETED: False,
    Event.TOKEN_REVOKED: False,
    Event.SIGNING_KEY_CREATED: False,
    Event.SIGNING_KEY_WITHDRAWN: False,
    Event.LOGIN_SUCCEEDED: False,
    Event.LOGIN_FAILED: False,
}
"""Every event, and whether after it a version may be ruled on, or labelled, otherwise than before."""

TOLD: tuple[Event, ...] = tuple(event for event, changes in CHANGES_DECISIONS.items() if changes)
"""The events that the feed of changes tells."""


def changes_decisions(event: Event) -> bool:
    """Whether the event is told. Raises ValueError for a word that is no event, KeyError for one that the table lacks."""
    return CHANGES_DECISIONS[Event(event)]
