"""Writes into an encoded object who made it, when and from what, in the same words for every family."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

import highdicom as hd
from pydicom import Dataset
from pydicom.sr.coding import Code as LibraryCode
from pydicom.valuerep import DA, DT, TM

from overlays.dicom.encode.description import Description, Model
from overlays.dicom.instance import Code
from overlays.dicom.read_algorithms import is_encoder_library

ENCODER = "overlay-registry"
"""The registry as the library that wrote the bytes. ENCODER_LIBRARIES knows it, so that it is never taken for a model."""

PROCESSING_EQUIPMENT = Code(value="109102", scheme="DCM", meaning="Processing Equipment")
MODIFYING_EQUIPMENT = Code(value="109103", scheme="DCM", meaning="Modifying Equipment")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What only the caller can know: UIDs, numbers, time and its own version. Equal identities and inputs give equal objects."""

    sop_instance_uid: str
    series_instance_uid: str
    series_number: int
    instance_number: int
    created: datetime
    encoder_version: str

    def uid(self, *words: object) -> str:
        """A further UID (PS3.5 B.2) that follows from the SOP Instance UID and the words."""
        return f"2.25.{uuid5(NAMESPACE_OID, '/'.join(map(str, (self.sop_instance_uid, *words)))).int}"


@dataclass(frozen=True, kw_only=True)
class Predecessor:
    """The object that this one corrects or replaces."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str


def library_code(code: Code) -> LibraryCode:
    """A code as highdicom and pydicom take it."""
    return LibraryCode(code.value, code.scheme, code.meaning)


def code_item(code: Code) -> Dataset:
    """A code as an item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item


def algorithm_identification(model: Model) -> hd.AlgorithmIdentificationSequence:
    """The model version as the Algorithm Identification macro writes it (PS3.3 10.16)."""
    sequence = hd.AlgorithmIdentificationSequence(
        name=model.name, version=model.version, family=library_code(model.family), source=model.manufacturer
    )
    if model.parameters:
        sequence[0].AlgorithmParameters = ", ".join(f"{key}={value}" for key, value in model.parameters.items())
    return sequence


def common_arguments(description: Description, identity: Identity) -> dict:
    """What every constructor of highdicom takes in the same way: identity, equipment, times, qualification, character set.

    Equipment is the model (Enhanced General Equipment, PS3.3 C.7.5.2), the registry where none took part; where it has no serial number,
    which is Type 1, its version is what tells one copy from another.
    """
    registry = Model(name=ENCODER, version=identity.encoder_version, manufacturer=ENCODER)
    model, created = description.model or registry, identity.created
    return {
        "series_instance_uid": identity.series_instance_uid,
        "series_number": identity.series_number,
        "sop_instance_uid": identity.sop_instance_uid,
        "instance_number": identity.instance_number,
        "manufacturer": model.manufacturer,
        "manufacturer_model_name": model.name,
        "software_versions": model.version,
        "device_serial_number": model.serial_number or model.version,
        "series_description": description.series_description,
        "content_qualification": description.content_qualification,
        "specific_character_set": "ISO_IR 192",
        "content_date": created.date(),
        "content_time": created.time(),
    }


def stamp(
    built: Dataset,
    description: Description,
    identity: Identity,
    *,
    sources: Sequence[Dataset],
    predecessor: Predecessor | None = None,
) -> None:
    """Complete what highdicom built: equipment and its chain, predecessor, loss of the sources, and nothing of the clock or of chance.

    ``sources`` are the headers of the images it was computed from. Changes ``built`` in place.
    """
    _stamp_times(built, identity.created)
    _stamp_equipment(built, description, identity, predecessor)
    if "DimensionOrganizationSequence" in built:
        _stamp_dimensions(built, identity.uid("dimensions"))
    if predecessor is not None:
        _stamp_predecessor(built, predecessor)
    if "Rows" in built:
        _stamp_loss(built, sources)


def _stamp_times(built: Dataset, created: datetime) -> None:
    for event in ("InstanceCreation", "Content", "Series"):
        if event != "Content" or "ContentDate" in built:
            setattr(built, f"{event}Date", DA(created.date()))
            setattr(built, f"{event}Time", TM(created.time()))


def _stamp_equipment(
    built: Dataset, description: Description, identity: Identity, predecessor: Predecessor | None
) -> None:
    """The model's own item comes first: programs take the first processing equipment for what made the result. A person is the operator."""
    model, reader, items = description.model, description.reader, []
    if model is not None:
        _add_device(built, model)
        made = "Took part in making the result" if reader else "Made the result by computation"
        items.append(_equipment(model, PROCESSING_EQUIPMENT, made))
        if predecessor is not None and not reader:
            items.append(_equipment(model, MODIFYING_EQUIPMENT, "Made a new version of the result"))
    items += [item for item in built.get("ContributingEquipmentSequence", [])]
    encoder = Dataset()
    encoder.PurposeOfReferenceCodeSequence = [code_item(PROCESSING_EQUIPMENT)]
    encoder.Manufacturer = encoder.ManufacturerModelName = ENCODER
    encoder.SoftwareVersions = identity.encoder_version
    encoder.ContributionDescription = "Encoded the result as a DICOM object"
    if reader:
        built.OperatorsName = encoder.OperatorsName = reader
    items.append(encoder)
    for item in items:
        if is_encoder_library(str(item.get("ManufacturerModelName", "")), str(item.Manufacturer)):
            item.ContributionDateTime = DT(identity.created)
    built.ContributingEquipmentSequence = items


def _equipment(model: Model, purpose: Code, contribution: str) -> Dataset:
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code_item(purpose)]
    item.Manufacturer, item.ManufacturerModelName = model.manufacturer, model.name
    item.SoftwareVersions = model.version
    item.ContributionDescription = contribution
    if model.serial_number:
        item.DeviceSerialNumber = model.serial_number
    _add_device(item, model)
    return item


def _add_device(item: Dataset, model: Model) -> None:
    """Device UID and Unique Device Identifier (PS3.3 C.7.5.1)."""
    if model.device_uid:
        item.DeviceUID = model.device_uid
    if model.udi:
        identifier = Dataset()
        identifier.UniqueDeviceIdentifier = model.udi
        item.UDISequence = [identifier]


def _stamp_dimensions(built: Dataset, organization: str) -> None:
    for item in (*built.DimensionOrganizationSequence, *built.get("DimensionIndexSequence", [])):
        item.DimensionOrganizationUID = organization


def _stamp_predecessor(built: Dataset, predecessor: Predecessor) -> None:
    """In both sequences by which readers find it: Predecessor Documents (viewers) and Source Instance (PS3.3 C.12.4)."""
    instance, source = Dataset(), Dataset()
    for item in (instance, source):
        item.ReferencedSOPClassUID = predecessor.sop_class_uid
        item.ReferencedSOPInstanceUID = predecessor.sop_instance_uid
    series = Dataset()
    series.SeriesInstanceUID = predecessor.series_instance_uid
    series.ReferencedSOPSequence = [instance]
    study = Dataset()
    study.StudyInstanceUID = predecessor.study_instance_uid
    study.ReferencedSeriesSequence = [series]
    built.PredecessorDocumentsSequence = [study]
    if built.get("Modality") not in ("SR", "KO"):
        built.SourceInstanceSequence = [source]


def _stamp_loss(built: Dataset, sources: Sequence[Dataset]) -> None:
    """Once lossy, always lossy: PS3.3 C.7.6.1.1.5; ratio and method are those of the first such source that tells them."""
    lossy = [source for source in sources if source.get("LossyImageCompression") == "01"]
    built.LossyImageCompression = "01" if lossy else "00"
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        told = next((source[keyword].value for source in lossy if source.get(keyword)), None)
        if told is not None:
            setattr(built, keyword, told)
