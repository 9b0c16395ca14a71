"""Builds source images."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pydicom
from PIL import ImageCms
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, VLWholeSlideMicroscopyImageStorage

from overlays.dicom.instance import Grid, KnownSource
from tests.builders.files import from_bytes, to_bytes
from tests.builders.uids import uid

SLICE_THICKNESS = 2.5


def ct_series(
    *,
    uid_seed: str = "ct",
    slices: int = 4,
    rows: int = 64,
    columns: int = 64,
    patient_id: str = "PAT-1",
    patient_name: str = "Doe^Jane",
    study_uid: str = "",
    series_uid: str = "",
    frame_of_reference_uid: str = "",
    with_pixels: bool = True,
) -> list[pydicom.FileDataset]:
    """An axial CT series, ordered from feet to head. UIDs that are not given follow from ``uid_seed``."""
    study_uid = study_uid or uid(uid_seed, "study")
    series_uid = series_uid or uid(uid_seed, "series")
    frame_of_reference_uid = frame_of_reference_uid or uid(uid_seed, "frame of reference")
    return [
        from_bytes(
            _slice(
                uid_seed,
                number,
                rows,
                columns,
                patient_id,
                patient_name,
                study_uid,
                series_uid,
                frame_of_reference_uid,
                with_pixels,
            )
        )
        for number in range(1, slices + 1)
    ]


@cache
def _slice(
    seed: str,
    number: int,
    rows: int,
    columns: int,
    patient_id: str,
    patient_name: str,
    study_uid: str,
    series_uid: str,
    frame_of_reference_uid: str,
    with_pixels: bool,
) -> bytes:
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SOPClassUID = CTImageStorage
    image.SOPInstanceUID = uid(seed, series_uid, "image", number)
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20260102"
    image.StudyTime = image.SeriesTime = image.AcquisitionTime = image.ContentTime = "101500"
    image.AccessionNumber = "ACC-1"
    image.Modality = "CT"
    image.Manufacturer = "Scanner Works"
    image.ReferringPhysicianName = ""
    image.StudyDescription = "Abdomen"
    image.SeriesDescription = "Axial"
    image.BodyPartExamined = "ABDOMEN"
    image.PatientName = patient_name
    image.PatientID = patient_id
    image.PatientBirthDate = "19700101"
    image.PatientSex = "F"
    image.SliceThickness = SLICE_THICKNESS
    image.SpacingBetweenSlices = SLICE_THICKNESS
    image.KVP = 120
    image.PatientPosition = "HFS"
    image.StudyInstanceUID = study_uid
    image.SeriesInstanceUID = series_uid
    image.StudyID = "1"
    image.SeriesNumber = 2
    image.AcquisitionNumber = 1
    image.InstanceNumber = number
    image.ImagePositionPatient = [-32.0, -32.0, SLICE_THICKNESS * (number - 1)]
    image.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    image.FrameOfReferenceUID = frame_of_reference_uid
    image.PositionReferenceIndicator = ""
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = rows, columns
    image.PixelSpacing = [0.75, 0.75]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = -1024, 1, "HU"
    if with_pixels:
        ramp = (np.add.outer(np.arange(rows), np.arange(columns)) + 16 * number) % 4096
        image.PixelData = ramp.astype("<u2").tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.ImplementationClassUID = uid("implementation")
    image.file_meta.FileMetaInformationVersion = b"\x00\x01"
    image.file_meta.FileMetaInformationGroupLength = 0
    return to_bytes(pydicom.FileDataset("", image, preamble=bytes(128), file_meta=image.file_meta))


def sources_of(images: Iterable[Dataset]) -> tuple[KnownSource, ...]:
    """What a registry knows of these images."""
    return tuple(
        KnownSource(
            sop_instance_uid=image.SOPInstanceUID,
            sop_class_uid=image.SOPClassUID,
            series_instance_uid=image.SeriesInstanceUID,
            study_instance_uid=image.StudyInstanceUID,
            patient_id=image.PatientID,
            patient_name=str(image.PatientName),
            frame_of_reference_uid=image.FrameOfReferenceUID,
            grid=Grid(
                rows=image.Rows,
                columns=image.Columns,
                pixel_spacing=tuple(map(float, image.PixelSpacing)),
                orientation=tuple(map(float, image.ImageOrientationPatient)),
                position=tuple(map(float, image.ImagePositionPatient)),
            ),
            number_of_frames=None,
        )
        for image in images
    )


def slide_image(*, uid_seed: str = "slide", side: int = 64, tiles: int = 4) -> pydicom.FileDataset:
    """A whole slide image of ``tiles`` by ``tiles`` black tiles, each ``side`` pixels square, half a micrometre a pixel."""
    (image,) = ct_series(uid_seed=uid_seed, slices=1, with_pixels=False)
    for keyword in _OF_CT_ALONE:
        del image[keyword]
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = VLWholeSlideMicroscopyImageStorage
    image.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    image.Modality, image.SeriesDescription, image.StudyDescription = "SM", "Slide", "Biopsy"
    image.ManufacturerModelName, image.DeviceSerialNumber, image.SoftwareVersions = "Slides", "SN-2", "1"
    image.Rows = image.Columns = side
    image.TotalPixelMatrixRows = image.TotalPixelMatrixColumns = side * tiles
    image.TotalPixelMatrixFocalPlanes = image.NumberOfOpticalPaths = 1
    image.NumberOfFrames = tiles * tiles
    image.DimensionOrganizationType = "TILED_FULL"
    image.ImageOrientationSlide = [0.0, -1.0, 0.0, -1.0, 0.0, 0.0]
    image.ImagedVolumeWidth = image.ImagedVolumeHeight = side * tiles * 0.0005
    image.VolumetricProperties, image.FocusMethod, image.ExtendedDepthOfField = "VOLUME", "AUTO", "NO"
    image.ImagedVolumeDepth, image.AcquisitionDateTime, image.AcquisitionContextSequence = 0.001, "20260102101500", []
    image.PositionReferenceIndicator = "SLIDE_CORNER"
    organization = Dataset()
    organization.DimensionOrganizationUID = uid(uid_seed, "dimension organization")
    image.DimensionOrganizationSequence = [organization]
    image.SpecimenLabelInImage, image.BurnedInAnnotation, image.LossyImageCompression = "NO", "NO", "00"
    origin, measures, shared = Dataset(), Dataset(), Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = 20.0, 40.0
    image.TotalPixelMatrixOriginSequence = [origin]
    measures.PixelSpacing, measures.SliceThickness = [0.0005, 0.0005], 0.001
    frame_type = Dataset()
    frame_type.FrameType = image.ImageType
    shared.PixelMeasuresSequence, shared.WholeSlideMicroscopyImageFrameTypeSequence = [measures], [frame_type]
    image.SharedFunctionalGroupsSequence = [shared]
    image.ContainerIdentifier, image.IssuerOfTheContainerIdentifierSequence = "SLIDE-1", []
    image.ContainerTypeCodeSequence = [_coded("433466003", "Microscope slide")]
    specimen = Dataset()
    specimen.SpecimenIdentifier, specimen.SpecimenUID = "SLIDE-1", uid(uid_seed, "specimen")
    specimen.IssuerOfTheSpecimenIdentifierSequence, specimen.SpecimenPreparationSequence = [], []
    image.SpecimenDescriptionSequence = [specimen]
    path = Dataset()
    path.OpticalPathIdentifier, path.ICCProfile = "1", _srgb()
    path.IlluminationTypeCodeSequence = [_coded("111744", "Brightfield illumination", "DCM")]
    path.IlluminationColorCodeSequence = [_coded("414298005", "Full Spectrum")]
    image.OpticalPathSequence = [path]
    image.SamplesPerPixel, image.PlanarConfiguration, image.PhotometricInterpretation = 3, 0, "RGB"
    image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
    image.add_new("PixelData", "OB", bytes(side * side * 3 * tiles * tiles))
    return from_bytes(to_bytes(image))


def _srgb() -> bytes:
    """The profile without the time at which it was made (ISO 15076-1, 7.2.8)."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


_OF_CT_ALONE = (
    *("SliceThickness", "SpacingBetweenSlices", "KVP", "PatientPosition", "BodyPartExamined", "ImagePositionPatient"),
    *("ImageOrientationPatient", "PixelSpacing", "RescaleIntercept", "RescaleSlope", "RescaleType"),
)


def _coded(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
