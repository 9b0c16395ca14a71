"""Describes one fault of an instance in words that its author can act on."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the instance."""

    ERROR = "error"
    """The instance is refused."""
    WARNING = "warning"
    """The instance is stored, and the finding with it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault: the rule's id (``SEG-004``), its severity, where it is and what was found there.

    ``path`` names the attribute by tag and keyword, with items counted from 1:
    ``(0062,0002)[2].(0062,0004) SegmentNumber``. ``sentence`` states the rule and the value found. Values that may identify a
    patient never stand in it.
    """

    rule: str
    severity: Severity
    path: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """The finding as it is stored and answered."""
        return asdict(self)


def refuses(findings: "tuple[Finding, ...] | list[Finding]") -> bool:
    """Whether any of the findings is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)
