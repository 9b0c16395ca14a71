"""Tests the page of validation rules."""

from pathlib import Path

from overlays.dicom.rules.page import page
from overlays.dicom.rules.table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "validation-rules.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write docs/validation-rules.md anew from overlays.dicom.rules.page"
    )


def test_the_page_has_every_rule() -> None:
    text = page()
    assert [rule.id for rule in TABLE if f"| {rule.id} |" not in text] == []
