"""Words what is put on the screen beside an overlay: AI content is never drawn unlabelled."""

from dataclasses import dataclass
from datetime import date

from overlays.governance.policy import Reason
from overlays.governance.vocabulary import ReviewState, Verdict

STATE_WORDS: dict[ReviewState, str] = {
    ReviewState.VALIDATING: "still being validated",
    ReviewState.QUARANTINED: "quarantined, model version not registered",
    ReviewState.PENDING: "not reviewed",
    ReviewState.IN_REVIEW: "in review",
    ReviewState.ACCEPTED: "accepted",
    ReviewState.REJECTED: "rejected",
    ReviewState.SUPERSEDED: "superseded",
    ReviewState.WITHDRAWN: "withdrawn",
}

REASON_SENTENCES: dict[str, str] = {
    "validating": "The registry is still reading it.",
    "quarantined": "Its model version is not registered.",
    "pending": "Nobody has reviewed it.",
    "in_review": "A reader is reviewing it.",
    "accepted": "Accepted by {reviewer} on {reviewed}.",
    "rejected": "Rejected by {reviewer} on {reviewed}.",
    "superseded": "A newer version of it was accepted.",
    "withdrawn": "It was withdrawn.",
    "sources_verified": "Its source images were found and agree.",
    "sources_unverified": "Its source images could not be looked up.",
    "sources_missing": "Source images that it names are missing.",
    "sources_conflict": "It contradicts its source images: other patient, study or frame of reference.",
    "model_registered": "Its model version is registered but not approved.",
    "model_shadow": "Its model version runs in shadow: for evaluation, not for care.",
    "model_approved": "Its model version is approved.",
    "model_suspended": "Its model version is suspended.",
    "model_retired": "Its model version is retired.",
    "model_recalled": "Its model version is recalled.",
    "model_not_registered": "No registered model version stands behind it.",
    "newer_version_waits": "A newer version of it waits for review.",
    "digest_differs": "The bytes asked about are not the stored ones.",
    "not_registered": "The registry does not know this instance.",
    "internal_fault": "The registry could not decide.",
}
"""The sentence of every reason that a verdict can have."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What a label names: the model (or the person who corrected), the state and its reviewer."""

    model_name: str
    model_version: str
    review_state: ReviewState
    author: str = ""
    reviewer: str = ""
    reviewed: date | None = None


def label(naming: Naming) -> str:
    """The label to draw, such as ``AI · LiverSeg 2.1.0 · accepted by R. Lee, 2026-11-20``."""
    if naming.author:
        who = f"Corrected by {naming.author}"
    elif naming.model_name:
        who = f"AI · {naming.model_name} {naming.model_version}".rstrip()
    else:
        who = "AI · unknown model"
    state = STATE_WORDS[naming.review_state]
    if naming.review_state in (ReviewState.ACCEPTED, ReviewState.REJECTED) and naming.reviewer:
        state += f" by {naming.reviewer}, {naming.reviewed:%Y-%m-%d}"
    return f"{who} · {state}"


def reason_text(reason: Reason, naming: Naming) -> str:
    """The sentence of a reason. Raises KeyError for a code that is not in the table."""
    reviewed = f"{naming.reviewed:%Y-%m-%d}" if naming.reviewed else "an unknown day"
    return REASON_SENTENCES[reason.code].format(reviewer=naming.reviewer or "a reader", reviewed=reviewed)


def warning(verdict: Verdict, sentences: list[str]) -> str | None:
    """What a viewer shows beside the label when it draws with a warning; None otherwise."""
    return " ".join(sentences) if verdict is Verdict.SHOW_WITH_WARNING else None
