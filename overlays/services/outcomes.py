"""Says what became of one posted instance."""

from dataclasses import dataclass
from enum import StrEnum

from overlays.dicom.findings import Finding, Severity, refuses
from overlays.dicom.instance import Instance


class Refusal(StrEnum):
    """Why an instance was not stored; each face has its own codes for these."""

    NOT_UNDERSTOOD = "not understood"
    CLASS_NOT_SUPPORTED = "class not supported"
    SYNTAX_NOT_SUPPORTED = "transfer syntax not supported"
    RULES_BROKEN = "rules broken"
    DUPLICATE = "duplicate"
    NOT_PERMITTED = "not permitted"
    RESOURCES = "resources"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One instance: its identity as far as it could be read, every finding, and the refusal (None: it is stored)."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    findings: tuple[Finding, ...]
    refusal: Refusal | None
    already_stored: bool = False
    is_version: bool = False


class Refused(Exception):
    """Ends the storing of one instance; carries why, and every finding."""

    def __init__(self, refusal: Refusal, findings: tuple[Finding, ...]) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.findings = findings


def refuse_on_errors(findings: tuple[Finding, ...], refusal: Refusal) -> None:
    """Raise Refused when any of the findings is an error."""
    if refuses(findings):
        raise Refused(refusal, findings)


def outcome(
    instance: Instance | None,
    findings: tuple[Finding, ...],
    *,
    refusal: Refusal | None = None,
    already_stored: bool = False,
    is_version: bool = False,
    claimed: tuple[str, str] = ("", ""),
) -> Outcome:
    """The outcome for an instance, or for bytes that could not be read as one.

    Of such bytes ``claimed`` is the SOP class and instance that their file meta information names, as far as it can be read.
    """
    return Outcome(
        sop_class_uid=instance.sop_class_uid if instance else claimed[0],
        sop_instance_uid=instance.sop_instance_uid if instance else claimed[1],
        study_instance_uid=instance.study_instance_uid if instance else "",
        series_instance_uid=instance.series_instance_uid if instance else "",
        findings=findings,
        refusal=refusal,
        already_stored=already_stored,
        is_version=is_version,
    )


def rules_broken(findings: tuple[Finding, ...]) -> str:
    """The ids of the rules whose breach refuses, for the log."""
    return ", ".join(sorted({found.rule for found in findings if found.severity is Severity.ERROR}))
