"""Compares names of people by their words, without case and accents (PS3.18 8.3.4.2, fuzzymatching)."""

import re
import unicodedata
from sqlite3 import Connection

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

BETWEEN_WORDS = "^=,-.'"
"""What parts a name beside spaces: components, groups, and what is written inside one."""

MOST_WORDS = 20
_BLANKS = str.maketrans(BETWEEN_WORDS, " " * len(BETWEEN_WORDS))


def folded(text: str | None) -> str | None:
    """The text in lower case, without accents, its words behind one blank each."""
    if text is None:
        return None
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not "\u0300" <= letter <= "\u036f")
    return f" {plain.lower().translate(_BLANKS)}"


def words(text: str) -> list[str]:
    """The words of a matching key, folded; each has to begin a word of the name."""
    return list(dict.fromkeys(folded(text).split()))[:MOST_WORDS]


class Folded(Func):
    """A name as ``folded`` gives it, worked out by the database."""

    def __init__(self, name: Combinable | str) -> None:
        super().__init__(name, output_field=TextField())

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """By a function of ours."""
        connection.ensure_connection()
        own: Connection = connection.connection
        own.create_function("overlays_folded", 1, folded, deterministic=True)
        return self.as_sql(compiler, connection, template="overlays_folded(%(expressions)s)")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """By PostgreSQL's functions for Unicode."""
        signs = re.escape(BETWEEN_WORDS).replace("'", "''")
        return self.as_sql(
            compiler,
            connection,
            template="(' ' || regexp_replace(regexp_replace(lower(normalize(%(expressions)s::text, NFKD)), "
            rf"'[\u0300-\u036f]', '', 'g'), '[{signs}]', ' ', 'g'))",
        )
