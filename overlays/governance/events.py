"""Names every event of the audit log, with the sentence that people read; a log entry stores the name and the data only."""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """What can be recorded, as ``subject:action``. A value that is no longer used stays, since old entries carry it."""

    VERSION_STORED = "version:stored"
    SOURCE_STORED = "source:stored"
    INSTANCE_REFUSED = "instance:refused"
    INSTANCE_CHECKED = "instance:checked"
    INSTANCES_RETRIEVED = "instances:retrieved"
    VERSION_VALIDATED = "version:validated"
    VERSION_WITHDRAWN = "version:withdrawn"
    VERSION_RELEASED = "version:released"
    VERSION_SUPERSEDED = "version:superseded"
    VERSION_RESTORED = "version:restored"
    VERSION_VERIFICATION = "version:verification"
    REVIEW_STARTED = "review:started"
    REVIEW_RELEASED = "review:released"
    VERSION_ACCEPTED = "version:accepted"
    VERSION_REJECTED = "version:rejected"
    VERSION_SEEN = "version:seen"
    DISPLAY_RECORDED = "display:recorded"
    LAUNCH_MADE = "launch:made"
    LAUNCH_REDEEMED = "launch:redeemed"
    ARCHIVE_ASKED = "archive:asked"
    MODEL_REGISTERED = "model:registered"
    MODEL_VERSION_REGISTERED = "model-version:registered"
    MODEL_STATUS_CHANGED = "model-version:status"
    POSTER_GRANTED = "model:poster-granted"
    POSTER_REVOKED = "model:poster-revoked"
    LINEAGE_EXPORTED = "lineage:exported"
    AUDIT_READ = "audit:read"
    PERSON_CREATED = "person:created"
    PERSON_CHANGED = "person:changed"
    PERSON_DELETED = "person:deleted"
    PERSON_ROLES_CHANGED = "person:roles"
    PASSWORD_CHANGED = "person:password"  # noqa: S105 -- a name
    GROUP_CHANGED = "group:changed"
    CLIENT_REGISTERED = "client:registered"
    CLIENT_CHANGED = "client:changed"
    CLIENT_SECRET_MADE = "client:secret"  # noqa: S105 -- a name
    CLIENT_DELETED = "client:deleted"
    TOKEN_REVOKED = "token:revoked"  # noqa: S105 -- a name
    SIGNING_KEY_CREATED = "key:created"
    SIGNING_KEY_WITHDRAWN = "key:withdrawn"
    LOGIN_SUCCEEDED = "login:succeeded"
    LOGIN_FAILED = "login:failed"


SENTENCES: dict[Event, str] = {
    Event.VERSION_STORED: "stored version {number} of an overlay ({modality}, {model})",
    Event.SOURCE_STORED: "stored a source image",
    Event.INSTANCE_REFUSED: "was refused an instance: {rules}",
    Event.INSTANCE_CHECKED: "asked what is wrong with an instance, which was not stored: {rules}",
    Event.INSTANCES_RETRIEVED: "retrieved {count} derived instance(s), purpose {purpose}",
    Event.VERSION_VALIDATED: "finished validating version {number}",
    Event.VERSION_WITHDRAWN: "withdrew version {number}: {reason}",
    Event.VERSION_RELEASED: "released a quarantined version: its model version was registered",
    Event.VERSION_SUPERSEDED: "superseded version {number} by version {by_number}",
    Event.VERSION_RESTORED: "put the superseded version {number} back to review: version {by_number} was rejected",
    Event.VERSION_VERIFICATION: "found the sources {verification} (before: {before})",
    Event.REVIEW_STARTED: "took version {number} into review",
    Event.REVIEW_RELEASED: "put version {number} back",
    Event.VERSION_ACCEPTED: "accepted version {number}",
    Event.VERSION_REJECTED: "rejected version {number}: {reason_meaning}",
    Event.VERSION_SEEN: "opened version {number} for review",
    Event.DISPLAY_RECORDED: "displayed {count} version(s)",
    Event.LAUNCH_MADE: "launched the viewer {viewer}, purpose {purpose}",
    Event.LAUNCH_REDEEMED: "opened the viewer {viewer} by a launch, purpose {purpose}",
    Event.ARCHIVE_ASKED: "asked whether {holder} may {operation} in the archive {datastore}: {answer}",
    Event.MODEL_REGISTERED: "registered the model {model}",
    Event.MODEL_VERSION_REGISTERED: "registered {model} {version}",
    Event.MODEL_STATUS_CHANGED: "changed {model} {version} from {before} to {after}: {reason}",
    Event.POSTER_GRANTED: "allowed the client {client_id} to post for {model}",
    Event.POSTER_REVOKED: "no longer lets the client {client_id} post for {model}",
    Event.LINEAGE_EXPORTED: "exported lineage ({by}, {format})",
    Event.AUDIT_READ: "read the audit log",
    Event.PERSON_CREATED: "created the person {username}",
    Event.PERSON_CHANGED: "changed the person {username}: {changed}",
    Event.PERSON_DELETED: "deleted the person {username}",
    Event.PERSON_ROLES_CHANGED: "changed the groups of {username} from {before} to {after}",
    Event.PASSWORD_CHANGED: "changed the password of {username}",
    Event.GROUP_CHANGED: "changed the group {group}: {changed}",
    Event.CLIENT_REGISTERED: "registered the client {client}",
    Event.CLIENT_CHANGED: "changed the client {client}: {changed}",
    Event.CLIENT_SECRET_MADE: "gave the client {client} a new secret",
    Event.CLIENT_DELETED: "deleted the client {client}",
    Event.TOKEN_REVOKED: "revoked a token of {holder}, issued to the client {client}",
    Event.SIGNING_KEY_CREATED: "created the signing key {key}",
    Event.SIGNING_KEY_WITHDRAWN: "withdrew the signing key {key}",
    Event.LOGIN_SUCCEEDED: "signed in",
    Event.LOGIN_FAILED: "failed to sign in as {username}",
}
"""The sentence of each event, after the actor's name; fields in braces are keys of the entry's data."""

OF_IDENTITY = frozenset(
    {
        Event.PERSON_CREATED,
        Event.PERSON_CHANGED,
        Event.PERSON_DELETED,
        Event.PERSON_ROLES_CHANGED,
        Event.PASSWORD_CHANGED,
        Event.GROUP_CHANGED,
        Event.CLIENT_REGISTERED,
        Event.CLIENT_CHANGED,
        Event.CLIENT_SECRET_MADE,
        Event.CLIENT_DELETED,
        Event.TOKEN_REVOKED,
        Event.SIGNING_KEY_CREATED,
        Event.SIGNING_KEY_WITHDRAWN,
        Event.LOGIN_SUCCEEDED,
        Event.LOGIN_FAILED,
    }
)
"""The events of people, clients and logins: deeds of the identity provider, which asks permission for them itself."""


def sentence(event: str, actor_name: str, data: Mapping[str, object]) -> str:
    """What happened, for people. Raises ValueError for an unknown event, KeyError when the data lack a field of the sentence."""
    said = f"{actor_name} {SENTENCES[Event(event)].format_map(data)}"
    return said.rstrip(".") + "."
