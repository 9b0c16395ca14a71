"""Words states for people: a short text, and a tone that only repeats what the text says."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.html import format_html
from django.utils.safestring import SafeString

from overlays.governance.vocabulary import Decision, ModelStatus, ReviewState, Verdict, Verification


class Tone(StrEnum):
    """The colour of a badge."""

    GOOD = "good"
    WAITING = "waiting"
    CARE = "care"
    BAD = "bad"
    QUIET = "quiet"


Words = tuple[str, Tone]

REVIEW_STATES: dict[ReviewState, Words] = {
    ReviewState.VALIDATING: ("Validating", Tone.QUIET),
    ReviewState.QUARANTINED: ("Quarantined", Tone.CARE),
    ReviewState.PENDING: ("Pending", Tone.WAITING),
    ReviewState.IN_REVIEW: ("In review", Tone.WAITING),
    ReviewState.ACCEPTED: ("Accepted", Tone.GOOD),
    ReviewState.REJECTED: ("Rejected", Tone.BAD),
    ReviewState.SUPERSEDED: ("Superseded", Tone.QUIET),
    ReviewState.WITHDRAWN: ("Withdrawn", Tone.QUIET),
}
MODEL_STATUSES: dict[ModelStatus, Words] = {
    ModelStatus.REGISTERED: ("Registered", Tone.QUIET),
    ModelStatus.SHADOW: ("Shadow", Tone.CARE),
    ModelStatus.APPROVED: ("Approved", Tone.GOOD),
    ModelStatus.SUSPENDED: ("Suspended", Tone.CARE),
    ModelStatus.RETIRED: ("Retired", Tone.QUIET),
    ModelStatus.RECALLED: ("Recalled", Tone.BAD),
}
VERIFICATIONS: dict[Verification, Words] = {
    Verification.VERIFIED: ("Sources verified", Tone.GOOD),
    Verification.UNVERIFIED: ("Sources unverified", Tone.CARE),
    Verification.MISSING: ("Sources missing", Tone.CARE),
    Verification.CONFLICT: ("Sources conflict", Tone.BAD),
}
VERDICTS: dict[Verdict, Words] = {
    Verdict.SHOW: ("Shown", Tone.GOOD),
    Verdict.SHOW_WITH_WARNING: ("Shown with warning", Tone.CARE),
    Verdict.WITHHOLD: ("Withheld", Tone.BAD),
}
DECISIONS: dict[Decision, Words] = {
    Decision.ACCEPT: ("Accepted", Tone.GOOD),
    Decision.REJECT: ("Rejected", Tone.BAD),
}


def badge(words: Words, prefix: str = "") -> SafeString:
    """A badge; ``prefix`` says of what, where the place does not."""
    text, tone = words
    return format_html('<span class="ov-badge ov-{}">{}{}</span>', tone, prefix, text)


def review_state(value: str) -> SafeString:
    """The badge of a review state."""
    return badge(REVIEW_STATES[ReviewState(value)])


def model_status(value: str | None) -> SafeString:
    """The badge of a model version's status; None where no registered version stands behind an overlay."""
    return badge(MODEL_STATUSES[ModelStatus(value)] if value else ("Not registered", Tone.CARE), "Model: ")


def verification(value: str) -> SafeString:
    """The badge of a verification."""
    return badge(VERIFICATIONS[Verification(value)])


def verdict(value: str, prefix: str = "") -> SafeString:
    """The badge of a verdict."""
    return badge(VERDICTS[Verdict(value)], prefix)


def decision(value: str) -> SafeString:
    """The badge of one review."""
    return badge(DECISIONS[Decision(value)])


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says something: ``12 min``, ``3 h``, ``5 d``."""
    passed = max(now - since, timedelta())
    if passed < timedelta(hours=1):
        return f"{passed.seconds // 60} min"
    if passed < timedelta(days=2):
        return f"{passed // timedelta(hours=1)} h"
    return f"{passed.days} d"
