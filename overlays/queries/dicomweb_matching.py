"""Turns matching keys of a search into conditions of SQL (PS3.4 C.2.2.2)."""

import re

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, TextField
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IContains, In, LessThanOrEqual, Lookup
from django.db.models.sql.compiler import SQLCompiler

from overlays.governance.errors import Invalid
from overlays.queries.dicomweb_attributes import Attribute, Level, Matching
from overlays.queries.item_matching import HasItem
from overlays.queries.name_matching import Folded, words
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


def condition(key: Key, searched: Level) -> Q:
    """The condition on a row of the searched level, by what the rows of its series and study say.

    Raises Invalid, naming the attribute, for a value of the wrong form; KeyError for an attribute below the searched level.
    """
    attribute, text = key
    if attribute.matching is Matching.ITEMS:
        return Q(HasItem(attribute.tag, text, like))
    if attribute.level is Level.INSTANCE and not attribute.field:
        return _matches(Own(attribute.tag), attribute, text)
    return _matches(F(_PATHS[searched][attribute.level] + attribute.field), attribute, text)


def condition_on_version(key: Key) -> Q:
    """The condition on a version, by what it says itself of its series, and of its study where no source tells of that.

    The rows of series and study are filled by whatever came first, which may be withheld. Raises Invalid as ``condition`` does.
    """
    attribute, text = key
    by_row = condition(key, Level.INSTANCE)
    if attribute.level is Level.INSTANCE or attribute.matching is Matching.UIDS:
        return by_row
    column = _OWN_COLUMNS.get(attribute.keyword)
    values = [F(column)] if column else [Own(attribute.tag, *part) for part in _PARTS.get(attribute.vr, ((),))]
    own = Q()
    for value in values:
        own |= _matches(value, attribute, text)
    if attribute.level is Level.SERIES:
        return own
    return Q(series__study__has_sources=True) & by_row | Q(series__study__has_sources=False) & own


_OWN_COLUMNS = {"PatientID": "patient_id", "Modality": "modality"}
_PARTS = {"PN": (("Alphabetic",), ("Ideographic",), ("Phonetic",))}


class Own(Func):
    """The first value of an attribute as the object itself has it, as text; NULL where it has none. ``part`` is that of a person's name."""

    def __init__(self, tag: str, part: str = "") -> None:
        super().__init__(F("attributes"), output_field=TextField())
        self.steps = [tag, "Value", "0", *([part] if part else [])]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """Through a path of SQLite's JSON functions."""
        tag, value, _, *part = self.steps
        path = f'$."{tag}".{value}[0]' + "".join(f".{step}" for step in part)
        return self.as_sql(compiler, connection, template=f"CAST(JSON_EXTRACT(%(expressions)s, '{path}') AS TEXT)")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """Through a path of PostgreSQL's operators."""
        path = "{" + ",".join(self.steps) + "}"
        return self.as_sql(compiler, connection, template=f"(%(expressions)s #>> '{path}')")


def _matches(value: F | Own, attribute: Attribute, text: str) -> Q:
    match attribute.matching:
        case Matching.UIDS:
            return Q(In(value, uids(text, attribute.keyword)))
        case Matching.TEXT:
            return Q(Like(value, like(text)) if re.search(r"[*?]", text) else Exact(value, text))
        case Matching.NAME:
            return Q(Like(value, like(text)))
        case Matching.WORDS:
            found = Q()
            for word in words(text):
                anywhere = word.startswith("*")
                found &= Q(Like(Folded(value), f"%{'' if anywhere else ' '}{like(word.lstrip('*'))}%"))
            return found
        case Matching.DATES:
            return _range(value, text, attribute.keyword, _DATE, "YYYYMMDD")
        case Matching.TIMES:
            return _range(value, text, attribute.keyword, _TIME, "HHMMSS.FFFFFF")
        case Matching.NUMBER:
            if not _NUMBER.fullmatch(text):
                raise Invalid(f"{attribute.keyword}: {text[:80]!r} is no whole number.")
            return Q(Exact(value, str(int(text)) if isinstance(value, Own) else int(text)))
        case _:
            raise Invalid(f"{attribute.keyword} is matched in searches for studies alone.")


def _range(value: F | Own, text: str, keyword: str, form: re.Pattern, words: str) -> Q:
    """Dates and times compare as text: both are written from the largest unit to the smallest."""
    first, dash, last = text.partition("-")
    if not (first or last) or any(part and not form.fullmatch(part) for part in (first, last)):
        raise Invalid(f"{keyword}: {text[:80]!r} is not {words}, nor a range {words}-{words} with one end or both.")
    if not dash:
        return Q(Exact(value, first))
    # Every value is behind the empty one, and what is absent is not.
    found = Q(GreaterThanOrEqual(value, first)) if first else Q(GreaterThan(value, ""))
    if last:
        # An end such as 1015 means the whole of that minute.
        found &= Q(LessThanOrEqual(value, last + "9" * 8))
    return found
