"""Encodes what a model found in the synthetic CT as DICOM objects: segmentations and a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import highdicom as hd
import numpy as np
from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from overlays.management.demo.phantom_canvas import Geometry
from overlays.management.demo.phantom_ct import StudyOfPhantom, ct_series
from overlays.management.demo.phantom_trunk import Structure

__all__ = ["APPEARANCES", "Kind", "ModelOfPhantom", "StudyOfPhantom", "ct_series", "measure", "report", "segmentation"]

RUNNER = "inference-runner"


class Kind(StrEnum):
    """Segmentation Type (0062,0001)."""

    BINARY = "BINARY"
    FRACTIONAL = "FRACTIONAL"
    LABELMAP = "LABELMAP"


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


def _content_label(structures: Sequence[Structure]) -> str:
    """The first structure's name as a Code String (PS3.5 6.2), with a mark where there are more."""
    name, mark = structures[0].upper().replace(" ", "_"), "_PLUS" if len(structures) > 1 else ""
    return name[: 16 - len(mark)] + mark


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
        content_label=_content_label(list(masks)),
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
