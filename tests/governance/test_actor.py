"""Who acts."""

import pytest

from overlays.governance.actor import Actor, ActorKind, recordable, stranger, system
from overlays.governance.errors import NotPermitted
from overlays.governance.permissions import Action, Scope


def actor(**changes) -> Actor:
    known = {
        "kind": ActorKind.PERSON,
        "key": "user:1",
        "name": "R. Lee",
        "scopes": frozenset({Scope.REVIEW}),
        "correlation_id": "request",
    }
    return Actor(**(known | changes))


@pytest.mark.parametrize("missing", ["key", "correlation_id"])
def test_an_act_without_author_or_request_cannot_be(missing):
    with pytest.raises(ValueError, match="key and a correlation id"):
        actor(**{missing: ""})


def test_what_the_scopes_allow_is_let_through():
    assert actor().require(Action.REVIEW) is None


def test_what_the_scopes_do_not_allow_is_refused_by_name():
    with pytest.raises(NotPermitted, match=r"R\. Lee may not register models"):
        actor().require(Action.MANAGE_MODELS)


def test_a_grant_that_is_not_narrowed_reaches_every_study():
    assert actor().may_reach("1.2.3")


def test_a_narrowed_grant_reaches_its_studies_alone():
    narrowed = actor(studies=frozenset({"1.2.3"}))
    assert (narrowed.may_reach("1.2.3"), narrowed.may_reach("1.2.4")) == (True, False)


def test_a_grant_narrowed_to_nothing_reaches_nothing():
    assert not actor(studies=frozenset()).may_reach("1.2.3")


@pytest.mark.parametrize("kind", [ActorKind.CLIENT, ActorKind.SYSTEM])
@pytest.mark.parametrize("action", [Action.REVIEW, Action.STORE_CORRECTION])
def test_only_a_person_reads_and_corrects(kind, action):
    assert not actor(kind=kind, key="client:bot").may(action)


def test_a_narrowed_grant_does_not_do_what_concerns_every_study():
    with pytest.raises(NotPermitted, match="narrowed"):
        actor(scopes=frozenset({Scope.MANAGE}), studies=frozenset({"1.2"})).require_everywhere(Action.MANAGE_MODELS)


def test_a_stranger_may_nothing_and_can_be_recorded():
    nobody = stranger("request")
    assert (nobody.scopes, nobody.key) == (frozenset(), "stranger")


@pytest.mark.parametrize(
    ("name", "written"), [("Robin Lee", "Robin Lee"), ("x" * 300, "x" * 255), ("a\x00b\nc", "a b c"), (" \x1b ", "")]
)
def test_a_name_is_written_in_one_line_of_at_most_255_characters(name, written):
    assert recordable(name) == written


def test_an_operators_command_has_only_the_scopes_it_names():
    assert system("request", Scope.AUDIT).scopes == {Scope.AUDIT}
