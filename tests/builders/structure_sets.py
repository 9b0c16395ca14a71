"""Builds structure sets."""

from collections.abc import Sequence

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.uids import uid

DETACHED_STUDY_MANAGEMENT = "1.2.840.10008.3.1.2.3.1"
"""The retired class that RT Referenced Study Sequence still names (PS3.3 C.8.8.5)."""
PROPERTY_TYPES = {"Liver": ("10200004", "Liver"), "Spleen": ("78961009", "Spleen"), "Kidney": ("64033007", "Kidney")}


def structure_set(
    *,
    sources: Sequence[Dataset] | None = None,
    uid_seed: str = "structure set",
    regions: Sequence[str] = ("Liver", "Spleen"),
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
    with_algorithm_identification: bool = True,
    approval_status: str = "UNAPPROVED",
    patient_id: str | None = None,
    study_uid: str | None = None,
    predecessor: Dataset | None = None,
) -> pydicom.FileDataset:
    """A structure set over ``sources`` (``ct_series()`` when not given): each region a square on every image, none overlapping."""
    images = list(sources) if sources is not None else ct_series()
    built = header(images[0], RTStructureSetStorage, uid_seed, model_name, model_version, manufacturer)
    built.StructureSetLabel, built.StructureSetName = "AI_STRUCTURES", f"{model_name} {model_version}"
    built.StructureSetDate, built.StructureSetTime = built.SeriesDate, built.SeriesTime
    built.ReferencedFrameOfReferenceSequence = [_space(images)]
    built.StructureSetROISequence = [
        _region(number, name, images[0], with_algorithm_identification and (model_name, model_version, manufacturer))
        for number, name in enumerate(regions, 1)
    ]
    built.ROIContourSequence = [_contours(number, images) for number in range(1, len(regions) + 1)]
    built.RTROIObservationsSequence = [_observation(number, name) for number, name in enumerate(regions, 1)]
    built.ApprovalStatus = approval_status
    if approval_status != "UNAPPROVED":
        built.ReviewDate, built.ReviewTime, built.ReviewerName = "20260104", "080000", "Lee^R"
    for keyword, value in (("PatientID", patient_id), ("StudyInstanceUID", study_uid)):
        if value is not None:
            setattr(built, keyword, value)
    if predecessor is not None:
        built.PredecessorStructureSetSequence = [reference(predecessor)]
    return from_bytes(to_bytes(built))


def reference(data_set: Dataset) -> Dataset:
    """The class and UID of an object."""
    item = Dataset()
    item.ReferencedSOPClassUID = data_set.SOPClassUID
    item.ReferencedSOPInstanceUID = data_set.SOPInstanceUID
    return item


def coded(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def header(
    image: Dataset, sop_class: str, seed: str, model_name: str, model_version: str, manufacturer: str
) -> pydicom.FileDataset:
    """What objects without pixels have in common: patient and study of the image, a series of their own, the model as equipment."""
    built = Dataset()
    for keyword in (
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime"),
        *("StudyID", "AccessionNumber", "StudyDescription", "ReferringPhysicianName", "FrameOfReferenceUID"),
    ):
        setattr(built, keyword, image.get(keyword, ""))
    built.PositionReferenceIndicator = ""
    built.SpecificCharacterSet = "ISO_IR 192"
    built.SOPClassUID, built.SOPInstanceUID = sop_class, uid(seed, "instance")
    built.SeriesInstanceUID, built.SeriesNumber, built.InstanceNumber = uid(seed, "series"), 130, 1
    built.Modality = "RTSTRUCT"
    built.SeriesDescription = f"{model_name} {model_version}"
    built.OperatorsName = ""
    built.Manufacturer, built.ManufacturerModelName = manufacturer, model_name
    built.SoftwareVersions, built.DeviceSerialNumber = model_version, "SN-1"
    built.ContentQualification = "PRODUCT"
    built.SeriesDate = built.InstanceCreationDate = "20260103"
    built.SeriesTime = built.InstanceCreationTime = "120000"
    maker = Dataset()
    maker.PurposeOfReferenceCodeSequence = [coded("109102", "Processing Equipment", "DCM")]
    maker.Manufacturer, maker.ManufacturerModelName, maker.SoftwareVersions = manufacturer, model_name, model_version
    built.ContributingEquipmentSequence = [maker]
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = built.SOPClassUID, built.SOPInstanceUID
    meta.ImplementationClassUID = uid("implementation")
    meta.FileMetaInformationVersion, meta.FileMetaInformationGroupLength = b"\x00\x01", 0
    return pydicom.FileDataset("", built, preamble=bytes(128), file_meta=meta)


def _space(images: Sequence[Dataset]) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ContourImageSequence = [reference(image) for image in images]
    study = Dataset()
    study.ReferencedSOPClassUID = DETACHED_STUDY_MANAGEMENT
    study.ReferencedSOPInstanceUID = images[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    space = Dataset()
    space.FrameOfReferenceUID = images[0].FrameOfReferenceUID
    space.RTReferencedStudySequence = [study]
    return space


def _region(number: int, name: str, image: Dataset, algorithm: tuple[str, str, str] | bool) -> Dataset:
    item = Dataset()
    item.ROINumber, item.ROIName = number, name
    item.ReferencedFrameOfReferenceUID = image.FrameOfReferenceUID
    item.ROIDescription = f"{name}, drawn by a model"
    item.ROIGenerationAlgorithm = "AUTOMATIC"
    if algorithm:
        identification = Dataset()
        identification.AlgorithmFamilyCodeSequence = [coded("123110", "Artificial Intelligence", "DCM")]
        identification.AlgorithmName, identification.AlgorithmVersion, identification.AlgorithmSource = algorithm
        item.ROIDerivationAlgorithmIdentificationSequence = [identification]
    return item


def _contours(number: int, images: Sequence[Dataset]) -> Dataset:
    item = Dataset()
    item.ReferencedROINumber = number
    item.ROIDisplayColor = [[200, 30, 30], [30, 200, 30], [30, 30, 200]][number % 3]
    item.ContourSequence = [_square(number, place, image) for place, image in enumerate(images, 1)]
    return item


def _square(number: int, place: int, image: Dataset) -> Dataset:
    side, corner = 6.0, 8.0 * number
    across, down = np.array(image.ImageOrientationPatient[:3]), np.array(image.ImageOrientationPatient[3:])
    first = np.array(image.ImagePositionPatient) + corner * (across + down)
    points = [first, first + side * across, first + side * (across + down), first + side * down]
    contour = Dataset()
    contour.ContourNumber = place
    contour.ContourImageSequence = [reference(image)]
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.NumberOfContourPoints = len(points)
    contour.ContourData = [round(float(value), 4) for point in points for value in point]
    return contour


def _observation(number: int, name: str) -> Dataset:
    item = Dataset()
    item.ObservationNumber = item.ReferencedROINumber = number
    item.RTROIIdentificationCodeSequence = [coded(*PROPERTY_TYPES.get(name, PROPERTY_TYPES["Liver"]))]
    item.RTROIInterpretedType = "ORGAN"
    item.ROIInterpreter = ""
    return item
