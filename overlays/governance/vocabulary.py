"""Lists the words of the registry's states and purposes; the database holds the same values in check constraints."""

from enum import StrEnum


class ReviewState(StrEnum):
    """Where a version stands with its readers."""

    VALIDATING = "validating"
    QUARANTINED = "quarantined"
    PENDING = "pending"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class ModelStatus(StrEnum):
    """Where a model version stands with its steward."""

    REGISTERED = "registered"
    SHADOW = "shadow"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    RECALLED = "recalled"


class Verification(StrEnum):
    """What looking up the source instances of a version has shown."""

    VERIFIED = "verified"
    """Every one was found, and agrees in patient, study and frame of reference."""
    UNVERIFIED = "unverified"
    """No archive is configured, or it does not answer."""
    MISSING = "missing"
    """The archive answers, and does not have all of them."""
    CONFLICT = "conflict"
    """At least one belongs to another patient, study or frame of reference."""


class Purpose(StrEnum):
    """What a viewer wants to render for."""

    CLINICAL = "clinical"
    REVIEW = "review"
    RESEARCH = "research"


class Verdict(StrEnum):
    """Whether derived content may be drawn: the values of Rendering Intent (111056, DCM), CID 6034."""

    SHOW = "show"
    SHOW_WITH_WARNING = "show_with_warning"
    WITHHOLD = "withhold"


RENDERING_INTENT: dict[Verdict, dict[str, str]] = {
    Verdict.SHOW: {"code": "111150", "scheme": "DCM", "meaning": "Presentation Required"},
    Verdict.SHOW_WITH_WARNING: {"code": "111151", "scheme": "DCM", "meaning": "Presentation Optional"},
    Verdict.WITHHOLD: {"code": "111152", "scheme": "DCM", "meaning": "Not for Presentation"},
}
"""The DICOM code of each verdict."""


class Decision(StrEnum):
    """What one review says."""

    ACCEPT = "accept"
    REJECT = "reject"
