"""Builds segmentations."""

import hashlib
import warnings
from collections.abc import Sequence

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.uids import uid

PROPERTY_TYPES = {"Liver": codes.SCT.Liver, "Spleen": codes.SCT.Spleen, "Kidney": codes.SCT.Kidney}
_CACHE: dict[tuple, bytes] = {}


def segmentation(
    *,
    sources: Sequence[Dataset] | None = None,
    kind: str = "BINARY",
    uid_seed: str = "seg",
    segments: Sequence[str] = ("Liver", "Spleen"),
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
    with_algorithm_identification: bool = True,
    algorithm_type: str = "AUTOMATIC",
    content_label: str = "AI_SEG",
    series_uid: str = "",
    instance_number: int = 1,
    patient_id: str | None = None,
    patient_name: str | None = None,
    study_uid: str | None = None,
    predecessor: Dataset | None = None,
    transfer_syntax: str = ExplicitVRLittleEndian,
    shift: int = 0,
) -> pydicom.FileDataset:
    """A segmentation of ``sources`` (``ct_series()`` when not given).

    ``kind`` is BINARY, FRACTIONAL or LABELMAP; each name of ``segments`` is one segment, a square of its own, moved right by
    ``shift`` pixels. New SOP and series UIDs come with a new ``uid_seed``. ``patient_id``, ``patient_name`` and ``study_uid``
    are the sources' unless given. ``predecessor`` is written into both sequences by which writers name it.
    """
    images = list(sources) if sources is not None else ct_series()
    key = (
        _digest(images), kind, uid_seed, tuple(segments), model_name, model_version, manufacturer, with_algorithm_identification,
        algorithm_type, content_label, str(transfer_syntax), shift,
    )  # fmt: skip
    if key not in _CACHE:
        _CACHE[key] = _build(
            images, kind, uid_seed, segments, model_name, model_version, manufacturer, with_algorithm_identification,
            algorithm_type, content_label, transfer_syntax, shift,
        )  # fmt: skip
    found = from_bytes(_CACHE[key])
    found.SeriesInstanceUID = series_uid or found.SeriesInstanceUID
    found.InstanceNumber = instance_number
    for keyword, value in (("PatientID", patient_id), ("PatientName", patient_name), ("StudyInstanceUID", study_uid)):
        if value is not None:
            setattr(found, keyword, value)
    if predecessor is not None:
        add_predecessor(found, predecessor)
    return found


def add_predecessor(data_set: Dataset, predecessor: Dataset) -> None:
    """Name an earlier object in Predecessor Documents Sequence and Source Instance Sequence."""
    reference = Dataset()
    reference.ReferencedSOPClassUID = predecessor.SOPClassUID
    reference.ReferencedSOPInstanceUID = predecessor.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID = predecessor.SeriesInstanceUID
    series.ReferencedSOPSequence = [reference]
    study = Dataset()
    study.StudyInstanceUID = predecessor.StudyInstanceUID
    study.ReferencedSeriesSequence = [series]
    source = Dataset()
    source.ReferencedSOPClassUID = predecessor.SOPClassUID
    source.ReferencedSOPInstanceUID = predecessor.SOPInstanceUID
    data_set.PredecessorDocumentsSequence = [study]
    data_set.SourceInstanceSequence = [source]


def mask_of(images: Sequence[Dataset], count: int, shift: int = 0) -> np.ndarray:
    """Planes by rows by columns by segments, 0 and 1: one square a segment, none overlapping."""
    rows, columns = images[0].Rows, images[0].Columns
    mask = np.zeros((len(images), rows, columns, count), np.uint8)
    size = max(1, min(rows, columns) // (2 * max(count, 4)))
    for number in range(count):
        top, left = 2 * size * number, 2 * size * number + shift
        mask[:, top : top + size, left : left + size, number] = 1
    return mask


def _digest(images: Sequence[Dataset]) -> str:
    return hashlib.sha256(b"".join(to_bytes(image) for image in images)).hexdigest()


def _build(
    images: list[Dataset],
    kind: str,
    seed: str,
    segments: Sequence[str],
    model_name: str,
    model_version: str,
    manufacturer: str,
    with_algorithm_identification: bool,
    algorithm_type: str,
    content_label: str,
    transfer_syntax: str,
    shift: int,
) -> bytes:
    mask = mask_of(images, len(segments), shift)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = hd.seg.Segmentation(
            images,
            mask.astype(np.float32) if kind == "FRACTIONAL" else mask,
            kind,
            [
                _description(seed, number, name, model_name, model_version, manufacturer, algorithm_type)
                for number, name in enumerate(segments, 1)
            ],
            series_instance_uid=uid(seed, "series"),
            series_number=100,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            device_serial_number="SN-1",
            content_label=content_label,
            content_description=f"{model_name} {model_version}",
            content_creator_name=f"AI^{model_name}",
            series_description=f"{model_name} {model_version}",
            content_qualification="PRODUCT",
            specific_character_set="ISO_IR 192",
            transfer_syntax_uid=transfer_syntax,
        )
    settle(built, seed)
    for item in built.SegmentSequence:
        item.SegmentDescription = f"{item.SegmentLabel} as drawn by {model_name}"
    if not with_algorithm_identification:
        for item in built.SegmentSequence:
            item.pop("SegmentationAlgorithmIdentificationSequence", None)
    return to_bytes(built)


def _description(
    seed: str, number: int, name: str, model_name: str, model_version: str, manufacturer: str, algorithm_type: str
) -> hd.seg.SegmentDescription:
    algorithm = hd.AlgorithmIdentificationSequence(
        name=model_name, version=model_version, family=codes.cid7162.ArtificialIntelligence, source=manufacturer
    )
    return hd.seg.SegmentDescription(
        number,
        name,
        codes.SCT.Organ,
        PROPERTY_TYPES.get(name, codes.SCT.Liver),
        algorithm_type,
        None if algorithm_type == "MANUAL" else algorithm,
        tracking_uid=uid(seed, "tracking", name),
        tracking_id=f"{seed} {name}",
        display_color=hd.color.CIELabColor.from_rgb(*((200, 30, 30), (30, 200, 30), (30, 30, 200))[number % 3]),
    )


def settle(built: Dataset, seed: str) -> None:
    """Replace what the encoder took from the clock and from chance."""
    organization = uid(seed, "dimension organization")
    for item in (*built.DimensionOrganizationSequence, *built.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    built.ContentDate = built.SeriesDate = built.InstanceCreationDate = "20260103"
    built.ContentTime = built.SeriesTime = built.InstanceCreationTime = "120000"
    for item in built.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            item.ContributionDateTime = "20260103120000"
