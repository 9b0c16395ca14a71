"""Rules about text of an object that names the patient, beyond the attributes that are there for it."""

import re
from collections.abc import Iterator

from overlays.dicom.dataset import DataSet
from overlays.dicom.rules.rule import RESULTS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject

TEXTS_OF_CONTENT = {"TEXT": "TextValue", "PNAME": "PersonName"}
TEXTS = {
    "TextObjectSequence": ("UnformattedTextValue",),
    "CompoundGraphicSequence": ("UnformattedTextValue",),
    "GraphicLayerSequence": ("GraphicLayerDescription",),
    "AnnotationGroupSequence": ("AnnotationGroupLabel", "AnnotationGroupDescription"),
    "StructureSetROISequence": ("ROIName", "ROIDescription"),
    "SegmentSequence": ("SegmentLabel", "SegmentDescription"),
}
"""Texts that people read in what is drawn, by the sequences that hold them."""
LEAST_CHARACTERS = 4
"""Of an identifier, or of a name of one word: shorter ones are words of any text."""


def _told(subject: Subject) -> Iterator[Breach]:
    """Looks for what the header says, as whole words; the value is never repeated."""
    patterns = list(_patterns(subject.data_set.text("PatientID"), subject.data_set.text("PatientName")))
    for holder, keyword in _texts(subject) if patterns else ():
        text = holder.text(keyword).casefold()
        for what, words in patterns:
            if all(word.search(text) for word in words):
                yield holder.place(keyword), f"The text holds the patient's {what}."
                break


def _texts(subject: Subject) -> Iterator[tuple[DataSet, str]]:
    for item in subject.content:
        if item.value_type in TEXTS_OF_CONTENT:
            yield item.data_set, TEXTS_OF_CONTENT[item.value_type]
    for holder in (subject.data_set, *subject.data_set.each("GraphicAnnotationSequence")):
        for sequence, keywords in TEXTS.items():
            for item in holder.each(sequence):
                yield from ((item, keyword) for keyword in keywords if keyword in item)


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
    (warning, "PRI-004", "Texts that are drawn or read do not name the patient.", "PS3.15 Annex E", _told),
    applies=RESULTS,
)
