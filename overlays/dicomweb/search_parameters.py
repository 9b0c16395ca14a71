"""Reads the parameters of a QIDO-RS search (PS3.18 8.3.4, 10.6.1)."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from overlays.governance.errors import Invalid
from overlays.queries.dicomweb_attributes import BY_TAG, Level, Matching, named, tag_named
from overlays.queries.dicomweb_matching import MOST_CHARACTERS, Key
from overlays.queries.item_matching import KNOWN, merged

DEFAULT_LIMIT = 200
LARGEST_LIMIT = 1000
LARGEST_OFFSET = 10_000_000
MOST_STEPS = 8
_SHORT = 324
"""Characters of a person name with its three groups (PS3.5 6.2.1): no other single value is longer."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the client asked for. ``fields`` are tags; ``every_field`` asks for all that is stored."""

    keys: list[Key] = field(default_factory=list)
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    fields: frozenset[str] = frozenset()
    every_field: bool = False
    fuzzy: bool = False


def read(query: QueryDict, level: Level) -> Parameters:
    """The parameters of a search at that level. Raises Invalid, naming the parameter that is wrong or unknown."""
    keys: list[Key] = []
    fields: set[str] = set()
    fuzzy = _truth(query, "fuzzymatching")
    items: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for name, values in query.lists():
        if name in _OWN:
            continue
        if "." in name:
            top, *below = _in_sequence(name, level)
            fields.add(top)
            if text := _one(name, values):
                items[top][tuple(below)] = text
            continue
        attribute = named(name)
        if attribute is None or attribute.level > level or (attribute.matching is Matching.MODALITIES and level > 1):
            raise Invalid(f"{name[:80]!r} is nothing that {level.name.lower()} results can be searched by.")
        if attribute.matching is Matching.ITEMS and any(values):
            raise Invalid(
                f"{name[:80]!r} is a sequence: it is searched by what is in it, such as {name[:40]}.CodeValue."
            )
        text = _one(name, values, joined="," if attribute.matching in _LISTS else None)
        if text:
            by_words = fuzzy and attribute.matching is Matching.NAME
            keys.append((replace(attribute, matching=Matching.WORDS) if by_words else attribute, text))
        # An empty value matches everything, and asks for the attribute (PS3.4 C.2.2.2.3).
        fields.add(attribute.tag)
    keys += [(BY_TAG[top], merged(wanted)) for top, wanted in items.items()]
    included = [part for value in query.getlist("includefield") for part in value.split(",") if part]
    return Parameters(
        keys=keys,
        limit=min(_number(query, "limit", DEFAULT_LIMIT, least=1), LARGEST_LIMIT),
        offset=_number(query, "offset", 0, most=LARGEST_OFFSET),
        fields=frozenset(fields | {_included(part) for part in included if part != "all"}),
        every_field="all" in included,
        fuzzy=fuzzy,
    )


def _in_sequence(name: str, level: Level) -> tuple[str, ...]:
    """The tags of an attribute in a sequence, from the top (PS3.18 8.3.4.1). Raises Invalid."""
    path = tuple(tag_named(part) or "" for part in name.split(".")[:MOST_STEPS])
    if level is not Level.INSTANCE or path not in KNOWN:
        raise Invalid(f"{name[:80]!r} is nothing that {level.name.lower()} results can be searched by.")
    return path


_LISTS = frozenset({Matching.UIDS, Matching.MODALITIES})
"""What may be given several times instead of as a list: any of the values will do."""

_OWN = frozenset({"limit", "offset", "includefield", "fuzzymatching"})


def _one(name: str, values: list[str], *, joined: str | None = None) -> str:
    if len(values) > 1 and joined is None:
        raise Invalid(f"{name} is given {len(values)} times.")
    text = (joined or "").join(values)
    if len(text) > (MOST_CHARACTERS if joined else _SHORT) or re.search(r"[\x00-\x1f\x7f]", text):
        raise Invalid(f"{name}: the value is too long, or has control characters.")
    return text


def _number(query: QueryDict, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    if name not in query:
        return default
    text = _one(name, query.getlist(name))
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < least or (most is not None and int(text) > most):
        upper = f" to {most}" if most is not None else " or more"
        raise Invalid(f"{name} is a whole number, {least}{upper}, not {text[:20]!r}.")
    return int(text)


def _truth(query: QueryDict, name: str) -> bool:
    if name not in query:
        return False
    text = _one(name, query.getlist(name))
    if text not in ("true", "false"):
        raise Invalid(f"{name} is true or false, not {text[:20]!r}.")
    return text == "true"


def _included(name: str) -> str:
    """The tag of an attribute to include; one inside a sequence stands for the sequence."""
    tag = tag_named(name.split(".")[0])
    if tag is None:
        raise Invalid(f"includefield: {name[:80]!r} is no attribute of DICOM, nor a tag of eight hexadecimal digits.")
    return tag
