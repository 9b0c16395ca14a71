"""Names in a report who observed: the person, the model version, or both (PS3.16 TID 1001)."""

from uuid import NAMESPACE_OID, uuid5

from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes

from overlays.dicom.encode.description import Description, Model
from overlays.dicom.encode.provenance import library_code


def observation_context(description: Description) -> sr.ObservationContext:
    """The person with whose token it came (TID 1003), and the model that took part (TID 1004)."""
    person, device = None, None
    if description.reader:
        person = sr.ObserverContext(codes.DCM.Person, sr.PersonObserverIdentifyingAttributes(description.reader))
    if description.model is not None:
        device = sr.ObserverContext(codes.DCM.Device, _device(description.model))
    return sr.ObservationContext(observer_person_context=person, observer_device_context=device)


def _device(model: Model) -> sr.DeviceObserverIdentifyingAttributes:
    """The model version; the same device in every report, also where none is named."""
    name = "/".join((model.manufacturer, model.name, model.version))
    return sr.DeviceObserverIdentifyingAttributes(
        uid=model.device_uid or f"2.25.{uuid5(NAMESPACE_OID, name).int}",
        name=model.name,
        manufacturer_name=model.manufacturer,
        model_name=model.name,
        serial_number=model.serial_number or None,
    )


def algorithm(model: Model | None) -> sr.AlgorithmIdentification | None:
    """The model version as what measured (PS3.16 TID 4019); None where none did."""
    if model is None:
        return None
    return sr.AlgorithmIdentification(
        name=model.name,
        version=model.version,
        parameters=[f"{key}={value}" for key, value in model.parameters.items()] or None,
        family=library_code(model.family),
        manufacturer=model.manufacturer,
    )


def name_author(built: Dataset, description: Description) -> None:
    """Put the person into Author Observer Sequence (PS3.3 C.17.2). Changes ``built`` in place."""
    if description.reader:
        author = Dataset()
        author.ObserverType, author.PersonName = "PSN", description.reader
        author.PersonIdentificationCodeSequence = []
        author.InstitutionName, author.InstitutionCodeSequence = "", []
        built.AuthorObserverSequence = [author]
