"""Encodes a volume in Hounsfield units as a CT series of an invented patient."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from overlays.management.demo.phantom_canvas import Geometry

AXIAL = [1, 0, 0, 0, 1, 0]


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


def _with_meta(image: Dataset) -> Dataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta = meta
    return image
