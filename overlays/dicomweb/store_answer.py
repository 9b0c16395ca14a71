"""Words the answer of STOW-RS: the Store Instances Response Module as DICOM JSON (PS3.18 10.5.3, I.2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from overlays.dicom.findings import Severity
from overlays.dicomweb.json_answer import Locate
from overlays.services.outcomes import Outcome, Refusal

MOST_COMMENTS = 20_000
"""Findings told in one answer; beyond, each instance tells its first one, so that no body can make the answer outgrow the memory."""
LONGEST_COMMENT = 64
"""Characters of Error Comment (0000,0902): VR LO, PS3.5 Table 6.2-1."""

PRIVATE_CREATOR = "99OVERLAYREG"
CREATOR_TAG, WHOLE_TAG = "00770010", "00771001"
"""The private element (0077,xx01), VR UT, that holds a comment at its full length, and the one that reserves its block (PS3.5 7.8.1)."""

_STEP = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)(?:\[(\d+)\])?")


class FailureReason(IntEnum):
    """Values of Failure Reason (0008,1197): PS3.18 Table I.2-2, PS3.4 GG.4.2, PS3.7 C.5."""

    PROCESSING_FAILURE = 0x0110
    DUPLICATE_INSTANCE = 0x0111
    CLASS_NOT_SUPPORTED = 0x0122
    NOT_AUTHORIZED = 0x0124
    OUT_OF_RESOURCES = 0xA700
    DOES_NOT_MATCH_CLASS = 0xA900
    CANNOT_UNDERSTAND = 0xC000
    TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122


DOES_NOT_MATCH_CLASS_WARNING = 0xB007
"""Warning Reason (0008,1196) of an instance that was stored with findings (PS3.18 Table I.2-1); nothing is ever coerced or discarded."""

REASON_OF_REFUSAL: dict[Refusal, FailureReason] = {
    Refusal.NOT_UNDERSTOOD: FailureReason.CANNOT_UNDERSTAND,
    Refusal.CLASS_NOT_SUPPORTED: FailureReason.CLASS_NOT_SUPPORTED,
    Refusal.SYNTAX_NOT_SUPPORTED: FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED,
    Refusal.RULES_BROKEN: FailureReason.DOES_NOT_MATCH_CLASS,
    Refusal.DUPLICATE: FailureReason.DUPLICATE_INSTANCE,
    Refusal.NOT_PERMITTED: FailureReason.NOT_AUTHORIZED,
    Refusal.RESOURCES: FailureReason.OUT_OF_RESOURCES,
}
"""The code of every refusal."""


@dataclass(frozen=True, kw_only=True)
class PartFailed:
    """A part that never became an instance: why, in one sentence."""

    reason: FailureReason
    sentence: str


Result = Outcome | PartFailed


def is_stored(result: Result) -> bool:
    """Whether the part is in the registry now."""
    return isinstance(result, Outcome) and result.refusal is None


def status_of(results: Sequence[Result]) -> int:
    """200 when all were stored without reserve, 409 when none was, else 202 (PS3.18 Table 10.5.3-1)."""
    stored = [result for result in results if is_stored(result)]
    if not stored:
        return 409
    return 200 if len(stored) == len(results) and not any(result.findings for result in stored) else 202


def data_set(results: Sequence[Result], locate: Locate, *, cut_short: str = "") -> dict[str, dict]:
    """The module. ``cut_short`` says why the body could not be read to its end.

    What bears no SOP Instance UID, because it could not be read as an instance, stands in Other Failures Sequence; items of Failed SOP
    Sequence must name one.
    """
    budget = _Budget(MOST_COMMENTS)
    stored = [result for result in results if is_stored(result)]
    refused = [result for result in results if isinstance(result, Outcome) and result.refusal is not None]
    parts = [result for result in results if isinstance(result, PartFailed)]
    named = [result for result in refused if result.sop_instance_uid]
    other = [_refused(result, budget) for result in refused if not result.sop_instance_uid]
    other += [_failure(part.reason, [_comment(part.sentence)]) for part in parts]
    if cut_short:
        other.append(_failure(FailureReason.PROCESSING_FAILURE, [_comment(cut_short)]))
    found = {}
    studies = {result.study_instance_uid for result in stored}
    if len(studies) == 1:
        found["00081190"] = _value("UR", locate(study=studies.pop()))
    for tag, items in (
        ("00081198", [_reference(result) | _refused(result, budget) for result in named]),
        ("00081199", [_reference(result) | _accepted(result, locate, budget) for result in stored]),
        ("0008119A", other),
    ):
        if items:
            found[tag] = {"vr": "SQ", "Value": items}
    return found


class _Budget:
    def __init__(self, left: int) -> None:
        self.left = left

    def comments(self, result: Outcome) -> list[dict]:
        gravest_first = sorted(result.findings, key=lambda found: found.severity is not Severity.ERROR)
        told = gravest_first if self.left > 0 else gravest_first[:1]
        self.left -= len(told)
        return [_comment(found.sentence, rule=found.rule, path=found.path) for found in told]


def _value(vr: str, *values: object) -> dict:
    return {"vr": vr, "Value": list(values)}


def _reference(outcome: Outcome) -> dict[str, dict]:
    return {
        "00081150": _value("UI", outcome.sop_class_uid),
        "00081155": _value("UI", outcome.sop_instance_uid),
    }


def _accepted(outcome: Outcome, locate: Locate, budget: _Budget) -> dict[str, dict]:
    address = locate(
        study=outcome.study_instance_uid, series=outcome.series_instance_uid, instance=outcome.sop_instance_uid
    )
    found = {"00081190": _value("UR", address)}
    if outcome.findings:
        found["00081196"] = _value("US", DOES_NOT_MATCH_CLASS_WARNING)
        found["00741048"] = _value("SQ", *budget.comments(outcome))
    return found


def _refused(outcome: Outcome, budget: _Budget) -> dict[str, dict]:
    return _failure(REASON_OF_REFUSAL[outcome.refusal], budget.comments(outcome))


def _failure(reason: FailureReason, comments: list[dict]) -> dict[str, dict]:
    found = {"00081197": _value("US", int(reason))}
    if comments:
        found["00741048"] = _value("SQ", *comments)
    return found


def _comment(sentence: str, *, rule: str = "", path: str = "") -> dict[str, dict]:
    """An item of Failed Attributes Sequence: Error Comment, and which attribute it speaks of (Selector Attribute Macro, PS3.3 10.17).

    Error Comment has the rule and as much of the sentence as an LO holds; rule, place and whole sentence stand in the private element.
    """
    where = " ".join(filter(None, (rule, path)))
    found = {
        "00000902": _value("LO", _short(f"[{rule}] {sentence}" if rule else sentence)),
        CREATOR_TAG: _value("LO", PRIVATE_CREATOR),
        WHOLE_TAG: _value("UT", f"[{where}] {sentence}" if where else sentence),
    }
    steps = _STEP.findall(path)
    if steps:
        *above, last = steps
        found["00720026"] = _value("AT", last[0] + last[1])
        if above:
            found["00720052"] = _value("AT", *(group + element for group, element, _ in above))
            found["00741057"] = _value("IS", *(int(item or 1) for _, _, item in above))
    return found


def _short(text: str) -> str:
    """The text as one value of VR LO: a backslash would part two values, and control characters may not be in it."""
    line = "".join(letter if letter.isprintable() else " " for letter in text.replace("\\", "/")).strip()
    return line if len(line) <= LONGEST_COMMENT else line[: LONGEST_COMMENT - 1].rstrip() + "…"
