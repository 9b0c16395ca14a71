"""What leads where: every act in every state, every status from every status."""

import itertools

import pytest

from overlays.governance.errors import TransitionRefused
from overlays.governance.transitions import (
    AWAITING_REVIEW,
    MODEL_TRANSITIONS,
    REVIEW_TRANSITIONS,
    SUPERSEDABLE,
    ReviewAct,
    after,
    require_status_change,
)
from overlays.governance.vocabulary import ModelStatus, ReviewState

S, A = ReviewState, ReviewAct
LEADS_TO = {
    (S.VALIDATING, A.VALIDATE): S.PENDING,
    (S.VALIDATING, A.VALIDATE_UNREGISTERED): S.QUARANTINED,
    (S.QUARANTINED, A.REGISTER): S.PENDING,
    (S.PENDING, A.START): S.IN_REVIEW,
    (S.IN_REVIEW, A.RELEASE): S.PENDING,
    (S.PENDING, A.ACCEPT): S.ACCEPTED,
    (S.IN_REVIEW, A.ACCEPT): S.ACCEPTED,
    (S.REJECTED, A.ACCEPT): S.ACCEPTED,
    (S.PENDING, A.REJECT): S.REJECTED,
    (S.IN_REVIEW, A.REJECT): S.REJECTED,
    (S.ACCEPTED, A.REJECT): S.REJECTED,
    (S.PENDING, A.SUPERSEDE): S.SUPERSEDED,
    (S.IN_REVIEW, A.SUPERSEDE): S.SUPERSEDED,
    (S.ACCEPTED, A.SUPERSEDE): S.SUPERSEDED,
    (S.SUPERSEDED, A.RESTORE): S.PENDING,
} | {(state, A.WITHDRAW): S.WITHDRAWN for state in S if state is not S.WITHDRAWN}
"""The table of the design, written a second time by hand: a change has to be made twice to be meant."""


@pytest.mark.parametrize(("state", "act"), list(itertools.product(ReviewState, ReviewAct)))
def test_an_act_leads_where_the_table_says_and_nowhere_else(state, act):
    if (state, act) in LEADS_TO:
        assert after(state, act) is LEADS_TO[state, act]
    else:
        with pytest.raises(TransitionRefused, match="cannot"):
            after(state, act)


def test_every_state_has_its_row():
    assert set(REVIEW_TRANSITIONS) == set(ReviewState)


def test_an_unknown_state_raises():
    with pytest.raises(ValueError, match="limbo"):
        after("limbo", ReviewAct.ACCEPT)


def test_an_unknown_act_raises():
    with pytest.raises(ValueError, match="be painted"):
        after(ReviewState.PENDING, "be painted")


def test_what_gives_way_to_a_newer_version():
    assert {S.PENDING, S.IN_REVIEW, S.ACCEPTED} == SUPERSEDABLE


def test_what_waits_for_a_reader():
    assert {S.PENDING, S.IN_REVIEW} == AWAITING_REVIEW


M = ModelStatus
MAY_BECOME = {
    (M.REGISTERED, M.SHADOW),
    (M.SHADOW, M.APPROVED),
    (M.APPROVED, M.SUSPENDED),
    (M.SUSPENDED, M.APPROVED),
    (M.SUSPENDED, M.RETIRED),
    (M.RECALLED, M.SUSPENDED),
} | {(status, M.RECALLED) for status in M if status is not M.RECALLED}


@pytest.mark.parametrize(("before", "wanted"), list(itertools.product(ModelStatus, ModelStatus)))
def test_a_status_changes_as_the_table_says_and_not_otherwise(before, wanted):
    if (before, wanted) in MAY_BECOME:
        said = require_status_change(before, wanted, recalled_by="user:1", actor_key="user:2", is_person=True)
        assert said is None
    else:
        with pytest.raises(TransitionRefused, match=f"that is {before} can become"):
            require_status_change(before, wanted, recalled_by="user:1", actor_key="user:2", is_person=True)


def test_every_status_has_its_row():
    assert set(MODEL_TRANSITIONS) == set(ModelStatus)


def test_a_recall_is_not_lifted_by_who_made_it():
    with pytest.raises(TransitionRefused, match="second person"):
        require_status_change(M.RECALLED, M.SUSPENDED, recalled_by="user:1", actor_key="user:1", is_person=True)


def test_a_recall_is_not_lifted_by_a_program():
    with pytest.raises(TransitionRefused, match="not by a program"):
        require_status_change(M.RECALLED, M.SUSPENDED, recalled_by="user:1", actor_key="client:x", is_person=False)
