"""Turns the facts of a version into a verdict: the least that any of its facts allows."""

from collections.abc import Mapping
from dataclasses import dataclass

from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification

_SHOW, _WARN, _WITHHOLD = Verdict.SHOW, Verdict.SHOW_WITH_WARNING, Verdict.WITHHOLD
_ORDER = (Verdict.WITHHOLD, Verdict.SHOW_WITH_WARNING, Verdict.SHOW)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one version at the moment of asking.

    ``model_status`` is None where no registered model version stands behind it. ``human_author`` is set for a correction: its author is
    a person, no model is asked of it. ``digest_matches`` is False when the asker named another digest than the stored one.
    """

    review_state: ReviewState
    model_status: ModelStatus | None
    verification: Verification
    human_author: bool = False
    newer_waits: bool = False
    digest_matches: bool = True


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a verdict is not better, or why it is good: a stable code; the sentence is made on reading."""

    code: str
    allows: Verdict


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """The most that each fact allows, for one purpose. Every value of every vocabulary is a key."""

    states: Mapping[ReviewState, Verdict]
    statuses: Mapping[ModelStatus, Verdict]
    verifications: Mapping[Verification, Verdict]
    no_model: Verdict
    newer_waits: Verdict

    def __post_init__(self) -> None:
        for table, words in (
            (self.states, ReviewState),
            (self.statuses, ModelStatus),
            (self.verifications, Verification),
        ):
            if missing := set(words) - set(table):
                raise ValueError(f"a policy says what {sorted(missing)} allow")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A named, numbered set of ceilings, one for each purpose."""

    name: str
    version: int
    purposes: Mapping[Purpose, Ceilings]

    def __post_init__(self) -> None:
        if missing := set(Purpose) - set(self.purposes):
            raise ValueError(f"a policy answers for {sorted(missing)}")


_CLINICAL = Ceilings(
    states={state: _WITHHOLD for state in ReviewState} | {ReviewState.ACCEPTED: _SHOW},
    statuses={status: _WITHHOLD for status in ModelStatus} | {ModelStatus.APPROVED: _SHOW, ModelStatus.RETIRED: _WARN},
    verifications={
        Verification.VERIFIED: _SHOW,
        Verification.UNVERIFIED: _WARN,
        Verification.MISSING: _WITHHOLD,
        Verification.CONFLICT: _WITHHOLD,
    },
    no_model=_WITHHOLD,
    newer_waits=_WARN,
)
_REVIEW = Ceilings(
    states={state: _WITHHOLD for state in ReviewState}
    | {
        ReviewState.ACCEPTED: _SHOW,
        ReviewState.PENDING: _WARN,
        ReviewState.IN_REVIEW: _WARN,
        ReviewState.REJECTED: _WARN,
    },
    statuses={status: _WARN for status in ModelStatus} | {ModelStatus.APPROVED: _SHOW, ModelStatus.RECALLED: _WITHHOLD},
    verifications={
        Verification.VERIFIED: _SHOW,
        Verification.UNVERIFIED: _WARN,
        Verification.MISSING: _WARN,
        Verification.CONFLICT: _WITHHOLD,
    },
    no_model=_WITHHOLD,
    newer_waits=_WARN,
)
_RESEARCH = Ceilings(
    states={state: _WITHHOLD for state in ReviewState},
    statuses={status: _WITHHOLD for status in ModelStatus},
    verifications={verification: _WITHHOLD for verification in Verification},
    no_model=_WITHHOLD,
    newer_waits=_WITHHOLD,
)

DEFAULT_POLICY = Policy(
    name="default",
    version=1,
    purposes={Purpose.CLINICAL: _CLINICAL, Purpose.REVIEW: _REVIEW, Purpose.RESEARCH: _RESEARCH},
)
"""What holds where nobody wrote another policy."""


def least(verdicts: list[Verdict]) -> Verdict:
    """The strictest of the verdicts; of none, withhold. Raises ValueError for a word that is no verdict."""
    return min((Verdict(verdict) for verdict in verdicts), key=_ORDER.index, default=Verdict.WITHHOLD)


def rule(facts: Facts, purpose: Purpose, policy: Policy) -> tuple[Verdict, tuple[Reason, ...]]:
    """The verdict on a version for a purpose, with every reason that keeps it from being better.

    A version that may be shown without reserve has the one reason that says so. A fact outside the vocabularies raises KeyError; the
    caller withholds.
    """
    ceilings = policy.purposes[Purpose(purpose)]
    reasons = [
        Reason(code=f"{facts.review_state}", allows=ceilings.states[facts.review_state]),
        Reason(code=f"sources_{facts.verification}", allows=ceilings.verifications[facts.verification]),
    ]
    if facts.model_status is not None:
        reasons.append(Reason(code=f"model_{facts.model_status}", allows=ceilings.statuses[facts.model_status]))
    elif not facts.human_author:
        reasons.append(Reason(code="model_not_registered", allows=ceilings.no_model))
    if facts.newer_waits and facts.review_state is ReviewState.ACCEPTED:  # of the others their own state says enough
        reasons.append(Reason(code="newer_version_waits", allows=ceilings.newer_waits))
    if not facts.digest_matches:
        reasons.append(Reason(code="digest_differs", allows=_WITHHOLD))
    verdict = least([reason.allows for reason in reasons])
    limiting = tuple(reason for reason in reasons if reason.allows is not _SHOW)
    return verdict, limiting or (reasons[0],)
