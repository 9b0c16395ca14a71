"""Matches what is asked of the items of sequences: one item has to have all of it (PS3.4 C.2.2.2.6)."""

import json
import re
from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from overlays.dicom.search_sequences import PATHS
from overlays.dicom.tags import tag_of
from overlays.governance.errors import Invalid
from overlays.queries.uids import is_uid

Asked = dict[str, "Asked | str"]
"""By tag, what is asked of the items of a sequence, or of an attribute in an item."""

KNOWN = frozenset(tuple(f"{tag_of(keyword):08X}" for keyword in path) for path in PATHS)
UIDS = frozenset(
    f"{tag_of(word):08X}" for word in ("StudyInstanceUID", "SeriesInstanceUID", "ReferencedSOPInstanceUID")
)


def merged(wanted: dict[tuple[str, ...], str]) -> str:
    """What is asked of one sequence, by the tags below it, as the text of a matching key. Raises Invalid for what is no UID."""
    found: Asked = {}
    for path, value in wanted.items():
        if path[-1] in UIDS and not is_uid(value):
            raise Invalid(f"{value[:80]!r} is no UID.")
        inner = found
        for tag in path[:-1]:
            inner = inner.setdefault(tag, {})
        inner[path[-1]] = value
    return json.dumps(found)


class HasItem(Func):
    """Whether an item of the sequence with this tag has what is asked, as the object itself has it."""

    conditional = True

    def __init__(self, tag: str, asked: str, like: Callable[[str], str]) -> None:
        super().__init__(F("attributes"), output_field=BooleanField())
        self._asked: Asked = {tag: json.loads(asked)}
        self._like = like

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """Through SQLite's tables of JSON."""
        each = "json_each({}, '$.\"{}\".Value')".format
        return self._sql(compiler, each, each, "value", "LIKE")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: object) -> tuple:
        """Through PostgreSQL's sets of JSON."""
        items = "jsonb_array_elements({} #> '{{{},Value}}')".format
        texts = "jsonb_array_elements_text({} #> '{{{},Value}}')".format
        return self._sql(compiler, items, texts, "value", "ILIKE")

    def _sql(self, compiler: SQLCompiler, items: Callable, texts: Callable, column: str, likes: str) -> tuple:
        source, given = compiler.compile(self.get_source_expressions()[0])
        if given:
            raise TypeError("the attributes are a column")
        parameters: list[str] = []

        def conditions(above: str, asked: Asked, depth: int) -> str:
            return " AND ".join(condition(above, tag, value, depth) for tag, value in asked.items())

        def condition(above: str, tag: str, value: Asked | str, depth: int) -> str:
            name = f"i{depth}"
            if isinstance(value, dict):
                inner = conditions(f"{name}.{column}", value, depth + 1)
                return f"EXISTS (SELECT 1 FROM {items(above, tag)} AS {name} WHERE {inner})"  # noqa: S608 -- tags alone
            wild = re.search(r"[*?]", value)
            parameters.append(self._like(value) if wild else value)
            compared = f"{likes} %s ESCAPE '\\'" if wild else "= %s"
            return f"EXISTS (SELECT 1 FROM {texts(above, tag)} AS {name} WHERE {name}.{column} {compared})"  # noqa: S608

        return conditions(source, self._asked, 0), tuple(parameters)
