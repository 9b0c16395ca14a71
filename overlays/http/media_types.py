"""Reads media types: of a body, of a part, and those that a client accepts (RFC 9110 5.6, 8.3, 12.5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_BYTES = 4096
MAX_RANGES = 50
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(rf"[ \t]*({_WORD})/({_WORD})[ \t]*")
# A slash may stand bare in a value: many clients leave the quotes of type="application/dicom" out.
_PARAMETER = re.compile(rf";[ \t]*(?:({_WORD})=(?:\"((?:[^\"\\]|\\.)*)\"|([!#$%&'*+\-.^_`|~0-9A-Za-z/:()?=]*))[ \t]*)?")


class MalformedMediaType(ValueError):
    """The text is no media type."""


@dataclass(frozen=True)
class MediaType:
    """A media type or range, its parameters (names in lower case) and the client's weight for it, 0 to 1."""

    essence: str
    parameters: dict[str, str]
    weight: float = 1.0

    def __contains__(self, essence: str) -> bool:
        kind, _, _ = essence.partition("/")
        return self.essence in ("*/*", f"{kind}/*", essence)


def parse(text: str) -> MediaType:
    """The one media type that the text is. Raises MalformedMediaType."""
    found, end = _parse_at(_bounded(text), 0)
    if end != len(text):
        raise MalformedMediaType(f"{text[:80]!r} is not a media type.")
    return found


def parse_accept(text: str) -> list[MediaType]:
    """The ranges that the client accepts, the ones it likes best first; ``*/*`` when it does not say. Raises MalformedMediaType."""
    wanted = [found for found in _ranges(text) if found.weight > 0]
    return sorted(wanted, key=lambda found: -found.weight)


def preferred(text: str, offered: Sequence[str]) -> str | None:
    """The media type of those offered that an Accept header likes best; None where it takes none of them. Raises MalformedMediaType.

    The most specific range that fits a type says its weight (RFC 9110 12.5.1). Of types that weigh the same the one that is named more
    specifically is meant, else the one that is offered first.
    """
    ranges = _ranges(text)
    liked = []
    for place, essence in enumerate(offered):
        fitting = [(_specificity(found), found.weight) for found in ranges if essence in found]
        specificity, weight = max(fitting, default=(0, 0.0))
        if weight > 0:
            liked.append((weight, specificity, -place, essence))
    return max(liked)[3] if liked else None


def _specificity(found: MediaType) -> int:
    return 0 if found.essence == "*/*" else 1 if found.essence.endswith("/*") else 2


def _ranges(text: str) -> list[MediaType]:
    if not _bounded(text).strip():
        return [MediaType("*/*", {})]
    ranges: list[MediaType] = []
    position = 0
    while True:
        found, position = _parse_at(text, position)
        ranges.append(found)
        if position == len(text):
            return ranges
        if text[position] != "," or len(ranges) == MAX_RANGES:
            raise MalformedMediaType(f"{text[:80]!r} is not a list of at most {MAX_RANGES} media ranges.")
        position += 1


def _bounded(text: str) -> str:
    if len(text) > MAX_BYTES:
        raise MalformedMediaType(f"A media type has at most {MAX_BYTES} characters here.")
    return text


def _parse_at(text: str, position: int) -> tuple[MediaType, int]:
    start = _TYPE.match(text, position)
    if start is None:
        raise MalformedMediaType(f"{text[position : position + 80]!r} does not begin with a media type.")
    parameters: dict[str, str] = {}
    position = start.end()
    while found := _PARAMETER.match(text, position):
        position = found.end()
        name, quoted, bare = found.groups()
        if name is None:
            continue
        if name.lower() in parameters:
            raise MalformedMediaType(f"The parameter {name[:80]!r} stands twice.")
        parameters[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
    weight = _weight(parameters.pop("q", "1"))
    return MediaType(f"{start[1]}/{start[2]}".lower(), parameters, weight), position


def _weight(text: str) -> float:
    if not re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", text, re.ASCII):
        raise MalformedMediaType(f"The weight q={text[:20]!r} is no number from 0 to 1 with three decimals.")
    return float(text)
