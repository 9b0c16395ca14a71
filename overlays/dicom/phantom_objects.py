"""Encodes volumes and masks as DICOM objects for the demonstration: a CT series, segmentations of it and a report on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import highdicom as hd
import numpy as np
from highdicom import sr
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from overlays.dicom.phantom_canvas import Geometry
from overlays.dicom.phantom_trunk import Structure

AXIAL = [1, 0, 0, 0, 1, 0]
RUNNER = "inference-runner"


class Kind(StrEnum):
    """Segmentation Type (0062,0001)."""

    BINARY = "BINARY"
    FRACTIONAL = "FRACTIONAL"
    LABELMAP = "LABELMAP"


@dataclass(frozen=True, kw_only=True)
class StudyOfPhantom:
    """The invented patient and study. ``seed`` decides every UID; ``performed`` is the time of the CT, without zone."""

    seed: str
    patient_id: str
    patient_name: str
    performed: datetime
    birth_date: str = "19580312"
    sex: str = "O"
    accession_number: str = "DEMO-0001"
    description: str = "CT abdomen, portal venous phase"

    def uid(self, *parts: object) -> str:
        """A UID that follows from the seed and the parts (PS3.5 B.2)."""
        return generate_uid(entropy_srcs=[self.seed, *(str(part) for part in parts)])


@dataclass(frozen=True, kw_only=True)
class ModelOfPhantom:
    """The algorithm that is said to have made an object."""

    name: str
    version: str
    manufacturer: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Appearance:
    """How a structure is coded and coloured; ``laterality`` modifies the property type (CID 244)."""

    category: Code
    code: Code
    rgb: tuple[int, int, int]
    description: str
    laterality: Code | None = None
    region: Code | None = None


LEFT = Code("7771000", "SCT", "Left")
RIGHT = Code("24028007", "SCT", "Right")

APPEARANCES: dict[Structure, Appearance] = {
    Structure.LIVER: Appearance(codes.SCT.Organ, codes.SCT.Liver, (213, 94, 0), "Liver without gallbladder"),
    Structure.SPLEEN: Appearance(codes.SCT.Organ, codes.SCT.Spleen, (204, 121, 167), "Spleen"),
    Structure.LEFT_KIDNEY: Appearance(
        codes.SCT.Organ, codes.SCT.Kidney, (0, 158, 115), "Left kidney without sinus", LEFT
    ),
    Structure.RIGHT_KIDNEY: Appearance(
        codes.SCT.Organ, codes.SCT.Kidney, (86, 180, 233), "Right kidney without sinus", RIGHT
    ),
    Structure.LESION: Appearance(
        codes.SCT.MorphologicallyAbnormalStructure,
        codes.SCT.Lesion,
        (240, 228, 66),
        "Focal liver lesion",
        region=codes.SCT.Liver,
    ),
    Structure.AORTA: Appearance(
        codes.SCT.AnatomicalStructure, codes.SCT.Aorta, (230, 30, 30), "Abdominal aorta, lumen"
    ),
}


def ct_series(
    hounsfield: np.ndarray, geometry: Geometry, study: StudyOfPhantom, *, series: str = "ct", series_number: int = 2
) -> list[Dataset]:
    """One CT Image for each slice of an ``int16`` volume (slices, rows, columns), ready to save with its file meta."""
    stored = (np.clip(hounsfield, -1024, 3071).astype(np.int32) + 1024).astype("<u2")
    date, time = f"{study.performed:%Y%m%d}", f"{study.performed:%H%M%S}"
    images = []
    for index, plane in enumerate(stored):
        image = Dataset()
        image.SpecificCharacterSet = "ISO_IR 192"
        image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        image.SOPClassUID = CTImageStorage
        image.SOPInstanceUID = study.uid(series, "image", index)
        image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = date
        image.StudyTime = image.SeriesTime = image.AcquisitionTime = image.ContentTime = time
        image.AccessionNumber = study.accession_number
        image.Modality = "CT"
        image.Manufacturer = "Phantom Works"
        image.ManufacturerModelName = "Synthetic CT"
        image.DeviceSerialNumber = "PW-1"
        image.SoftwareVersions = "1.0"
        image.ReferringPhysicianName = ""
        image.StudyDescription = study.description
        image.SeriesDescription = "Axial 4 mm, soft tissue"
        image.PatientName = study.patient_name
        image.PatientID = study.patient_id
        image.PatientBirthDate = study.birth_date
        image.PatientSex = study.sex
        image.BodyPartExamined = "ABDOMEN"
        image.SliceThickness = geometry.slice_spacing
        image.KVP = 120
        image.PatientPosition = "HFS"
        image.ConvolutionKernel = "SOFT"
        image.StudyInstanceUID = study.uid("study")
        image.SeriesInstanceUID = study.uid(series)
        image.StudyID = "1"
        image.SeriesNumber = series_number
        image.AcquisitionNumber = 1
        image.InstanceNumber = index + 1
        image.ImagePositionPatient = [round(value, 4) for value in geometry.position(index)]
        image.ImageOrientationPatient = AXIAL
        image.FrameOfReferenceUID = study.uid("frame of reference")
        image.PositionReferenceIndicator = ""
        image.SliceLocation = round(geometry.position(index)[2], 4)
        image.SamplesPerPixel = 1
        image.PhotometricInterpretation = "MONOCHROME2"
        image.Rows, image.Columns = geometry.rows, geometry.columns
        image.PixelSpacing = [geometry.pixel_spacing] * 2
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
        image.RescaleIntercept, image.RescaleSlope, image.RescaleType = -1024, 1, "HU"
        image.WindowCenter, image.WindowWidth = 40, 400
        image.BurnedInAnnotation = "NO"
        image.PixelData = plane.tobytes()
        image["PixelData"].VR = "OW"
        images.append(_with_meta(image))
    return images


def segmentation(
    sources: Sequence[Dataset],
    masks: Mapping[Structure, np.ndarray],
    study: StudyOfPhantom,
    model: ModelOfPhantom,
    *,
    created: datetime,
    series: str,
    series_number: int,
    kind: Kind = Kind.BINARY,
    qualification: str = "RESEARCH",
) -> Dataset:
    """A segmentation with all the provenance that the standard has a place for.

    ``masks`` have the shape (sources, rows, columns): boolean, or for FRACTIONAL probabilities from 0 to 1. Segments are numbered in
    their order. In a LABELMAP a later structure covers an earlier one.
    """
    algorithm = hd.AlgorithmIdentificationSequence(
        name=model.name,
        version=model.version,
        family=codes.cid7162.ArtificialIntelligence,
        source=model.manufacturer,
        parameters=dict(model.parameters) or None,
    )
    encoded = hd.seg.Segmentation(
        list(sources),
        _pixels(masks, kind),
        kind.value,
        [_segment(number, structure, algorithm, study, series) for number, structure in enumerate(masks, start=1)],
        series_instance_uid=study.uid(series),
        series_number=series_number,
        sop_instance_uid=study.uid(series, "instance"),
        instance_number=1,
        manufacturer=model.manufacturer,
        manufacturer_model_name=model.name,
        software_versions=model.version,
        device_serial_number="DEMO-1",
        content_label="AI_SEGMENTATION",
        content_description=f"{model.name} {model.version}",
        content_creator_name=f"AI^{model.name}",
        series_description=f"{model.name} {model.version}: {', '.join(masks)}"[:64],
        content_qualification=qualification,
        specific_character_set="ISO_IR 192",
        contributing_equipment=[_equipment(model, created)],
        **_moment(created),
        **({"fractional_type": "PROBABILITY", "max_fractional_value": 255} if kind is Kind.FRACTIONAL else {}),
    )
    items = {int(item.SegmentNumber): item for item in encoded.SegmentSequence}
    for number, structure in enumerate(masks, start=1):
        look = APPEARANCES[structure]
        items[number].SegmentDescription = look.description
        if look.laterality is not None:
            modifier = [sr.CodedConcept.from_code(look.laterality)]
            items[number].SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = modifier
    return _settle(encoded, study, series, created)


def report(
    sources: Sequence[Dataset],
    segments: Dataset,
    measured: Mapping[Structure, tuple[float, float]],
    study: StudyOfPhantom,
    model: ModelOfPhantom,
    *,
    created: datetime,
    series: str,
    series_number: int,
) -> Dataset:
    """A Comprehensive 3D SR after TID 1500 with a volumetric group for each structure.

    ``measured`` gives volume in cubic millimetres and mean attenuation in Hounsfield units, in the order of the segments.
    """
    machine = sr.ObserverContext(
        codes.DCM.Device,
        sr.DeviceObserverIdentifyingAttributes(
            uid=study.uid("device", model.name),
            name=model.name,
            manufacturer_name=model.manufacturer,
            model_name=model.name,
        ),
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=machine),
        procedure_reported=sr.CodedConcept("25045-6", "LN", "CT unspecified body region"),
        imaging_measurements=[
            _group(number, structure, values, sources, segments, study, model)
            for number, (structure, values) in enumerate(measured.items(), start=1)
        ],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=list(sources),
    )
    encoded = sr.Comprehensive3DSR(
        evidence=[*sources, segments],
        content=content,
        series_instance_uid=study.uid(series),
        series_number=series_number,
        sop_instance_uid=study.uid(series, "instance"),
        instance_number=1,
        manufacturer=model.manufacturer,
        manufacturer_model_name=model.name,
        software_versions=model.version,
        device_serial_number="DEMO-1",
        is_complete=True,
        series_description=f"{model.name} {model.version} measurements"[:64],
        specific_character_set="ISO_IR 192",
        contributing_equipment=[_equipment(model, created)],
        **_moment(created),
    )
    return _settle(encoded, study, series, created)


def measure(phantom: np.ndarray, geometry: Geometry, mask: np.ndarray) -> tuple[float, float]:
    """Volume in cubic millimetres and mean Hounsfield value of a mask, as ``report`` takes them."""
    voxel = geometry.pixel_spacing**2 * geometry.slice_spacing
    return round(int(mask.sum()) * voxel, 1), round(float(phantom[mask].mean()), 1)


def _pixels(masks: Mapping[Structure, np.ndarray], kind: Kind) -> np.ndarray:
    if kind is Kind.LABELMAP:
        labels = np.zeros(next(iter(masks.values())).shape, np.uint8)
        for number, mask in enumerate(masks.values(), start=1):
            labels[mask] = number
        return labels
    return np.stack(list(masks.values()), axis=-1).astype(np.float32 if kind is Kind.FRACTIONAL else np.uint8)


def _segment(
    number: int,
    structure: Structure,
    algorithm: hd.AlgorithmIdentificationSequence,
    study: StudyOfPhantom,
    series: str,
) -> hd.seg.SegmentDescription:
    look = APPEARANCES[structure]
    return hd.seg.SegmentDescription(
        number,
        structure.capitalize(),
        look.category,
        look.code,
        "AUTOMATIC",
        algorithm,
        tracking_uid=study.uid(series, "tracking", structure),
        tracking_id=structure.capitalize(),
        anatomic_regions=[look.region] if look.region else None,
        display_color=hd.color.CIELabColor.from_rgb(*look.rgb),
    )


def _group(
    number: int,
    structure: Structure,
    values: tuple[float, float],
    sources: Sequence[Dataset],
    segments: Dataset,
    study: StudyOfPhantom,
    model: ModelOfPhantom,
) -> sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    look, item = APPEARANCES[structure], segments.SegmentSequence[number - 1]
    volume, attenuation = values
    return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=item.TrackingUID, identifier=item.TrackingID),
        referenced_segment=sr.ReferencedSegment(
            segments.SOPClassUID,
            segments.SOPInstanceUID,
            number,
            source_series=sr.SourceSeriesForSegmentation(sources[0].SeriesInstanceUID),
        ),
        finding_type=look.code,
        finding_sites=[sr.FindingSite(look.region or look.code, laterality=look.laterality)],
        measurements=[
            sr.Measurement(name=codes.SCT.Volume, value=volume, unit=codes.UCUM.CubicMillimeter),
            sr.Measurement(
                name=codes.DCM.AttenuationCoefficient,
                value=attenuation,
                unit=codes.UCUM.HounsfieldUnit,
                derivation=codes.SCT.Mean,
            ),
        ],
        algorithm_id=sr.AlgorithmIdentification(
            name=model.name,
            version=model.version,
            parameters=[f"{key}={value}" for key, value in model.parameters.items()] or None,
        ),
    )


def _equipment(model: ModelOfPhantom, created: datetime) -> hd.ContributingEquipment:
    """What ran the model: Contributing Equipment with the purpose 109102 (PS3.3 C.12.1)."""
    return hd.ContributingEquipment(
        manufacturer=model.manufacturer,
        purpose_of_reference=codes.DCM.ProcessingEquipment,
        manufacturer_model_name=model.name,
        software_versions=model.version,
        station_name=RUNNER,
        contribution_datetime=created,
        contribution_description="Inference",
    )


def _moment(created: datetime) -> dict:
    return {
        "content_date": created.date(),
        "content_time": created.time(),
        "series_date": created.date(),
        "series_time": created.time(),
    }


def _settle(encoded: Dataset, study: StudyOfPhantom, series: str, created: datetime) -> Dataset:
    """Replace what highdicom takes from the clock and from chance, so that the same arguments give the same object."""
    encoded.InstanceCreationDate = f"{created:%Y%m%d}"
    encoded.InstanceCreationTime = f"{created:%H%M%S}"
    for item in encoded.ContributingEquipmentSequence:
        item.ContributionDateTime = f"{created:%Y%m%d%H%M%S}"
    if "DimensionOrganizationSequence" in encoded:
        uid = study.uid(series, "dimensions")
        for item in [*encoded.DimensionOrganizationSequence, *encoded.DimensionIndexSequence]:
            item.DimensionOrganizationUID = uid
    return encoded


def _with_meta(image: Dataset) -> Dataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta = meta
    return image
