"""Holds what was made of one input, and the word for what must never be."""

from dataclasses import dataclass


class Broken(AssertionError):
    """The core gave an answer that it must never give."""


@dataclass(frozen=True)
class Report:
    """What the core made of an input: the rules that fired, and whether it was taken in, and as what."""

    rules: frozenset[str]
    accepted: bool
    family: str


def demand(held: bool, law: str) -> None:
    """Raises Broken, which names the law, unless it held."""
    if not held:
        raise Broken(law)
