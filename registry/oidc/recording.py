"""Writes the deeds of the identity provider into the audit log: names of people, clients and fields, never a secret value."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from oidc_provider.models import Client, Token

from overlays.admin.actor import actor_of
from overlays.governance.actor import Actor, ActorKind, recordable, stranger, system
from overlays.governance.events import Event
from overlays.services.record_identity import record_identity

PERSON_FIELDS = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser")
CLIENT_FIELDS = (
    "name",
    "client_type",
    "scope",
    "redirect_uris",
    "post_logout_redirect_uris",
    "require_consent",
    "reuse_consent",
    "contact_email",
    "website_url",
)


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Records what one actor does at one time. Each method writes one entry, in the caller's transaction."""

    actor: Actor
    at: datetime

    @classmethod
    def of_session(cls, request: HttpRequest) -> "Recorder":
        """For the person who is signed in."""
        return cls(actor=actor_of(request), at=timezone.now())

    @classmethod
    def of_command(cls) -> "Recorder":
        """For an operator at the command line."""
        return cls(actor=system(f"command-{uuid4()}"), at=timezone.now())

    @classmethod
    def of_client(cls, client: Client, request: HttpRequest, at: datetime) -> "Recorder":
        """For a client that has authenticated."""
        actor = Actor(
            kind=ActorKind.CLIENT,
            key=f"client:{client.client_id}",
            name=recordable(client.name) or client.client_id,
            scopes=frozenset(),
            correlation_id=request.correlation_id,
            client_id=client.client_id,
        )
        return cls(actor=actor, at=at)

    def person_saved(self, person: User, before: dict[str, object] | None) -> None:
        """A person was created (``before`` is None), or changed where ``person_facts`` differ from before; groups apart."""
        now = person_facts(person)
        flags = {name: now[name] for name in ("is_active", "is_staff", "is_superuser")}
        username = person.get_username()
        if before is None:
            self._write(Event.PERSON_CREATED, f"user:{person.pk}", username=username, **flags)
        elif changed := _differences(before, now, leaving_out={"groups"}):
            self._write(Event.PERSON_CHANGED, f"user:{person.pk}", username=username, changed=changed, **flags)
        groups = before["groups"] if before else []
        if groups != now["groups"]:
            self._write(
                Event.PERSON_ROLES_CHANGED,
                f"user:{person.pk}",
                username=username,
                before=", ".join(groups) or "none",
                after=", ".join(now["groups"]) or "none",
            )

    def person_deleted(self, person: User) -> None:
        """A person is deleted."""
        self._write(Event.PERSON_DELETED, f"user:{person.pk}", username=person.get_username())

    def password_changed(self, person: User) -> None:
        """A person's password was set."""
        self._write(Event.PASSWORD_CHANGED, f"user:{person.pk}", username=person.get_username())

    def group_changed(self, group: Group, changed: str) -> None:
        """A group, which may be a role, was changed in some way."""
        self._write(Event.GROUP_CHANGED, f"group:{group.pk}", group=group.name, changed=changed)

    def group_deleted(self, group: Group) -> None:
        """A group is deleted; its members lose what it granted."""
        self.group_changed(group, "deleted")

    def client_saved(self, client: Client, before: dict[str, object] | None) -> None:
        """A client was registered (``before`` is None), or changed where ``client_facts`` differ from before."""
        now = client_facts(client)
        granted = {"type": now["client_type"], "scopes": list(now["scope"]), "studies": now["studies"]}
        subject = f"client:{client.client_id}"
        if before is None:
            self._write(Event.CLIENT_REGISTERED, subject, client=client.client_id, **granted)
            return
        if changed := _differences(before, now, leaving_out={"secret"}):
            self._write(Event.CLIENT_CHANGED, subject, client=client.client_id, changed=changed, **granted)
        if now["secret"] and now["secret"] != before["secret"]:
            self.secret_made(client)

    def secret_made(self, client: Client) -> None:
        """A client was given a new secret."""
        self._write(Event.CLIENT_SECRET_MADE, f"client:{client.client_id}", client=client.client_id)

    def client_deleted(self, client: Client) -> None:
        """A client is deleted."""
        self._write(Event.CLIENT_DELETED, f"client:{client.client_id}", client=client.client_id)

    def token_revoked(self, token: Token) -> None:
        """An access token and its refresh token are revoked."""
        holder = token.user.get_username() if token.user else "the client itself"
        self._write(Event.TOKEN_REVOKED, f"token:{token.pk}", holder=holder, client=token.client.client_id)

    def key_created(self, kid: str) -> None:
        """A signing key was made."""
        self._write(Event.SIGNING_KEY_CREATED, f"key:{kid}", key=kid)

    def _write(self, event: Event, subject: str, **data: object) -> None:
        record_identity(actor=self.actor, at=self.at, event=event, subject=subject, **data)


def person_facts(person: User) -> dict[str, object]:
    """What an entry compares of a person; permissions beside the groups as their ids."""
    facts: dict[str, object] = {name: getattr(person, name) for name in PERSON_FIELDS}
    facts["groups"] = sorted(person.groups.values_list("name", flat=True))
    facts["permissions"] = sorted(person.user_permissions.values_list("pk", flat=True))
    return facts


def client_facts(client: Client) -> dict[str, object]:
    """What an entry compares of a client; the digest of its secret is compared only, never written."""
    facts: dict[str, object] = {name: getattr(client, name) for name in CLIENT_FIELDS}
    grant = getattr(client, "grant", None)
    narrowing = {"studies": grant.studies if grant else None, "launch_only": bool(grant and grant.launch_only)}
    return facts | narrowing | {"secret": client.client_secret}


def _differences(before: dict[str, object], now: dict[str, object], *, leaving_out: Iterable[str]) -> str:
    """The names of the facts that differ, in one line."""
    return ", ".join(name.replace("_", " ") for name in now if name not in leaving_out and now[name] != before[name])


def watching_password(request: HttpRequest, person: User | None, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of a page that may set the person's password; where it did, that is recorded in the same transaction."""
    with transaction.atomic():
        before = _password_hash(person)
        response = answer()
        if person is not None and _password_hash(person) != before:
            Recorder.of_session(request).password_changed(person)
    return response


def _password_hash(person: User | None) -> str | None:
    return User.objects.filter(pk=person.pk).values_list("password", flat=True).first() if person else None


def record_login(request: HttpRequest, at: datetime, **how: object) -> None:
    """Record that the person of the request has just signed in, and how: issuer, auth_time, acr. In the caller's transaction."""
    actor = actor_of(request)
    record_identity(actor=actor, at=at, event=Event.LOGIN_SUCCEEDED, subject=actor.key, **how)


def record_refused_login(request: HttpRequest, at: datetime, *, issuer: str, reason: str) -> None:
    """Record that somebody came from an external issuer and was not signed in, in the caller's transaction."""
    record_identity(
        actor=stranger(request.correlation_id),
        at=at,
        event=Event.LOGIN_FAILED,
        subject="",
        username="somebody of an external issuer",
        issuer=issuer,
        reason=reason,
    )


def record_failed_login(request: HttpRequest, username: str, at: datetime) -> None:
    """Record that somebody failed to sign in, in the caller's transaction.

    A name that nobody has is not written: it may be a password in the wrong field.
    """
    person = User.objects.filter(username=username).first()
    record_identity(
        actor=stranger(request.correlation_id),
        at=at,
        event=Event.LOGIN_FAILED,
        subject=f"user:{person.pk}" if person else "",
        username=person.get_username() if person else "nobody who is known",
    )
