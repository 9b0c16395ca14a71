"""Builds secondary captures: what a model drew, as pictures."""

import hashlib
import warnings
from collections.abc import Sequence

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.uids import uid

GRAYSCALE_BYTE = "1.2.840.10008.5.1.4.1.1.7.2"
_CACHE: dict[tuple, bytes] = {}


def capture(
    *,
    kind: str = "RGB",
    sources: Sequence[Dataset] | None = None,
    uid_seed: str = "capture",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
) -> pydicom.FileDataset:
    """A capture of what the model made of ``sources`` (``ct_series()`` when not given).

    ``kind`` is RGB for one picture of the first source in colour (Secondary Capture Image), or FRAMES for one picture of each source in
    shades of gray (Multi-frame Grayscale Byte Secondary Capture Image).
    """
    images = list(sources) if sources is not None else ct_series()
    digest = hashlib.sha256(b"".join(to_bytes(image) for image in images)).hexdigest()
    key = (digest, kind, uid_seed, model_name, model_version, manufacturer)
    if key not in _CACHE:
        built = _picture(images, uid_seed, model_name, model_version, manufacturer)
        if kind == "FRAMES":
            _into_frames(built, len(images))
        _name_sources(built, images if kind == "FRAMES" else images[:1])
        _CACHE[key] = to_bytes(built)
    return from_bytes(_CACHE[key])


def contribution(manufacturer: str, model_name: str, model_version: str) -> hd.ContributingEquipment:
    """The item of Contributing Equipment that names the model (109102)."""
    return hd.ContributingEquipment(
        manufacturer=manufacturer,
        purpose_of_reference=codes.DCM.ProcessingEquipment,
        manufacturer_model_name=model_name,
        software_versions=model_version,
    )


def settle(built: Dataset) -> None:
    """Replace what the encoder took from the clock, and tell the side of the body, which is none."""
    for keyword in ("Content", "Series", "InstanceCreation", "PresentationCreation"):
        if f"{keyword}Date" in built:
            setattr(built, f"{keyword}Date", "20260103")
            setattr(built, f"{keyword}Time", "120000")
    for item in built.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            item.ContributionDateTime = "20260103120000"
    built.Laterality = ""


def _picture(images: list[Dataset], seed: str, model_name: str, model_version: str, manufacturer: str) -> Dataset:
    rows, columns = images[0].Rows, images[0].Columns
    picture = np.zeros((rows, columns, 3), np.uint8)
    picture[rows // 4 : rows // 2, columns // 4 : columns // 2] = (200, 30, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = hd.sc.SCImage.from_ref_dataset(
            images[0],
            picture,
            "RGB",
            8,
            coordinate_system="PATIENT",
            patient_orientation=("L", "P"),
            series_instance_uid=uid(seed, "series"),
            series_number=140,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            device_serial_number="SN-1",
            series_description=f"{model_name} {model_version}",
            specific_character_set="ISO_IR 192",
            transfer_syntax_uid="1.2.840.10008.1.2.1",
            contributing_equipment=[contribution(manufacturer, model_name, model_version)],
        )
    built.ConversionType = "WSD"
    built.DateOfSecondaryCapture, built.TimeOfSecondaryCapture = "20260103", "120000"
    built.BurnedInAnnotation = "NO"
    settle(built)
    return built


def _into_frames(built: Dataset, frames: int) -> None:
    built.SOPClassUID = built.file_meta.MediaStorageSOPClassUID = GRAYSCALE_BYTE
    built.SamplesPerPixel, built.PhotometricInterpretation = 1, "MONOCHROME2"
    del built.PlanarConfiguration
    built.NumberOfFrames = frames
    built.FrameIncrementPointer = pydicom.datadict.tag_for_keyword("SliceLocationVector")
    built.SliceLocationVector = [float(number) for number in range(frames)]
    built.PresentationLUTShape = "IDENTITY"
    built.RescaleIntercept, built.RescaleSlope, built.RescaleType = 0, 1, "US"
    picture = np.zeros((frames, built.Rows, built.Columns), np.uint8)
    picture[:, 4:20, 4:20] = 200
    built.PixelData = picture.tobytes()


def _name_sources(built: Dataset, images: Sequence[Dataset]) -> None:
    """Source Image Sequence, the series of the sources, and how the picture was made of them (PS3.3 C.12.4, C.12.2)."""
    built.ImageType = ["DERIVED", "SECONDARY"]
    built.DerivationDescription = "Drawn by a model"
    built.DerivationCodeSequence = [hd.sr.CodedConcept("113076", "DCM", "Segmentation")]
    built.SourceImageSequence = [_reference(image) for image in images]
    for item in built.SourceImageSequence:
        item.PurposeOfReferenceCodeSequence = [
            hd.sr.CodedConcept("121322", "DCM", "Source Image for Image Processing Operation")
        ]
    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ReferencedInstanceSequence = [_reference(image) for image in images]
    built.ReferencedSeriesSequence = [series]


def _reference(image: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return item
