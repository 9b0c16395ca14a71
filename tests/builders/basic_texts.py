"""Builds Basic Text reports."""

from collections.abc import Sequence

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.structure_sets import coded, header, reference
from tests.builders.uids import uid


def basic_text(
    *,
    sources: Sequence[Dataset] | None = None,
    uid_seed: str = "basic text",
    finding: str = "No lesion of the liver was found.",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
    patient_id: str | None = None,
) -> pydicom.FileDataset:
    """A report of one sentence about ``sources`` (``ct_series()`` when not given): it shows the first, and lists all as evidence."""
    images = list(sources) if sources is not None else ct_series()
    built = header(images[0], BasicTextSRStorage, uid_seed, model_name, model_version, manufacturer)
    for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator", "OperatorsName"):
        del built[keyword]
    built.Modality, built.SeriesNumber = "SR", 160
    built.ContentDate, built.ContentTime = built.SeriesDate, built.SeriesTime
    built.ReferencedPerformedProcedureStepSequence, built.PerformedProcedureCodeSequence = [], []
    built.CompletionFlag, built.VerificationFlag = "COMPLETE", "UNVERIFIED"
    built.CurrentRequestedProcedureEvidenceSequence = [_evidence(images)]
    built.ValueType, built.ContinuityOfContent = "CONTAINER", "SEPARATE"
    built.ConceptNameCodeSequence = [coded("18748-4", "Diagnostic imaging study", "LN")]
    inferred = _text("CONTAINS", coded("121071", "Finding", "DCM"), finding)
    inferred.ContentSequence = [_image("INFERRED FROM", images[0])]
    built.ContentSequence = [
        _code(
            "HAS CONCEPT MOD",
            coded("121049", "Language of Content Item and Descendants", "DCM"),
            coded("en", "English", "RFC5646"),
        ),
        _code("HAS OBS CONTEXT", coded("121005", "Observer Type", "DCM"), coded("121007", "Device", "DCM")),
        _uid("HAS OBS CONTEXT", coded("121012", "Device Observer UID", "DCM"), uid(uid_seed, "device")),
        inferred,
        _text("CONTAINS", coded("111001", "Algorithm Name", "DCM"), model_name),
        _text("CONTAINS", coded("111003", "Algorithm Version", "DCM"), model_version),
    ]
    if patient_id is not None:
        built.PatientID = patient_id
    return from_bytes(to_bytes(built))


def _evidence(images: Sequence[Dataset]) -> Dataset:
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ReferencedSOPSequence = [reference(image) for image in images]
    study.StudyInstanceUID = images[0].StudyInstanceUID
    study.ReferencedSeriesSequence = [series]
    return study


def _item(relationship: str, value_type: str, name: Dataset | None = None) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relationship, value_type
    if name is not None:
        item.ConceptNameCodeSequence = [name]
    return item


def _text(relationship: str, name: Dataset, value: str) -> Dataset:
    item = _item(relationship, "TEXT", name)
    item.TextValue = value
    return item


def _code(relationship: str, name: Dataset, value: Dataset) -> Dataset:
    item = _item(relationship, "CODE", name)
    item.ConceptCodeSequence = [value]
    return item


def _uid(relationship: str, name: Dataset, value: str) -> Dataset:
    item = _item(relationship, "UIDREF", name)
    item.UID = value
    return item


def _image(relationship: str, image: Dataset) -> Dataset:
    item = _item(relationship, "IMAGE")
    item.ReferencedSOPSequence = [reference(image)]
    return item
