"""Builds TID 1500 measurement reports."""

import hashlib
import warnings
from collections.abc import Sequence

import highdicom as hd
import numpy as np
import pydicom
from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import add_predecessor, segmentation
from tests.builders.uids import uid

CLASSES = {"ENHANCED": sr.EnhancedSR, "COMPREHENSIVE": sr.ComprehensiveSR, "COMPREHENSIVE_3D": sr.Comprehensive3DSR}
_CACHE: dict[tuple, bytes] = {}


def report(
    *,
    sources: Sequence[Dataset] | None = None,
    about: Dataset | None = None,
    kind: str = "COMPREHENSIVE_3D",
    uid_seed: str = "report",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
    with_algorithm_identification: bool = True,
    value: float = 123.4,
    with_volume: bool = True,
    patient_id: str | None = None,
    study_uid: str | None = None,
    predecessor: Dataset | None = None,
) -> pydicom.FileDataset:
    """A report with one volume measured on segment 1 of ``about`` (``segmentation(sources=sources)`` when not given) and one region drawn
    on the first source: in space (SCOORD3D) in a Comprehensive 3D report, in the image (SCOORD) in others.

    ``kind`` is ENHANCED, COMPREHENSIVE or COMPREHENSIVE_3D. Without the volume the report is about the images alone, and OHIF can draw
    it: it fails on a group of measurements without a region.
    """
    images = list(sources) if sources is not None else ct_series()
    segments = about if about is not None else segmentation(sources=images)
    digest = hashlib.sha256(b"".join(to_bytes(image) for image in (*images, segments))).hexdigest()
    key = (
        digest, kind, uid_seed, model_name, model_version, manufacturer, with_algorithm_identification, value, with_volume
    )  # fmt: skip
    if key not in _CACHE:
        _CACHE[key] = _build(
            images,
            segments,
            kind,
            uid_seed,
            model_name,
            model_version,
            manufacturer,
            with_algorithm_identification,
            value,
            with_volume,
        )
    found = from_bytes(_CACHE[key])
    for keyword, given in (("PatientID", patient_id), ("StudyInstanceUID", study_uid)):
        if given is not None:
            setattr(found, keyword, given)
    if predecessor is not None:
        add_predecessor(found, predecessor)
        del found.SourceInstanceSequence
    return found


def _build(
    images: list[Dataset],
    segments: Dataset,
    kind: str,
    seed: str,
    model_name: str,
    model_version: str,
    manufacturer: str,
    with_algorithm_identification: bool,
    value: float,
    with_volume: bool,
) -> bytes:
    algorithm = (
        sr.AlgorithmIdentification(name=model_name, version=model_version) if with_algorithm_identification else None
    )
    machine = sr.ObserverContext(
        codes.DCM.Device,
        sr.DeviceObserverIdentifyingAttributes(
            uid=uid(seed, "device"), name=model_name, manufacturer_name=manufacturer, model_name=model_name
        ),
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=machine),
        imaging_measurements=[
            *([_volume(images, segments, seed, algorithm, value)] if with_volume else []),
            _region(images, kind, seed, algorithm),
        ],
        procedure_reported=sr.CodedConcept("25045-6", "LN", "CT unspecified body region"),
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=images,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = CLASSES[kind](
            evidence=[*images, segments] if with_volume else images,
            content=content[0],
            series_instance_uid=uid(seed, "series"),
            series_number=150,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            is_complete=True,
            is_final=False,
            specific_character_set="ISO_IR 192",
            series_description=f"{model_name} {model_version}",
        )
    built.ContentQualification = "PRODUCT"
    built.ContentDate = built.SeriesDate = built.InstanceCreationDate = "20260103"
    built.ContentTime = built.SeriesTime = built.InstanceCreationTime = "120000"
    for item in built.ContributingEquipmentSequence:
        if "ContributionDateTime" in item:
            item.ContributionDateTime = "20260103120000"
    return to_bytes(built)


def _volume(
    images: list[Dataset], segments: Dataset, seed: str, algorithm: sr.AlgorithmIdentification | None, value: float
) -> sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=uid(seed, "volume"), identifier="Liver"),
        referenced_segment=sr.ReferencedSegment(
            segments.SOPClassUID,
            segments.SOPInstanceUID,
            1,
            source_series=sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID),
        ),
        finding_type=codes.SCT.Liver,
        measurements=[sr.Measurement(name=codes.SCT.Volume, value=value, unit=codes.UCUM.CubicMillimeter)],
        algorithm_id=algorithm,
    )


def _region(
    images: list[Dataset], kind: str, seed: str, algorithm: sr.AlgorithmIdentification | None
) -> sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    if kind == "COMPREHENSIVE_3D":
        corners = np.array([[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 0, 0]], float)
        region = sr.ImageRegion3D(
            graphic_type=hd.sr.GraphicTypeValues3D.POLYGON,
            graphic_data=corners,
            frame_of_reference_uid=images[0].FrameOfReferenceUID,
        )
    else:
        region = sr.ImageRegion(
            graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
            graphic_data=np.array([[1, 1], [9, 1], [9, 9], [1, 1]], float),
            source_image=sr.SourceImageForRegion(images[0].SOPClassUID, images[0].SOPInstanceUID),
        )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=uid(seed, "region"), identifier="Region"),
        referenced_region=region,
        finding_type=codes.SCT.Liver,
        measurements=[sr.Measurement(name=codes.SCT.Area, value=12.5, unit=codes.UCUM.SquareMillimeter)],
        algorithm_id=algorithm,
    )
