"""Holds the coded reasons for rejecting an overlay: one table, the only place where private codes stand."""

from dataclasses import dataclass

from overlays.governance.errors import Invalid

PRIVATE_SCHEME = "99OVERLAYREG"
"""Coding Scheme Designator of the registry's own codes; DICOM has no list of the errors of AI (PS3.16, 2024c)."""


@dataclass(frozen=True, kw_only=True)
class RejectionReason:
    """A coded concept: what a reader found wrong."""

    code: str
    scheme: str
    meaning: str


def _own(code: str, meaning: str) -> RejectionReason:
    return RejectionReason(code=code, scheme=PRIVATE_SCHEME, meaning=meaning)


def _dcm(code: str, meaning: str) -> RejectionReason:
    return RejectionReason(code=code, scheme="DCM", meaning=meaning)


REJECTION_REASONS: dict[str, RejectionReason] = {
    reason.code: reason
    for reason in (
        _own("FALSE-POSITIVE", "False positive: marks what is not there"),
        _own("INCOMPLETE", "False negative or incomplete: misses what is there"),
        _own("BOUNDARY", "Boundary is wrong"),
        _own("WRONG-ANATOMY", "Wrong anatomical structure"),
        _own("WRONG-SIDE", "Wrong laterality"),
        _own("MISREGISTERED", "Misregistered against the images"),
        _own("WRONG-PATIENT", "Wrong patient or study"),
        _own("OUTSIDE-USE", "Outside the model's intended use"),
        _own("POOR-INPUT", "Input images unsuitable for the model"),
        _own("OLD-MODEL", "Made by a superseded model version"),
        _own("NOT-RELEVANT", "Not clinically relevant"),
        _own("DUPLICATE", "Duplicate of another result"),
        _dcm("111207", "Image artifact(s)"),
        _dcm("111209", "Positioning"),
        _dcm("111210", "Motion blur"),
        _dcm("111218", "Software failure"),
        _dcm("111219", "Inappropriate image processing"),
    )
}
"""Every reason that a rejection may carry, by its code; those of DCM are of CID 7011."""


def rejection_reason(code: str) -> RejectionReason:
    """The reason with this code. Raises Invalid, naming the codes there are, when there is none."""
    if code not in REJECTION_REASONS:
        raise Invalid(
            "A rejection carries a reason from the table: " + ", ".join(sorted(REJECTION_REASONS)) + ".", reason=code
        )
    return REJECTION_REASONS[code]
