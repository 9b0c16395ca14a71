"""Who acts in a session follows from groups alone."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.http import HttpRequest

from overlays.admin.actor import actor_of, allowed
from overlays.governance.actor import ActorKind
from overlays.governance.errors import NotPermitted
from overlays.governance.permissions import Action, Scope


def _request(user: User | AnonymousUser) -> HttpRequest:
    request = HttpRequest()
    request.user, request.correlation_id = user, "request-1"
    return request


@pytest.fixture
def person(db) -> User:
    user = User.objects.create(username="rlee", first_name="R.", last_name="Lee", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name="Radiologists")[0], Group.objects.create(name="Choir"))
    return user


def test_an_actor_has_the_scopes_of_the_groups_and_of_nothing_else(person: User) -> None:
    assert actor_of(_request(person)).scopes == {Scope.REVIEW}


def test_an_actor_is_known_by_a_key_that_outlives_a_change_of_name(person: User) -> None:
    actor = actor_of(_request(person))

    assert (actor.kind, actor.key, actor.name) == (ActorKind.PERSON, f"user:{person.pk}", "R. Lee")


def test_what_an_actor_does_bears_the_id_of_the_request(person: User) -> None:
    assert actor_of(_request(person)).correlation_id == "request-1"


def test_a_person_without_a_full_name_goes_by_the_user_name(db) -> None:
    user = User.objects.create(username="plain")

    assert actor_of(_request(user)).name == "plain"


def test_a_long_name_is_clipped_to_what_the_log_can_hold(db) -> None:
    user = User.objects.create(username="long", first_name="R" * 150, last_name="L" * 150)

    assert actor_of(_request(user)).name == "R" * 150 + " " + "L" * 104


def test_groups_are_read_once_a_request(person: User, django_assert_num_queries) -> None:
    request = _request(person)

    with django_assert_num_queries(1):
        actor_of(request)
        actor_of(request)


def test_nobody_is_no_actor() -> None:
    with pytest.raises(NotPermitted):
        actor_of(_request(AnonymousUser()))


def test_a_person_who_was_deactivated_may_nothing(person: User) -> None:
    person.is_active = False

    assert not allowed(_request(person), Action.READ_OVERLAYS)


def test_a_person_who_is_not_staff_may_nothing_in_the_admin(person: User) -> None:
    person.is_staff = False

    assert not allowed(_request(person), Action.REVIEW)
