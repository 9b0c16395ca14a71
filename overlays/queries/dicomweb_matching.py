"""Turns matching keys of a search into conditions of SQL (PS3.4 C.2.2.2)."""

import re

from django.db.models import F, Q
from django.db.models.lookups import IContains, Lookup

from overlays.governance.errors import Invalid
from overlays.queries.dicomweb_attributes import Attribute, Level, Matching
from overlays.queries.uids import is_uid

MOST_CHARACTERS = 8192
MOST_UIDS = 200
_DATE = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_PATHS = {
    Level.STUDY: {Level.STUDY: ""},
    Level.SERIES: {Level.STUDY: "study__", Level.SERIES: ""},
    Level.INSTANCE: {Level.STUDY: "series__study__", Level.SERIES: "series__", Level.INSTANCE: ""},
}

Key = tuple[Attribute, str]
"""A matching key as the client wrote it: the attribute and the value."""


class Like(IContains):
    """A pattern of SQL as it stands, upper and lower case alike on every database."""

    def process_rhs(self, *args: object) -> tuple:
        """The pattern, which the caller has escaped already."""
        return Lookup.process_rhs(self, *args)


def like(text: str) -> str:
    """The pattern of SQL for a value with the wild cards ``*`` and ``?``."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return re.sub(r"\*+", "%", escaped).replace("?", "_")


def uids(text: str, keyword: str) -> list[str]:
    """The UIDs of a list by commas or backslashes. Raises Invalid for one that is none."""
    found = [part for part in re.split(r"[,\\]", text) if part]
    wrong = next((part for part in found if not is_uid(part)), None)
    if wrong is not None:
        raise Invalid(f"{keyword}: {wrong[:80]!r} is no UID.")
    if len(found) > MOST_UIDS:
        raise Invalid(f"{keyword}: at most {MOST_UIDS} UIDs can be asked for at once, not {len(found)}.")
    return found


def modalities(text: str) -> list[str]:
    """The modalities of a list by commas or backslashes; those of one study, any of which will do."""
    return [part for part in re.split(r"[,\\]", text) if part]


def condition(key: Key, searched: Level) -> Q | Lookup:
    """The condition on a row of the searched level.

    Raises Invalid, naming the attribute, for a value of the wrong form; KeyError for an attribute below the searched level.
    """
    attribute, text = key
    column = _PATHS[searched][attribute.level] + attribute.field
    match attribute.matching:
        case Matching.UIDS:
            return Q(**{f"{column}__in": uids(text, attribute.keyword)})
        case Matching.TEXT:
            return Like(F(column), like(text)) if re.search(r"[*?]", text) else Q(**{column: text})
        case Matching.NAME:
            return Like(F(column), like(text))
        case Matching.DATES:
            return _range(column, text, attribute.keyword, _DATE, "YYYYMMDD")
        case Matching.TIMES:
            return _range(column, text, attribute.keyword, _TIME, "HHMMSS.FFFFFF")
        case Matching.NUMBER:
            if not _NUMBER.fullmatch(text):
                raise Invalid(f"{attribute.keyword}: {text[:80]!r} is no whole number.")
            return Q(**{column: int(text)})
        case _:
            raise Invalid(f"{attribute.keyword} is matched in searches for studies alone.")


def _range(column: str, text: str, keyword: str, form: re.Pattern, words: str) -> Q:
    """Dates and times compare as text: both are written from the largest unit to the smallest."""
    first, dash, last = text.partition("-")
    if not (first or last) or any(part and not form.fullmatch(part) for part in (first, last)):
        raise Invalid(f"{keyword}: {text[:80]!r} is not {words}, nor a range {words}-{words} with one end or both.")
    if not dash:
        return Q(**{column: first})
    found = ~Q(**{column: ""})
    if first:
        found &= Q(**{f"{column}__gte": first})
    if last:
        # An end such as 1015 means the whole of that minute.
        found &= Q(**{f"{column}__lte": last + "9" * 8})
    return found
