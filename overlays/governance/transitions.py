"""Holds the two state tables, of versions under review and of model versions: what leads where, and nothing else does."""

from enum import StrEnum

from overlays.governance.errors import TransitionRefused
from overlays.governance.vocabulary import ModelStatus, ReviewState


class ReviewAct(StrEnum):
    """What can happen to a version."""

    VALIDATE = "be validated"
    VALIDATE_UNREGISTERED = "be validated without a registered model version"
    REGISTER = "be released by registering its model version"
    START = "be taken into review"
    RELEASE = "be put back"
    ACCEPT = "be accepted"
    REJECT = "be rejected"
    SUPERSEDE = "be superseded"
    RESTORE = "be restored"
    WITHDRAW = "be withdrawn"


_S, _A = ReviewState, ReviewAct

REVIEW_TRANSITIONS: dict[ReviewState, dict[ReviewAct, ReviewState]] = {
    _S.VALIDATING: {
        _A.VALIDATE: _S.PENDING,
        _A.VALIDATE_UNREGISTERED: _S.QUARANTINED,
        _A.WITHDRAW: _S.WITHDRAWN,
    },
    _S.QUARANTINED: {_A.REGISTER: _S.PENDING, _A.WITHDRAW: _S.WITHDRAWN},
    _S.PENDING: {
        _A.START: _S.IN_REVIEW,
        _A.ACCEPT: _S.ACCEPTED,
        _A.REJECT: _S.REJECTED,
        _A.SUPERSEDE: _S.SUPERSEDED,
        _A.WITHDRAW: _S.WITHDRAWN,
    },
    _S.IN_REVIEW: {
        _A.RELEASE: _S.PENDING,
        _A.ACCEPT: _S.ACCEPTED,
        _A.REJECT: _S.REJECTED,
        _A.SUPERSEDE: _S.SUPERSEDED,
        _A.WITHDRAW: _S.WITHDRAWN,
    },
    _S.ACCEPTED: {_A.REJECT: _S.REJECTED, _A.SUPERSEDE: _S.SUPERSEDED, _A.WITHDRAW: _S.WITHDRAWN},
    _S.REJECTED: {_A.ACCEPT: _S.ACCEPTED, _A.WITHDRAW: _S.WITHDRAWN},
    _S.SUPERSEDED: {_A.RESTORE: _S.PENDING, _A.WITHDRAW: _S.WITHDRAWN},
    _S.WITHDRAWN: {},
}
"""Every review state, and where each act that is possible there leads."""

MODEL_TRANSITIONS: dict[ModelStatus, frozenset[ModelStatus]] = {
    ModelStatus.REGISTERED: frozenset({ModelStatus.SHADOW, ModelStatus.RECALLED}),
    ModelStatus.SHADOW: frozenset({ModelStatus.APPROVED, ModelStatus.RECALLED}),
    ModelStatus.APPROVED: frozenset({ModelStatus.SUSPENDED, ModelStatus.RECALLED}),
    ModelStatus.SUSPENDED: frozenset({ModelStatus.APPROVED, ModelStatus.RETIRED, ModelStatus.RECALLED}),
    ModelStatus.RETIRED: frozenset({ModelStatus.RECALLED}),
    ModelStatus.RECALLED: frozenset({ModelStatus.SUSPENDED}),
}
"""Every status of a model version, and the ones it may change to."""

SUPERSEDABLE = frozenset(state for state, acts in REVIEW_TRANSITIONS.items() if _A.SUPERSEDE in acts)
"""The states in which a version gives way to a newer accepted one of its line."""

AWAITING_REVIEW = frozenset({_S.PENDING, _S.IN_REVIEW})
"""The states in which a version waits for a reader."""


def after(state: ReviewState, act: ReviewAct) -> ReviewState:
    """The state that the act leads to.

    Raises TransitionRefused when the table has no such step, KeyError or ValueError when a word is unknown.
    """
    steps = REVIEW_TRANSITIONS[ReviewState(state)]
    if ReviewAct(act) not in steps:
        raise TransitionRefused(f"A version that is {state.replace('_', ' ')} cannot {act}.", state=str(state))
    return steps[act]


def require_status_change(
    current: ModelStatus, wanted: ModelStatus, *, recalled_by: str, actor_key: str, is_person: bool
) -> None:
    """Raise TransitionRefused unless the status may change so; a recall is lifted by a second person.

    ``recalled_by`` is the key of the actor who recalled the version; it and ``is_person`` are read only when it is recalled.
    """
    if wanted not in MODEL_TRANSITIONS[ModelStatus(current)]:
        allowed = ", ".join(sorted(MODEL_TRANSITIONS[current])) or "nothing"
        raise TransitionRefused(f"A model version that is {current} can become {allowed}; not {wanted}.")
    if current is ModelStatus.RECALLED and not is_person:
        raise TransitionRefused("A recall is lifted by a second person, not by a program.")
    if current is ModelStatus.RECALLED and recalled_by == actor_key:
        raise TransitionRefused("A recall is lifted by a second person: you are the one who recalled this version.")
