"""Builds source images of other kinds than a CT series: multi-frame, without a place in space, tiled."""

import warnings
from collections.abc import Sequence

from highdicom.legacy import LegacyConvertedEnhancedCTImage
from pydicom import Dataset
from pydicom.uid import ComputedRadiographyImageStorage, VLWholeSlideMicroscopyImageStorage

from tests.builders.images import ct_series
from tests.builders.uids import uid
from tests.dicom.encode.wishes import SHAPE

SLIDE_SHAPE = (1, 50, 70)


def multi_frame(order: Sequence[int] = (2, 0, 4, 1, 3)) -> Dataset:
    """The CT series as one multi-frame image; its frames lie as ``order`` says, counted from the feet."""
    images = ct_series(slices=SHAPE[0], rows=SHAPE[1], columns=SHAPE[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = LegacyConvertedEnhancedCTImage(
            images,
            series_instance_uid=uid("multi", "series"),
            series_number=9,
            sop_instance_uid=uid("multi"),
            instance_number=1,
        )
    frames = sorted(
        image.PerFrameFunctionalGroupsSequence,
        key=lambda frame: float(frame.PlanePositionSequence[0].ImagePositionPatient[2]),
    )
    image.PerFrameFunctionalGroupsSequence = [frames[index] for index in order]
    return image


def radiograph() -> Dataset:
    """A computed radiograph: no frame of reference."""
    image = Dataset()
    image.SOPClassUID = ComputedRadiographyImageStorage
    image.SOPInstanceUID, image.SeriesInstanceUID = uid("radiograph"), uid("radiograph", "series")
    image.StudyInstanceUID = uid("ct", "study")
    image.Modality, image.PatientID, image.PatientName = "CR", "PAT-1", "Doe^Jane"
    image.Rows, image.Columns = SHAPE[1:]
    image.PixelSpacing = [0.1, 0.1]
    image.PatientOrientation = ["L", "F"]
    return image


def slide() -> Dataset:
    """A tiled slide of 6 tiles."""
    image = Dataset()
    image.SOPClassUID = VLWholeSlideMicroscopyImageStorage
    image.SOPInstanceUID, image.SeriesInstanceUID = uid("slide"), uid("slide", "series")
    image.StudyInstanceUID, image.FrameOfReferenceUID = uid("ct", "study"), uid("slide", "frame of reference")
    image.Modality, image.PatientID, image.PatientName = "SM", "PAT-1", "Doe^Jane"
    image.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    image.Rows = image.Columns = 32
    image.NumberOfFrames = 6
    _, image.TotalPixelMatrixRows, image.TotalPixelMatrixColumns = SLIDE_SHAPE
    image.DimensionOrganizationType = "TILED_FULL"
    image.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    image.TotalPixelMatrixFocalPlanes = image.NumberOfOpticalPaths = 1
    image.ImagedVolumeWidth = image.ImagedVolumeHeight = 1
    image.ImagedVolumeDepth = 0.001
    image.ContainerIdentifier = "container"
    image.IssuerOfTheContainerIdentifierSequence = image.ContainerTypeCodeSequence = []
    origin, path, measures, group, specimen = (Dataset() for _ in range(5))
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = 20, 30
    image.TotalPixelMatrixOriginSequence = [origin]
    path.OpticalPathIdentifier = "1"
    image.OpticalPathSequence = [path]
    measures.PixelSpacing, measures.SliceThickness = [0.001, 0.001], 0.001
    group.PixelMeasuresSequence = [measures]
    image.SharedFunctionalGroupsSequence = [group]
    specimen.SpecimenIdentifier, specimen.SpecimenUID = "specimen", uid("specimen")
    specimen.IssuerOfTheSpecimenIdentifierSequence = specimen.SpecimenPreparationSequence = []
    image.SpecimenDescriptionSequence = [specimen]
    return image
