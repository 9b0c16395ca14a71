"""Inspects a stored object without pydicom: what it says, and everything that is wrong with it."""

from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from overlays.dicom import value_representations as vr
from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.faults import Fault, FaultKind, Unreadable
from overlays.dicom.findings import Finding
from overlays.dicom.inflate import inflated
from overlays.dicom.instance import Instance
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.read_instance import read_instance
from overlays.dicom.rules.policy import AS_WRITTEN, RulePolicy, ask
from overlays.dicom.rules.rule import Stage
from overlays.dicom.scan import scan
from overlays.dicom.subject import Subject
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, EXPLICIT_BE, IMPLICIT_LE, TRANSFER_SYNTAXES


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """``instance`` is None when the file cannot be read as an object of a class that is taken in, or claims more than the limits
    allow; then at least one finding is an error.
    """

    instance: Instance | None
    findings: tuple[Finding, ...]


def inspect(
    path: Path, *, bounds: Bounds, scratch: Path | None = None, policy: RulePolicy = AS_WRITTEN, passed: bool = False
) -> Inspection:
    """Everything the rules find, and the instance.

    ``scratch`` is the folder for the inflated form of a deflated object (None: the system's); ``policy`` is what the deployment
    changes of the rules; of an object that ``passed`` them before, those of its content are not asked. Pixels are looked at in place, a
    few megabytes at a time: takes memory in proportion to the number of elements, never to the file. Raises OSError when the file cannot
    be read at all.
    """
    subject = Subject(bounds=bounds)
    size = path.stat().st_size
    if size > bounds.max_bytes:
        subject.faults.append(
            Fault(FaultKind.SIZE, "", f"The file has {size} bytes; at most {bounds.max_bytes} are taken.")
        )
        return _answer(subject, policy, passed)
    if size == 0:
        subject.faults.append(Fault(FaultKind.NOT_PART10, "", "The file is empty."))
        return _answer(subject, policy, passed)
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            subject.meta = meta = read_file_meta(data)
            subject.faults.extend(meta.faults)
            if meta.transfer_syntax_uid == DEFLATED_LE:
                with inflated(data, meta.body, limit=bounds.max_inflated_bytes, scratch=scratch) as inner:
                    return _of_data_set(subject, inner, 0, policy, passed)
            if meta.transfer_syntax_uid in TRANSFER_SYNTAXES and meta.transfer_syntax_uid != EXPLICIT_BE:
                return _of_data_set(subject, data, meta.body, policy, passed)
        except Unreadable as unreadable:
            subject.faults.append(unreadable.fault)
        return _answer(subject, policy, passed)


def _of_data_set(subject: Subject, data: mmap, start: int, policy: RulePolicy, passed: bool) -> Inspection:
    implicit = subject.transfer_syntax == IMPLICIT_LE
    if implicit:
        _refuse_explicit(data, start)
    table = scan(data, start, len(data), implicit=implicit, bounds=subject.bounds)
    subject.faults.extend(table.faults)
    subject.root = DataSet(table)
    return _answer(subject, policy, passed)


def _refuse_explicit(data: mmap, start: int) -> None:
    """Two letters of a value representation behind the first tag, read as a length, would be at least 16,705 bytes."""
    if int.from_bytes(data[start + 4 : start + 6], "little") in vr.NAMES:
        letters = data[start + 4 : start + 6].decode("ascii")
        raise Unreadable(
            FaultKind.VR_FORM, "", f"The transfer syntax is implicit VR, but the first element bears {letters}."
        )


def _answer(subject: Subject, policy: RulePolicy, passed: bool) -> Inspection:
    findings = _ask(subject, Stage.BYTES, policy)
    if subject.root is None or subject.family is None:
        return Inspection(instance=None, findings=tuple(findings))
    beyond = _ask(subject, Stage.LIMITS, policy)
    if beyond:
        return Inspection(instance=None, findings=(*findings, *beyond))
    findings += [] if passed else _ask(subject, Stage.CONTENT, policy)
    return Inspection(instance=read_instance(subject), findings=tuple(findings))


def _ask(subject: Subject, stage: Stage, policy: RulePolicy) -> list[Finding]:
    return ask(stage, subject.family, subject, limit=subject.bounds.max_findings_per_rule, policy=policy)
