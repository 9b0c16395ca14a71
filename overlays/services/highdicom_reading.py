"""Lets highdicom open and decode an object, in a child process under limits."""

from pathlib import Path

from django.conf import settings

from overlays.dicom.child_limits import NO_READER
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.sandbox import SandboxFailure, SandboxRefused, Task
from overlays.queries.decoder import decoder
from overlays.services.registry_findings import finding

REFUSED_BY_LIBRARY, NO_ANSWER = "REG-008", "REG-013"
"""The two rules of a NotRead: the object's fault, and the limits'."""


class NotRead(Exception):
    """The library everybody uses cannot read the object, or not within the limits; carries the finding that says so."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.sentence)
        self.finding = found


def reads_later(size: int) -> bool:
    """Whether an object of so many bytes is answered for before highdicom has read it, and withheld until it has."""
    return size > settings.OVERLAYS_READ_LATER_BYTES


def read_with_highdicom(path: Path) -> tuple[Finding, ...]:
    """What highdicom makes of the object: nothing to say, or a warning that it does not know a legal form.

    That it has no reader for the class at all says nothing of the object, and nothing is said then.

    Raises NotRead with REG-008 where it refuses the object, with REG-013 where the limits end it.
    """
    try:
        answer = decoder().run(Task.OPEN, path)
    except SandboxRefused as refused:
        raise NotRead(finding(REFUSED_BY_LIBRARY, said=refused.sentence)) from refused
    except SandboxFailure as failure:
        raise NotRead(finding(NO_ANSWER, said=failure.sentence)) from failure
    readable, reason = answer.result.get("readable", True), answer.result.get("reason")
    if not readable and reason != NO_READER.reason:
        return (finding(REFUSED_BY_LIBRARY, Severity.WARNING, said=reason),)
    return ()
