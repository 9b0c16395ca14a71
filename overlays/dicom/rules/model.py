"""Rules about the places that name the model which made an object."""

from collections.abc import Iterator
from dataclasses import dataclass

from overlays.dicom.instance import AlgorithmClaim
from overlays.dicom.rules.rule import RESULTS, Breach, Rule, Stage, error, warning

MAX_CHARACTERS = 64
"""Of Algorithm Name, Algorithm Version and Manufacturer, which are LO."""


@dataclass(frozen=True, kw_only=True)
class ModelQuestion:
    """All claims, best first, those of the object and what was declared with the request."""

    claims: tuple[AlgorithmClaim, ...]


def differs(one: AlgorithmClaim, other: AlgorithmClaim) -> bool:
    """Whether two claims name different models: what one leaves out contradicts nothing; letter case and outer spaces say nothing."""
    pairs = ((one.name, other.name), (one.version, other.version))
    return any(a and b and a.strip().casefold() != b.strip().casefold() for a, b in pairs)


def _agree(question: ModelQuestion) -> Iterator[Breach]:
    best, *others = question.claims or (None,)
    for other in others:
        if best is not None and differs(best, other):
            yield (
                other.place,
                f"{_said(other)} is named here, but {_said(best)} at {best.place}, which is believed.",
            )


def _found(question: ModelQuestion) -> Iterator[Breach]:
    best = question.claims[0] if question.claims else None
    if best is None:
        yield "", "Neither the object nor the request names the model that made it."
    elif not best.version:
        yield best.place, f"The model {best.name[:64]!r} is named without its version."


def _fits(question: ModelQuestion) -> Iterator[Breach]:
    """Names from a report's content may be longer than those of equipment; what is cut could be taken for another model."""
    for best in question.claims[:1]:
        for what, text in (("name", best.name), ("version", best.version), ("manufacturer", best.manufacturer)):
            if len(text) > MAX_CHARACTERS:
                yield (
                    best.place,
                    f"The {what} of the model has {len(text)} characters; at most {MAX_CHARACTERS} are known.",
                )


def _said(claim: AlgorithmClaim) -> str:
    return f"{claim.name[:64]} {claim.version[:64]}".strip()


RULES: tuple[Rule, ...] = (
    warning(
        "MOD-001",
        "The places that name the model agree.",
        "PS3.3 10.16, C.7.5.1, C.12.1; PS3.16 TID 4019",
        _agree,
        applies=RESULTS,
        stage=Stage.MODEL,
    ),
    warning(
        "MOD-002",
        "The model and its version can be read.",
        "PS3.3 10.16; PS3.16 TID 4019",
        _found,
        applies=RESULTS,
        stage=Stage.MODEL,
    ),
    error(
        "MOD-003",
        "Name, version and manufacturer of the model are no longer than a long string.",
        "PS3.5 6.2 (LO)",
        _fits,
        applies=RESULTS,
        stage=Stage.MODEL,
    ),
)
