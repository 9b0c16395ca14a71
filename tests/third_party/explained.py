"""Says of one object why the readers differ, from its findings and from the kept reasons; what has no reason is named."""

from collections.abc import Iterator
from dataclasses import dataclass

from overlays.dicom.rules.table import TABLE
from tests.third_party.reasons import OF_DCIODVFY, OF_HIGHDICOM, OF_IMAGES, RIGHT
from tests.third_party.verdicts import OK, Verdicts

REFERENCES = {rule.id: rule.reference for rule in TABLE}


@dataclass(frozen=True)
class Explanation:
    """One sentence; with ``missing`` the disagreement for which nobody has given a reason."""

    sentence: str
    missing: bool = False


def explanations(verdicts: Verdicts) -> tuple[Explanation, ...]:
    """Every disagreement of ours with one of the others, each with its reason; none where all agree."""
    if verdicts.accepted:
        return (*_of_highdicom(verdicts), *_of_dciodvfy(verdicts))
    return tuple(_of_refusal(verdicts))


def _of_highdicom(verdicts: Verdicts) -> Iterator[Explanation]:
    if not verdicts.highdicom_refuses:
        return
    for reason in OF_HIGHDICOM:
        if reason.covers(verdicts.highdicom):
            yield Explanation(f"highdicom: {reason.sentence}")
            return
    if verdicts.opened:
        yield Explanation(verdicts.opened)
        return
    yield Explanation(f"accepted, though highdicom says: {verdicts.highdicom}", missing=True)


def _of_dciodvfy(verdicts: Verdicts) -> Iterator[Explanation]:
    """One line for each reason, which names what it covers."""
    if verdicts.dciodvfy and verdicts.family == "IMAGE":
        yield Explanation(f"dciodvfy: {OF_IMAGES}")
        return
    covered: dict[str, list[str]] = {}
    for line in verdicts.dciodvfy:
        reason = next((reason for reason in OF_DCIODVFY if reason.covers(line)), None)
        if reason is None:
            yield Explanation(f"accepted, though dciodvfy says: {line[:200]}", missing=True)
        else:
            covered.setdefault(reason.sentence, []).append(_attribute(line))
    for sentence, names in covered.items():
        yield Explanation(f"dciodvfy: {', '.join(dict.fromkeys(filter(None, names))) or 'all errors'}: {sentence}")


def _attribute(line: str) -> str:
    """The keyword that an error line is about."""
    path = line.partition(">")[0]
    return path.rpartition("/")[2].partition("(")[0] if path.startswith("</") else ""


def _of_refusal(verdicts: Verdicts) -> Iterator[Explanation]:
    """Our own findings say why; where nobody else minds, it is said besides why the rule is right."""
    if verdicts.highdicom != OK and verdicts.dciodvfy:
        return
    alone = not verdicts.highdicom_refuses and not verdicts.dciodvfy
    if verdicts.refused_on_opening:
        yield Explanation(f"ours: refused on opening: {verdicts.opened}", missing=alone)
    for rule in verdicts.rules:
        first = next(finding for finding in verdicts.errors if finding.rule == rule)
        reference = REFERENCES.get(rule, "")
        why = f" {RIGHT[rule]}" if alone and rule in RIGHT else ""
        where = f"{first.path} " if first.path else ""
        sentence = f"ours: {rule} {where}{first.sentence} [{reference}]{why}"
        yield Explanation(sentence, missing=alone and rule not in RIGHT)
