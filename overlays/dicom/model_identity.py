"""Decides which model version an object says it was made by."""

from dataclasses import dataclass, replace

from overlays.dicom.findings import Finding
from overlays.dicom.instance import AlgorithmClaim, Instance
from overlays.dicom.rules.model import ModelQuestion, differs
from overlays.dicom.rules.policy import AS_WRITTEN, RulePolicy, ask
from overlays.dicom.rules.rule import Stage

MAX_FINDINGS_PER_RULE = 20
DECLARED_RANK = 4


@dataclass(frozen=True, kw_only=True)
class ModelClaim:
    """The model version that an object is believed to be made by; ``place`` is the tag path of the best place that says so."""

    name: str
    version: str
    manufacturer: str
    place: str


def claimed_model(
    instance: Instance, declared: AlgorithmClaim | None, *, policy: RulePolicy = AS_WRITTEN
) -> tuple[ModelClaim | None, tuple[Finding, ...]]:
    """The model version, and what is to be said of the places that name it.

    Places are believed in order of rank: algorithm identification of a segment or TID 4019, Contributing Equipment, equipment with
    Segment Algorithm Name, and last what the client declared. A version or manufacturer that the best place leaves out is taken from
    the next place that names the same model. None when no place names a model.
    """
    claims = tuple(sorted(instance.algorithms, key=lambda claim: claim.rank))
    if declared is not None:
        claims = (*claims, replace(declared, rank=DECLARED_RANK))
    question = ModelQuestion(claims=_completed(claims))
    findings = tuple(ask(Stage.MODEL, instance.family, question, limit=MAX_FINDINGS_PER_RULE, policy=policy))
    if not question.claims:
        return None, findings
    best = question.claims[0]
    return ModelClaim(name=best.name, version=best.version, manufacturer=best.manufacturer, place=best.place), findings


def _completed(claims: tuple[AlgorithmClaim, ...]) -> tuple[AlgorithmClaim, ...]:
    if not claims:
        return ()
    best, *others = claims
    for other in others:
        if other.name.strip().casefold() == best.name.strip().casefold() and not differs(best, other):
            best = replace(
                best, version=best.version or other.version, manufacturer=best.manufacturer or other.manufacturer
            )
    return (best, *others)
