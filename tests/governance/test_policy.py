"""From facts to a verdict: the whole product of facts and purposes."""

import itertools

import pytest

from overlays.governance.policy import DEFAULT_POLICY, Ceilings, Facts, Policy, least, rule
from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification

SHOW, WARN, WITHHOLD = Verdict.SHOW, Verdict.SHOW_WITH_WARNING, Verdict.WITHHOLD
PRODUCT = list(
    itertools.product(ReviewState, [None, *ModelStatus], Verification, [False, True], [False, True], [False, True])
)


def clinical(state, status, verification, human, newer, digest) -> Verdict:
    """The default policy for the clinical purpose, in the words of its table."""
    if state is not ReviewState.ACCEPTED or not digest:
        return WITHHOLD
    if verification in (Verification.CONFLICT, Verification.MISSING):
        return WITHHOLD
    if status is None and not human:
        return WITHHOLD
    if status not in (None, ModelStatus.APPROVED, ModelStatus.RETIRED):
        return WITHHOLD
    if verification is Verification.UNVERIFIED or status is ModelStatus.RETIRED or newer:
        return WARN
    return SHOW


def review(state, status, verification, human, newer, digest) -> Verdict:
    """The default policy for reviewers: also what is pending, in review or rejected, with a warning."""
    visible = (ReviewState.ACCEPTED, ReviewState.PENDING, ReviewState.IN_REVIEW, ReviewState.REJECTED)
    if state not in visible or not digest or verification is Verification.CONFLICT:
        return WITHHOLD
    if (status is None and not human) or status is ModelStatus.RECALLED:
        return WITHHOLD
    plain = (
        state is ReviewState.ACCEPTED
        and status in (None, ModelStatus.APPROVED)
        and verification is Verification.VERIFIED
        and not newer
    )
    return SHOW if plain else WARN


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [(Purpose.CLINICAL, clinical), (Purpose.REVIEW, review), (Purpose.RESEARCH, lambda *facts: WITHHOLD)],
    ids=["clinical", "review", "research"],
)
def test_the_default_policy_over_the_whole_product_of_facts(purpose, expected):
    wrong = []
    for state, status, verification, human, newer, digest in PRODUCT:
        facts = Facts(
            review_state=state,
            model_status=status,
            verification=verification,
            human_author=human,
            newer_waits=newer,
            digest_matches=digest,
        )
        verdict, _ = rule(facts, purpose, DEFAULT_POLICY)
        if verdict is not expected(state, status, verification, human, newer, digest):
            wrong.append((facts, verdict))
    assert not wrong


def sound(**changes) -> Facts:
    known = {
        "review_state": ReviewState.ACCEPTED,
        "model_status": ModelStatus.APPROVED,
        "verification": Verification.VERIFIED,
    }
    return Facts(**(known | changes))


def test_what_is_shown_without_reserve_says_why():
    _, reasons = rule(sound(), Purpose.CLINICAL, DEFAULT_POLICY)
    assert [reason.code for reason in reasons] == ["accepted"]


def test_every_reason_against_is_given_not_the_first():
    facts = sound(
        review_state=ReviewState.REJECTED,
        model_status=ModelStatus.RECALLED,
        verification=Verification.CONFLICT,
        digest_matches=False,
        newer_waits=True,
    )
    _, reasons = rule(facts, Purpose.CLINICAL, DEFAULT_POLICY)
    assert [reason.code for reason in reasons] == [
        "rejected",
        "sources_conflict",
        "model_recalled",
        "digest_differs",
    ]


def test_a_newer_version_that_waits_is_told_of_accepted_ones_alone():
    told = [
        state
        for state in ReviewState
        if "newer_version_waits"
        in {
            reason.code
            for reason in rule(sound(review_state=state, newer_waits=True), Purpose.CLINICAL, DEFAULT_POLICY)[1]
        }
    ]
    assert told == [ReviewState.ACCEPTED]


def test_a_correction_by_a_person_needs_no_model():
    verdict, _ = rule(sound(model_status=None, human_author=True), Purpose.CLINICAL, DEFAULT_POLICY)
    assert verdict is SHOW


def test_a_fact_outside_the_vocabulary_raises():
    with pytest.raises(KeyError):
        rule(sound(review_state="limbo"), Purpose.CLINICAL, DEFAULT_POLICY)


def test_an_unknown_purpose_raises():
    with pytest.raises(ValueError, match="fun"):
        rule(sound(), "fun", DEFAULT_POLICY)


def test_of_no_verdicts_the_least_is_to_withhold():
    assert least([]) is WITHHOLD


def test_a_policy_answers_for_every_purpose():
    with pytest.raises(ValueError, match="research"):
        Policy(name="half", version=1, purposes={Purpose.CLINICAL: DEFAULT_POLICY.purposes[Purpose.CLINICAL]})


def test_a_policy_speaks_of_every_state():
    full = DEFAULT_POLICY.purposes[Purpose.CLINICAL]
    states = {state: verdict for state, verdict in full.states.items() if state is not ReviewState.WITHDRAWN}
    with pytest.raises(ValueError, match="withdrawn"):
        Ceilings(
            states=states,
            statuses=full.statuses,
            verifications=full.verifications,
            no_model=WITHHOLD,
            newer_waits=WARN,
        )
