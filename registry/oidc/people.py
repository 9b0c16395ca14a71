"""Keeps the accounts of people who sign in at an external issuer: made at the first login, groups as the issuer's roles say."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from overlays.governance.actor import LONGEST, Actor, ActorKind, recordable
from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from registry.oidc.external_actor import at_path, words
from registry.oidc.models import ExternalPerson
from registry.oidc.recording import Recorder, person_facts
from registry.oidc.relying_party import LoginRefused
from registry.oidc.staff_login import GROUPS, StaffLogin

IN_THE_ADMIN = frozenset(GROUP_OF_SCOPE[scope] for scope in (Scope.REVIEW, Scope.MANAGE, Scope.AUDIT))
"""Groups whose members work in the admin."""

_NOT_IN_USER_NAMES = re.compile(r"[^A-Za-z0-9@.+_-]+")


def person_of(login: StaffLogin, claims: Mapping, *, at: datetime, correlation_id: str) -> User:
    """The person of these checked claims, brought up to date: names, groups, whether they administer.

    A person who lost every role there loses it here, and is refused. Accounts are found by issuer and subject, never by name or
    e-mail address, which may change hands. Raises LoginRefused.
    """
    subject = claims.get(login.subject_claim)
    if not isinstance(subject, str) or not subject.isprintable() or not 1 <= len(subject) <= LONGEST:
        raise LoginRefused("The sign-in service does not say who you are.", f"no {login.subject_claim}")
    roles = {role for path in login.role_claims for role in words(at_path(claims, path))}
    groups = {group for role in roles for group in login.role_groups.get(role, ())}
    administers = bool(roles & set(login.administrator_roles))
    service = Actor(
        kind=ActorKind.SYSTEM,
        key=f"issuer:{login.name}",
        name=recordable(f"Sign-in service {login.label}"),
        scopes=frozenset(),
        correlation_id=correlation_id,
    )
    try:
        with transaction.atomic():
            person = _brought_up_to_date(login, claims, subject, groups, administers, Recorder(actor=service, at=at))
    except IntegrityError:  # the same person's first login in another tab at the same moment
        raise LoginRefused("Try again.", "two first logins at once", 503) from None
    if person is None or not (groups or administers):
        raise LoginRefused("You have no role here; ask for one at the sign-in service.", "no role")
    if not person.is_active:
        raise LoginRefused("Your account here is deactivated.", "deactivated")
    return person


def _brought_up_to_date(
    login: StaffLogin, claims: Mapping, subject: str, groups: set[str], administers: bool, recorder: Recorder
) -> User | None:
    """The account, changed and recorded in one transaction; None where there is none and none is to be made."""
    link = ExternalPerson.objects.select_related("user").filter(issuer=login.issuer, subject=subject).first()
    if link is None and not (groups or administers):
        return None
    person = link.user if link else User(username=_free_username(login, claims, subject))
    before = person_facts(person) if link else None
    person.first_name = _text(claims, "given_name")[:150]
    person.last_name = (_text(claims, "family_name") or ("" if person.first_name else _text(claims, "name")))[:150]
    person.email = _text(claims, "email")[:254]
    person.is_staff = administers or bool(groups & IN_THE_ADMIN)
    person.is_superuser = administers
    if link is None:
        person.set_unusable_password()
    person.save()
    if link is None:
        ExternalPerson.objects.create(user=person, issuer=login.issuer, subject=subject)
    kept = person.groups.exclude(name__in=GROUPS)  # groups that are no roles of the registry are nobody's business here
    person.groups.set([*kept, *Group.objects.filter(name__in=groups)])
    recorder.person_saved(person, before)
    return person


def _free_username(login: StaffLogin, claims: Mapping, subject: str) -> str:
    """A name that nobody has: the issuer's where it is free. A local account of that name is another person's."""
    wanted = _NOT_IN_USER_NAMES.sub("_", _text(claims, "preferred_username") or _text(claims, "email"))[:140]
    digest = hashlib.sha256(f"{login.issuer} {subject}".encode()).hexdigest()[:8]
    if wanted and not User.objects.filter(username__iexact=wanted).exists():
        return wanted
    return f"{wanted or login.name}-{digest}"


def _text(claims: Mapping, name: str) -> str:
    value = claims.get(name)
    return recordable(value) if isinstance(value, str) else ""
