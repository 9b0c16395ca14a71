"""Tables the attributes by which studies, series and instances are searched, and where each is stored (PS3.18 10.6.3)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from overlays.dicom.search_sequences import PATHS as SEARCHED_IN_SEQUENCES
from overlays.dicom.tags import tag_of


class Level(IntEnum):
    """Levels of the information model, each below the one before."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


class Matching(StrEnum):
    """How a value is compared (PS3.4 C.2.2.2)."""

    UIDS = "one of a list of UIDs"
    TEXT = "equal, or with wild cards"
    NAME = "as text, upper and lower case alike"
    WORDS = "word by word, without case and accents"
    DATES = "equal, or within a range of dates"
    TIMES = "equal, or within a range of times"
    NUMBER = "equal as a number"
    ITEMS = "one item of it has all that is asked, each equal, or with wild cards"
    MODALITIES = "a modality among those of the study"


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute. ``field`` is the column of its level's model; empty for what is computed, or read from the instance's attributes."""

    keyword: str
    vr: str
    level: Level
    field: str
    matching: Matching

    @property
    def tag(self) -> str:
        """Eight hexadecimal digits, as DICOM JSON names it."""
        return f"{tag_of(self.keyword):08X}"


def _row(level: Level, keyword: str, vr: str, field: str, matching: Matching) -> Attribute:
    return Attribute(keyword=keyword, vr=vr, level=level, field=field, matching=matching)


_STUDY, _SERIES, _INSTANCE = Level.STUDY, Level.SERIES, Level.INSTANCE

ATTRIBUTES: tuple[Attribute, ...] = (
    _row(_STUDY, "StudyInstanceUID", "UI", "study_instance_uid", Matching.UIDS),
    _row(_STUDY, "PatientID", "LO", "patient_id", Matching.TEXT),
    _row(_STUDY, "IssuerOfPatientID", "LO", "issuer_of_patient_id", Matching.TEXT),
    _row(_STUDY, "PatientName", "PN", "patient_name", Matching.NAME),
    _row(_STUDY, "PatientBirthDate", "DA", "patient_birth_date", Matching.DATES),
    _row(_STUDY, "PatientSex", "CS", "patient_sex", Matching.TEXT),
    _row(_STUDY, "StudyDate", "DA", "study_date", Matching.DATES),
    _row(_STUDY, "StudyTime", "TM", "study_time", Matching.TIMES),
    _row(_STUDY, "AccessionNumber", "SH", "accession_number", Matching.TEXT),
    _row(_STUDY, "StudyID", "SH", "study_id", Matching.TEXT),
    _row(_STUDY, "StudyDescription", "LO", "study_description", Matching.TEXT),
    _row(_STUDY, "ReferringPhysicianName", "PN", "referring_physician", Matching.NAME),
    _row(_STUDY, "ModalitiesInStudy", "CS", "", Matching.MODALITIES),
    _row(_SERIES, "SeriesInstanceUID", "UI", "series_instance_uid", Matching.UIDS),
    _row(_SERIES, "Modality", "CS", "modality", Matching.TEXT),
    _row(_SERIES, "SeriesNumber", "IS", "series_number", Matching.NUMBER),
    _row(_SERIES, "SeriesDescription", "LO", "series_description", Matching.TEXT),
    _row(_SERIES, "SeriesDate", "DA", "series_date", Matching.DATES),
    _row(_SERIES, "SeriesTime", "TM", "series_time", Matching.TIMES),
    _row(_SERIES, "BodyPartExamined", "CS", "body_part", Matching.TEXT),
    _row(_INSTANCE, "SOPInstanceUID", "UI", "sop_instance_uid", Matching.UIDS),
    _row(_INSTANCE, "SOPClassUID", "UI", "sop_class_uid", Matching.UIDS),
    _row(_INSTANCE, "InstanceNumber", "IS", "instance_number", Matching.NUMBER),
    _row(_INSTANCE, "ContentDate", "DA", "", Matching.DATES),
    _row(_INSTANCE, "ContentTime", "TM", "", Matching.TIMES),
    _row(_INSTANCE, "ContentLabel", "CS", "", Matching.TEXT),
    _row(_INSTANCE, "ContentQualification", "CS", "", Matching.TEXT),
    _row(_INSTANCE, "CompletionFlag", "CS", "", Matching.TEXT),
    _row(_INSTANCE, "VerificationFlag", "CS", "", Matching.TEXT),
    _row(_INSTANCE, "ImageLaterality", "CS", "", Matching.TEXT),
    _row(_INSTANCE, "Manufacturer", "LO", "", Matching.TEXT),
    _row(_INSTANCE, "ManufacturerModelName", "LO", "", Matching.TEXT),
    *(
        _row(_INSTANCE, keyword, "SQ", "", Matching.ITEMS)
        for keyword in dict.fromkeys(path[0] for path in SEARCHED_IN_SEQUENCES)
    ),
)

BY_KEYWORD: dict[str, Attribute] = {row.keyword: row for row in ATTRIBUTES}
BY_TAG: dict[str, Attribute] = {row.tag: row for row in ATTRIBUTES}


def named(name: str) -> Attribute | None:
    """The attribute with this keyword or tag; None when nothing can be searched by it."""
    return BY_KEYWORD.get(name) or BY_TAG.get(name.upper())


def tag_named(name: str) -> str | None:
    """The tag of any attribute of PS3.6, given by keyword or tag; None when it is neither."""
    if len(name) == 8 and set(name) <= set("0123456789ABCDEFabcdef"):
        return name.upper()
    try:
        return f"{tag_of(name):08X}"
    except KeyError:
        return None
