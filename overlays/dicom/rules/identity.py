"""Rules about what identifies an object: UIDs, class, modality, patient, equipment."""

import re
from collections.abc import Iterator

from pydicom.datadict import dictionary_VM

from overlays.dicom import value_representations as vr
from overlays.dicom.instance import Family
from overlays.dicom.rules.rule import (
    ANNOTATIONS,
    PARAMETRIC_MAPS,
    PRESENTATION_STATES,
    REPORTS,
    RESULTS,
    SECONDARY_CAPTURES,
    SEGMENTATIONS,
    Breach,
    Rule,
    Stage,
    error,
    warning,
)
from overlays.dicom.sop_classes import ADVANCED_BLENDING_PRESENTATION_STATE
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

UID = re.compile(rb"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
MAX_UID_LENGTH = 64
MAX_UI_BYTES = 1 << 16
OVERLAY_DATA = 0x3000
"""Element of (60xx,3000) Overlay Data."""
OWN_UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
EQUIPMENT = ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions")


def _breach_of(value: bytes) -> str:
    """What is wrong with a UID, empty when nothing is. The shown part is short: a UID may not be one at all."""
    shown = value[:80].decode("ascii", "replace")
    if len(value) > MAX_UID_LENGTH:
        return f"A UID has at most 64 characters; {shown!r} has {len(value)}."
    if not UID.fullmatch(value):
        return f"{shown!r} is no UID: numbers without leading zeros, joined by dots."
    return ""


def _has_one_value(tag: int) -> bool:
    """Whether PS3.6 gives the attribute a value multiplicity of 1; nothing is known of private ones."""
    try:
        return dictionary_VM(tag) == "1"
    except KeyError:
        return False


def _every_uid(subject: Subject) -> Iterator[Breach]:
    """Of an image those of the top level alone: what scanners write deeper down is not the registry's to judge."""
    scan = subject.data_set.scan
    sound: set[bytes] = set()
    own = (row for row in scan.children(0) if scan.vrs[row] == vr.UI)
    for row in own if subject.family is Family.IMAGE else scan.rows_of(vr.UI):
        value = scan.value(row)
        if value in sound or not value:
            continue
        if len(value) > MAX_UI_BYTES:
            yield scan.place(row), f"The value has {len(value)} bytes; a UID has at most 64 characters."
            continue
        parts = value.rstrip(b"\x00").split(b"\\")  # only the whole value is padded
        sentences = [sentence for part in parts if (sentence := _breach_of(part.strip(b" ") if b" " in part else part))]
        if sentences:
            yield scan.place(row), sentences[0]
        elif len(parts) > 1 and _has_one_value(scan.tags[row]):
            yield scan.place(row), f"One UID belongs here; there are {len(parts)}."
        elif len(parts) == 1:
            sound.add(value)


def _textbook(subject: Subject) -> Iterator[Breach]:
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        uid = subject.data_set.text(keyword)
        if uid.startswith("1.2.3.4"):
            yield path(keyword), f"{uid[:64]} has the root of textbook examples, which is nobody's own."


def _shared_uid(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    own = root.text("SOPInstanceUID")
    for keyword in ("SeriesInstanceUID", "StudyInstanceUID"):
        if own and root.text(keyword) == own:
            yield path(keyword), f"{own[:64]} is the UID of the object too: each has one of its own."


def _class(subject: Subject) -> Iterator[Breach]:
    if subject.root is not None and subject.sop_class is None:
        uid = subject.root.text("SOPClassUID")
        yield (
            path("SOPClassUID"),
            f"Objects of class {uid[:64]!r} are not taken in." if uid else "The object has no SOP Class UID.",
        )


def _modality(subject: Subject) -> Iterator[Breach]:
    found, row = subject.data_set.text("Modality"), subject.sop_class
    if row is not None and row.modalities and found not in row.modalities:
        yield path("Modality"), f"{row.name} demands {' or '.join(row.modalities)}; found {found[:16]!r}."
    elif row is not None and not found:
        yield path("Modality"), "Modality has no value."


def _patient(subject: Subject) -> Iterator[Breach]:
    for keyword in ("PatientID", "PatientName"):
        if keyword not in subject.data_set:
            yield path(keyword), "The attribute must be present, though it may be empty."


def _own_uids(subject: Subject) -> Iterator[Breach]:
    for keyword in OWN_UIDS:
        if subject.data_set.is_empty(keyword):
            yield path(keyword), "The attribute must have a value."


def _own_series(subject: Subject) -> Iterator[Breach]:
    own = subject.data_set.text("SeriesInstanceUID")
    if own and any(entry.series_instance_uid == own for entry in subject.listed):
        yield path("SeriesInstanceUID"), f"The object says that it lies in the series {own[:64]} of its own sources."


def _equipment(subject: Subject) -> Iterator[Breach]:
    """Of presentation states, advanced blending alone has the module."""
    if (
        subject.family is Family.PRESENTATION_STATE
        and subject.data_set.text("SOPClassUID") != ADVANCED_BLENDING_PRESENTATION_STATE
    ):
        return
    for keyword in EQUIPMENT:
        if subject.data_set.is_empty(keyword):
            yield path(keyword), "Enhanced General Equipment demands a value."


def _burned_in(subject: Subject) -> Iterator[Breach]:
    for keyword in ("BurnedInAnnotation", "RecognizableVisualFeatures"):
        if subject.data_set.text(keyword) == "YES":
            yield path(keyword), "The object says that its pixels may identify the patient."


def _private(subject: Subject) -> Iterator[Breach]:
    rows = subject.data_set.rows()
    private = [tag for tag in rows if (tag >> 16) & 1]
    creators = [subject.data_set.text_at(rows[tag])[:64] for tag in private if 0x10 <= tag & 0xFFFF <= 0xFF]
    if private:
        yield (
            "",
            f"The object has {len(private)} private attributes; their creators: {', '.join(creators[:5]) or 'none named'}.",
        )


def _overlay_planes(subject: Subject) -> Iterator[Breach]:
    rows = subject.data_set.rows()
    for tag in rows:
        if tag >> 24 == 0x60 and tag & 0xFFFF == OVERLAY_DATA:
            yield (
                subject.data_set.scan.place(rows[tag]),
                "Results have no use for an overlay plane; it may hold burned-in text.",
            )


RULES: tuple[Rule, ...] = (
    error(
        "UID-001",
        "Every UID is one: numbers without leading zeros, joined by dots, at most 64 characters.",
        "PS3.5 9.1",
        _every_uid,
    ),
    warning("UID-002", "No UID has the root of a textbook example.", "PS3.5 9, Annex B", _textbook, applies=RESULTS),
    warning(
        "UID-003",
        "The UID of the object is not that of its series or study.",
        "PS3.5 9; PS3.3 C.12.1",
        _shared_uid,
        applies=RESULTS,
    ),
    error("IDN-001", "The SOP class is one that is taken in.", "PS3.4 B.5", _class, stage=Stage.BYTES),
    error("IDN-002", "Modality fits the SOP class.", "PS3.3 C.7.3.1, C.8.20.1", _modality),
    error("IDN-003", "Patient ID and Patient Name are present, if only empty.", "PS3.3 C.7.1.1", _patient),
    error("IDN-004", "SOP class, instance, study and series have a UID.", "PS3.3 C.7.2.1, C.7.3.1, C.12.1", _own_uids),
    error(
        "IDN-005",
        "A result lies in a series of its own, not in the one of its sources.",
        "PS3.3 C.7.3.1",
        _own_series,
        applies=RESULTS - REPORTS,
    ),
    error(
        "PRV-001",
        "The equipment is named: manufacturer, model, serial number, software.",
        "PS3.3 C.7.5.2",
        _equipment,
        applies=SEGMENTATIONS | PARAMETRIC_MAPS | ANNOTATIONS | PRESENTATION_STATES,
    ),
    warning("PRI-001", "There are no private attributes.", "PS3.5 7.8; PS3.15 Annex E", _private, applies=RESULTS),
    warning("PRI-002", "The pixels do not identify the patient.", "PS3.15 Annex E", _burned_in),
    warning(
        "PRI-003",
        "There are no overlay planes.",
        "PS3.15 Annex E",
        _overlay_planes,
        applies=SEGMENTATIONS | PARAMETRIC_MAPS | SECONDARY_CAPTURES,
    ),
)
