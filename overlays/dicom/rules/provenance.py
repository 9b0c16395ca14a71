"""Rules about who and what made an object, and what it is fit for (PS3.3 C.12.1, 10.9)."""

from collections.abc import Iterator

from overlays.dicom.rules.rule import REPORTS, RESULTS, SEGMENTATIONS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

QUALIFICATIONS = ("PRODUCT", "RESEARCH", "SERVICE")


def _contributors(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count("ContributingEquipmentSequence"):
        yield path("ContributingEquipmentSequence"), "No equipment is named that contributed to the object."


def _named(subject: Subject) -> Iterator[Breach]:
    for keyword, what in (
        ("ContentCreatorName", "Nobody is named who created the content."),
        ("SeriesDescription", "The series has no description, which is what viewers list it under."),
    ):
        if subject.data_set.is_empty(keyword):
            yield path(keyword), what


def _qualified(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ContentQualification")
    if found not in QUALIFICATIONS:
        yield path("ContentQualification"), f"The value must be PRODUCT, RESEARCH or SERVICE; found {found[:16]!r}."


def _research(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("ContentQualification") == "RESEARCH":
        yield path("ContentQualification"), "The object says that it is for research, not for the care of the patient."


def _synthetic(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("SyntheticData") == "YES":
        yield path("SyntheticData"), "The object says that its content was made artificially."


RULES: tuple[Rule, ...] = (
    *rules(
        (warning, "PRV-002", "Contributing equipment is named.", "PS3.3 C.12.1", _contributors),
        (warning, "PRV-004", "Content Qualification is stated.", "PS3.3 C.12.1, C.8.13.2.1", _qualified),
        applies=SEGMENTATIONS | REPORTS,
    ),
    *rules(
        (warning, "PRV-003", "Content creator and series are named.", "PS3.3 10.9, C.7.3.1", _named),
        applies=SEGMENTATIONS,
    ),
    *rules(
        (warning, "PRV-005", "The content is not for research alone.", "PS3.3 C.8.13.2.1", _research),
        (warning, "PRV-006", "The content is not made artificially.", "PS3.3 C.12.1", _synthetic),
        applies=RESULTS,
    ),
)
