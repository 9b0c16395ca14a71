"""Who may do what."""

import pytest

from overlays.governance.permissions import ACTIONS_OF_SCOPE, GROUP_OF_SCOPE, OF_MACHINES, Action, Scope, may


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_has_actions_and_a_group_or_is_a_machines(scope):
    assert ACTIONS_OF_SCOPE[scope]
    assert (scope in GROUP_OF_SCOPE) != (scope in OF_MACHINES)


@pytest.mark.parametrize("action", Action)
def test_every_action_is_allowed_to_somebody(action):
    assert any(action in actions for actions in ACTIONS_OF_SCOPE.values())


@pytest.mark.parametrize("action", Action)
def test_without_scopes_nothing_is_allowed(action):
    assert not may(frozenset(), action)


def test_an_unknown_action_raises():
    with pytest.raises(ValueError, match="paint the walls"):
        may(frozenset(Scope), "paint the walls")


@pytest.mark.parametrize(
    ("scope", "action"),
    [
        (Scope.STORE, Action.DECIDE_CLINICAL),
        (Scope.STORE, Action.REVIEW),
        (Scope.STORE, Action.STORE_CORRECTION),
        (Scope.VIEW, Action.DECIDE_REVIEW),
        (Scope.VIEW, Action.RETRIEVE_REVIEW),
        (Scope.VIEW, Action.REVIEW),
        (Scope.VIEW, Action.STORE_INSTANCES),
        (Scope.REVIEW, Action.STORE_INSTANCES),
        (Scope.REVIEW, Action.MANAGE_MODELS),
        (Scope.MANAGE, Action.REVIEW),
        (Scope.MANAGE, Action.READ_AUDIT),
        (Scope.AUDIT, Action.REVIEW),
        (Scope.AUDIT, Action.MANAGE_MODELS),
        (Scope.AUDIT, Action.STORE_INSTANCES),
        (Scope.AUTHORIZE, Action.RETRIEVE_CLINICAL),
        (Scope.AUTHORIZE, Action.READ_OVERLAYS),
        (Scope.VIEW, Action.AUTHORIZE_ARCHIVE),
    ],
)
def test_duties_are_kept_apart(scope, action):
    assert not may(frozenset({scope}), action)
