"""Asks the three readers about one object and holds their answers side by side."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from overlays.dicom.findings import Finding, Severity, refuses
from overlays.dicom.sandbox import Sandbox, SandboxFailure, SandboxRefused, Task
from tests.cost import Cost
from tests.third_party.dciodvfy import errors_of
from tests.third_party.inspector import InspectionFailed, Inspector
from tests.third_party.questions import Question

MOST_SECONDS = 10.0
MOST_BYTES = 500 << 20
NO_READER = "no reader"
OK = "ok"


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """One object: what each reader says of it.

    ``highdicom`` is ``ok``, ``no reader`` or the complaint; ``dciodvfy`` its error lines; ``opened`` what our decoding child says, empty
    where it opened it; ``failure`` what must never happen: a crash, or more time or memory than any object may take.
    """

    name: str
    family: str
    size: int
    highdicom: str
    dciodvfy: tuple[str, ...]
    findings: tuple[Finding, ...]
    opened: str = ""
    refused_on_opening: bool = False
    seconds: float = 0.0
    grown: int = 0
    failure: str = ""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Our findings that refuse the object."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that refuse it, in the order in which they stand in the table."""
        return tuple(dict.fromkeys(finding.rule for finding in self.errors))

    @property
    def accepted(self) -> bool:
        """Whether we take it in."""
        return not self.errors and not self.refused_on_opening and not self.failure

    @property
    def highdicom_refuses(self) -> bool:
        """Whether highdicom has a reader for it, and that reader fails."""
        return self.highdicom not in (OK, NO_READER)


class Readers:
    """The child processes in which the readers work, each under limits; to be closed."""

    def __init__(self) -> None:
        self.library = Sandbox(size=1, tasks="tests.third_party.child:TASKS")
        self.decoder = Sandbox(size=1)
        self.inspector = Inspector()
        self.scratch = tempfile.TemporaryDirectory()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        self.library.close()
        self.decoder.close()
        self.inspector.close()
        self.scratch.cleanup()


def judged(path: Path, name: str, readers: Readers) -> Verdicts:
    """The verdicts on one object."""
    said = {"name": name, "size": path.stat().st_size, "highdicom": _highdicom(path, readers.library)}
    try:
        said["dciodvfy"] = errors_of(path, Path(readers.scratch.name))
    except subprocess.TimeoutExpired:
        said["dciodvfy"] = ("took too long",)
    try:
        ours = readers.inspector.inspected(path)
    except InspectionFailed as failed:
        return Verdicts(**said, family="", findings=(), failure=str(failed))
    said |= {"family": ours.family, "findings": ours.findings, "seconds": ours.cost.seconds, "grown": ours.cost.grown}
    said["failure"] = _beyond(ours.cost)
    return Verdicts(**said | ({} if refuses(ours.findings) else _opened(path, readers.decoder)))


def _highdicom(path: Path, library: Sandbox) -> str:
    try:
        return OK if library.run(Question.HIGHDICOM, path).result["read"] else NO_READER
    except SandboxFailure as failed:
        return failed.sentence


def _opened(path: Path, decoder: Sandbox) -> dict:
    try:
        result = decoder.run(Task.OPEN, path).result
    except SandboxRefused as refused:
        return {"opened": refused.sentence, "refused_on_opening": True}
    except SandboxFailure as failed:
        return {"failure": f"our decoding child: {failed.sentence}"}
    return {} if result["readable"] else {"opened": result["reason"]}


def _beyond(cost: Cost) -> str:
    if cost.seconds > MOST_SECONDS:
        return f"our inspection took {cost.seconds:.1f} s"
    if cost.grown > MOST_BYTES:
        return f"our inspection took {cost.grown >> 20} MB"
    return ""
