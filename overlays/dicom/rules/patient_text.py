"""Rules about text of a report that names the patient."""

import re
from collections.abc import Iterator

from overlays.dicom.rules.rule import DOCUMENTS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject

LEAST_CHARACTERS = 4
"""Of an identifier, or of a name of one word: shorter ones are words of any text."""


def _told(subject: Subject) -> Iterator[Breach]:
    """Looks for what the header says, as whole words; the value is never repeated."""
    patterns = list(_patterns(subject.data_set.text("PatientID"), subject.data_set.text("PatientName")))
    for item in subject.content:
        if item.value_type not in ("TEXT", "PNAME"):
            continue
        text = item.value_text().casefold()
        for what, words in patterns:
            if all(word.search(text) for word in words):
                keyword = "TextValue" if item.value_type == "TEXT" else "PersonName"
                yield item.data_set.place(keyword), f"The text holds the patient's {what}."
                break


def _patterns(identifier: str, name: str) -> Iterator[tuple[str, list[re.Pattern[str]]]]:
    if len(identifier) >= LEAST_CHARACTERS and any(letter.isdigit() for letter in identifier):
        yield "identifier", [_word(identifier)]
    for group in name.split("="):
        parts = [part for part in group.split("^")[:2] if part.strip()]
        if len(parts) == 2 or (parts and len(parts[0]) >= LEAST_CHARACTERS):
            yield "name", [_word(part) for part in parts]


def _word(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(value.strip().casefold())}(?!\w)")


RULES: tuple[Rule, ...] = rules(
    (warning, "PRI-004", "Text and names in the content do not name the patient.", "PS3.15 Annex E", _told),
    applies=DOCUMENTS,
)
