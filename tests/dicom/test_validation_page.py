"""Tests the page of validation rules."""

import pytest

from overlays.dicom.rules.page import AREAS, RETIRED
from overlays.dicom.rules.table import BY_ID, TABLE
from tests.builders.validation_page import PAGE, written

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def text() -> str:
    return written()


def test_the_page_is_what_the_table_and_the_mutations_say(text: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == text, "write docs/validation-rules.md anew: make rules"


def test_the_page_has_every_rule(text: str) -> None:
    assert [rule.id for rule in TABLE if f"| {rule.id} |" not in text] == []


def test_every_rule_is_shown_with_what_breaks_it(text: str) -> None:
    rows = (line.split(" | ") for line in text.splitlines() if line.startswith(tuple(f"| {area}-" for area in AREAS)))
    assert [row[0] for row in rows if len(row) == 7 and not (row[5].strip() and row[6].strip("| "))] == []


def test_the_id_of_a_retired_rule_is_given_to_no_other() -> None:
    assert RETIRED.keys() & BY_ID.keys() == set()
