"""Makes the objects of the demonstration: the CT of a patient who does not exist, and what models made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from io import BytesIO

import numpy as np
import pydicom
from pydicom import Dataset

from overlays.management.demo.phantom import abdomen
from overlays.management.demo.phantom_model import predicted, probabilities
from overlays.management.demo.phantom_objects import (
    Kind,
    ModelOfPhantom,
    StudyOfPhantom,
    ct_series,
    measure,
    report,
    segmentation,
)
from overlays.management.demo.phantom_trunk import Structure

PERFORMED = datetime(2026, 11, 16, 9, 30)  # noqa: DTZ001 -- DICOM times of a study have no zone
STUDY = StudyOfPhantom(
    seed="overlay registry demonstration 1", patient_id="DEMO-001", patient_name="Phantom^Demo", performed=PERFORMED
)
SEED = 7

LIVER_MAKER, ORGAN_MAKER, VESSEL_MAKER = "Hepatica Imaging", "Viscera Labs", "Vasa Research"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result of a model: which, in which series, and how well the model did (see ``predicted``)."""

    key: str
    model: ModelOfPhantom
    series_number: int
    structures: tuple[Structure, ...]
    kind: Kind = Kind.BINARY
    wobble: float = 0.25
    missed: float = 0.0
    invented: float = 0.0

    @property
    def sop_instance_uid(self) -> str:
        """Known before the object is made."""
        return STUDY.uid(self.key, "instance")

    @property
    def created(self) -> datetime:
        """Each result some minutes after the one before."""
        return PERFORMED + timedelta(minutes=10 + 5 * (self.series_number % 100))


def _model(name: str, version: str, maker: str) -> ModelOfPhantom:
    return ModelOfPhantom(name=name, version=version, manufacturer=maker, parameters={"threshold": "0.5"})


_LIVER = (Structure.LIVER, Structure.LESION)
_ORGANS = (Structure.SPLEEN, Structure.LEFT_KIDNEY, Structure.RIGHT_KIDNEY)
_MEASURER = _model("LiverSeg", "2.1.0", LIVER_MAKER)

FIRST = Result(
    key="liver-1", model=_model("LiverSeg", "2.0.0", LIVER_MAKER), series_number=301, structures=_LIVER, missed=0.15
)
SECOND = Result(key="liver-2", model=_MEASURER, series_number=302, structures=_LIVER)
NEXT = Result(key="liver-3", model=_MEASURER, series_number=303, structures=_LIVER, wobble=0.12)
SHADOW = Result(
    key="liver-shadow",
    model=_model("LiverSeg", "2.2.0", LIVER_MAKER),
    series_number=310,
    structures=(Structure.LESION,),
    kind=Kind.FRACTIONAL,
)
PENDING = Result(
    key="organs-1",
    model=_model("OrganSeg", "1.4.0", ORGAN_MAKER),
    series_number=320,
    structures=_ORGANS,
    kind=Kind.LABELMAP,
)
REJECTED = Result(
    key="organs-old",
    model=_model("OrganSeg", "1.3.0", ORGAN_MAKER),
    series_number=321,
    structures=(Structure.LEFT_KIDNEY,),
    invented=12.0,
)
QUARANTINED = Result(
    key="vessels-1",
    model=_model("VesselSeg", "0.9.0", VESSEL_MAKER),
    series_number=330,
    structures=(Structure.AORTA,),
)
REPORT_KEY, REPORT_SERIES_NUMBER = "liver-report", 340
REPORT_UID = STUDY.uid(REPORT_KEY, "instance")


class Objects:
    """The objects, each as the bytes of a file; the volume behind them is computed when the first is asked for."""

    @cached_property
    def _phantom(self):
        return abdomen(SEED)

    @cached_property
    def _images(self) -> list[Dataset]:
        return ct_series(self._phantom.hounsfield, self._phantom.geometry, STUDY)

    def images(self) -> Iterator[tuple[str, bytes]]:
        """SOP Instance UID and file of each slice of the CT."""
        return ((image.SOPInstanceUID, _file(image)) for image in self._images)

    def _masks(self, result: Result) -> dict[Structure, np.ndarray]:
        found = {}
        for structure in result.structures:
            mask, seed = self._phantom.masks[structure], SEED + result.series_number
            if result.kind is Kind.FRACTIONAL:
                found[structure] = probabilities(mask, seed)
            else:
                found[structure] = predicted(
                    mask, seed, wobble=result.wobble, missed=result.missed, invented=result.invented
                )
        return found

    def _segmentation(self, result: Result) -> Dataset:
        return segmentation(
            self._images,
            self._masks(result),
            STUDY,
            result.model,
            created=result.created,
            series=result.key,
            series_number=result.series_number,
            kind=result.kind,
        )

    def result(self, result: Result) -> bytes:
        """A segmentation."""
        return _file(self._segmentation(result))

    def report(self) -> bytes:
        """Measurements on the second version of the liver."""
        phantom = self._phantom
        measured = {
            structure: measure(phantom.hounsfield, phantom.geometry, mask)
            for structure, mask in self._masks(SECOND).items()
        }
        encoded = report(
            self._images,
            self._segmentation(SECOND),
            measured,
            STUDY,
            _MEASURER,
            created=SECOND.created + timedelta(minutes=1),
            series=REPORT_KEY,
            series_number=REPORT_SERIES_NUMBER,
        )
        return _file(encoded)

    def broken(self) -> bytes:
        """The next version of the liver with faults that careless pipelines make."""
        found = pydicom.dcmread(BytesIO(self.result(NEXT)))
        found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = STUDY.uid("broken", "instance")
        found.SeriesInstanceUID = STUDY.uid("broken")
        found.Modality = "CT"
        found.NumberOfFrames += 1
        del found.FrameOfReferenceUID
        del found.SegmentSequence[0].SegmentAlgorithmType
        return _file(found)


def _file(data_set: Dataset) -> bytes:
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, data_set, enforce_file_format=True)
    return buffer.getvalue()
