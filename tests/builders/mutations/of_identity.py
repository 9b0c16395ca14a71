"""Mutations of identity and text: what the rules UID, IDN, PRV, PRI and TXT must tell."""

from pydicom.dataset import Dataset

from tests.builders.mutations import raw
from tests.builders.mutations.mutation import Mutation, set_to, without

WRONG_UID = "1.02.9"
LONG_UID = "2.25." + "1" * 78


def _own_uid(value: str) -> object:
    def change(data_set: Dataset) -> None:
        data_set.SOPInstanceUID = value
        data_set.file_meta.MediaStorageSOPInstanceUID = value

    return change


def _tracking_uid(data_set: Dataset) -> None:
    data_set.SegmentSequence[0].TrackingUID = WRONG_UID


def _two_tracking_uids(data_set: Dataset) -> None:
    data_set.SegmentSequence[0].TrackingUID = ["2.25.1", "2.25.2"]


def _own_class(data_set: Dataset) -> None:
    data_set.SOPClassUID = data_set.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.5"


def _source_series(data_set: Dataset) -> None:
    data_set.SeriesInstanceUID = data_set.ReferencedSeriesSequence[0].SeriesInstanceUID


def _private(data_set: Dataset) -> None:
    data_set.private_block(0x0071, "ACME", create=True).add_new(0x01, "LO", "note")


def _overlay_plane(content: bytes) -> bytes:
    return raw.before_pixels(content, raw.element(0x60003000, b"OW", bytes(512)))


def _latin_without_character_set(data_set: Dataset) -> None:
    data_set.SpecificCharacterSet = "ISO_IR 100"
    data_set.PatientName = "M\u00fcller^J\u00f6rg"


def _without_character_set(content: bytes) -> bytes:
    return content.replace(b"ISO_IR 100", b"ISO_IR 6  ", 1)


def _utf8_as_latin(content: bytes) -> bytes:
    """Latin letters declared as UTF-8."""
    return content.replace(b"ISO_IR 100", b"ISO_IR 192", 1)


def _uid_of_study(data_set: Dataset) -> None:
    data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = data_set.StudyInstanceUID


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="an own UID with a leading zero", rules=("UID-001",), change=_own_uid(WRONG_UID)),
    Mutation(name="an own UID of 83 characters", rules=("UID-001",), change=_own_uid(LONG_UID)),
    Mutation(name="a tracking UID that is none", rules=("UID-001",), change=_tracking_uid),
    Mutation(name="two UIDs in the place of one", rules=("UID-001",), change=_two_tracking_uids),
    Mutation(name="the UID of the study for the object", rules=("UID-003",), change=_uid_of_study),
    Mutation(name="a textbook UID", rules=("UID-002",), change=_own_uid("1.2.3.4.5.6")),
    Mutation(name="a class that is not taken in", rules=("IDN-001",), change=_own_class),
    Mutation(name="modality CT", rules=("IDN-002",), change=set_to("Modality", "CT")),
    Mutation(name="modality MR in a CT image", rules=("IDN-002",), base="ct", change=set_to("Modality", "MR")),
    Mutation(name="no patient", rules=("IDN-003",), change=without("PatientID", "PatientName")),
    Mutation(name="no study", rules=("IDN-004",), change=without("StudyInstanceUID")),
    Mutation(name="no series", rules=("IDN-004",), change=set_to("SeriesInstanceUID", "")),
    Mutation(name="the series of the sources", rules=("IDN-005",), change=_source_series),
    Mutation(name="no manufacturer", rules=("PRV-001",), change=set_to("Manufacturer", "")),
    Mutation(name="no software versions", rules=("PRV-001",), change=without("SoftwareVersions")),
    Mutation(name="no contributing equipment", rules=("PRV-002",), change=without("ContributingEquipmentSequence")),
    Mutation(name="no content creator", rules=("PRV-003",), change=without("ContentCreatorName")),
    Mutation(name="no series description", rules=("PRV-003",), change=set_to("SeriesDescription", "")),
    Mutation(name="no content qualification", rules=("PRV-004",), change=without("ContentQualification")),
    Mutation(
        name="an unknown content qualification",
        rules=("PRV-004",),
        base="report",
        change=set_to("ContentQualification", "HOBBY"),
    ),
    Mutation(name="for research", rules=("PRV-005",), change=set_to("ContentQualification", "RESEARCH")),
    Mutation(name="synthetic data", rules=("PRV-006",), change=set_to("SyntheticData", "YES")),
    Mutation(name="private attributes", rules=("PRI-001",), change=_private),
    Mutation(name="burned-in annotation", rules=("PRI-002",), change=set_to("BurnedInAnnotation", "YES")),
    Mutation(name="an overlay plane", rules=("PRI-003",), raw=_overlay_plane),
    Mutation(name="an unknown character set", rules=("TXT-001",), change=set_to("SpecificCharacterSet", "ISO_IR 999")),
    Mutation(
        name="a whole character set among extensions",
        rules=("TXT-001",),
        change=set_to("SpecificCharacterSet", ["ISO_IR 192", "ISO 2022 IR 100"]),
    ),
    Mutation(
        name="Latin letters without a character set",
        rules=("TXT-002",),
        change=_latin_without_character_set,
        raw=_without_character_set,
    ),
    Mutation(
        name="Latin letters declared as UTF-8",
        rules=("TXT-002",),
        change=_latin_without_character_set,
        raw=_utf8_as_latin,
    ),
    Mutation(name="a patient ID of 65 characters", rules=("TXT-003",), change=set_to("PatientID", "x" * 65)),
    Mutation(
        name="an accession number of 17 characters", rules=("TXT-003",), change=set_to("AccessionNumber", "1" * 17)
    ),
    Mutation(name="a description of 100 characters", rules=("TXT-004",), change=set_to("SeriesDescription", "x" * 100)),
    Mutation(name="a code string in small letters", rules=("TXT-005",), change=set_to("PatientSex", "f")),
)
