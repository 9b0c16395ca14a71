"""Keeps a question that is asked many times as the SQL that the ORM made of it once.

Building and compiling a query costs more than the database needs for the answer to a small one.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg import Cursor

_AT_ONCE = 500
PLANNED_AFTER = 2
"""How often a connection is asked a question before its plan is kept."""

_MARK = "\x00"
"""Begins what stands in a compiled question where a wanted value goes; no UID holds it."""


def slot(number: int) -> str:
    """What to put into a question's conditions where the wanted value of this number, from 0, will stand."""
    return f"{_MARK}{number}"


@dataclass(frozen=True)
class Compiled:
    """The SQL of a question with its parameters, some of them slots."""

    sql: str
    parameters: tuple

    def ask(self, values: Sequence[str]) -> list[tuple]:
        """The rows as the driver gives them, with each slot's value in its place. One query."""
        filled = [values[int(each[1:])] if _is_slot(each) else each for each in self.parameters]
        with _cursor() as cursor:
            cursor.execute(self.sql, filled)
            return cursor.fetchall()


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """A cursor by which PostgreSQL keeps the plan of what it is asked again: of many tables, planning is most of the work."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    own = connection.connection
    try:
        # For these questions alone: Django's own cursors may send several statements at once, which cannot be prepared.
        own.prepare_threshold = PLANNED_AFTER
        with connection._prepare_cursor(Cursor(own)) as cursor:
            yield cursor
    finally:
        own.prepare_threshold = None


def compiled(question: QuerySet) -> Compiled:
    """The question, a ``values_list``, as the present database asks it; the caller keeps it by the database's vendor."""
    sql, parameters = question.query.get_compiler(connection=connection).as_sql()
    return Compiled(sql, tuple(parameters))


def ask_of_many(compiled_for: Callable[[int], Compiled], values: Sequence[str]) -> list[tuple]:
    """The rows for many values, where ``compiled_for`` gives the question with so many slots. One query for each 500 values."""
    found: list[tuple] = []
    for start in range(0, len(values), _AT_ONCE):
        part = list(values[start : start + _AT_ONCE])
        # Filled up to a power of two, so that few questions are compiled however many are asked for.
        width = 1 << (len(part) - 1).bit_length()
        found += compiled_for(width).ask(part + [part[-1]] * (width - len(part)))
    return found


def parsed(value: Any) -> Any:
    """A JSON value of a row, which the drivers give as text."""
    return json.loads(value) if isinstance(value, str) else value


def _is_slot(parameter: object) -> bool:
    return isinstance(parameter, str) and parameter.startswith(_MARK)
