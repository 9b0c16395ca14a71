"""Builds descriptions, works and masks for tests of encoding."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom import Dataset

from overlays.dicom.encode.description import read_description
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.provenance import Identity, Predecessor
from overlays.dicom.encode.work import Work
from overlays.dicom.instance import Code
from tests.builders.images import SLICE_THICKNESS, ct_series
from tests.builders.uids import uid

SHAPE = (5, 37, 35)
"""Planes, rows and columns: no two alike, and frames that do not begin on a byte."""
IDENTITY = Identity(
    sop_instance_uid=uid("encoded"),
    series_instance_uid=uid("encoded", "series"),
    series_number=700,
    instance_number=3,
    created=datetime(2026, 1, 3, 12, 30, 45),
    encoder_version="0.1.0",
)
PREDECESSOR = Predecessor(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.66.4",
    sop_instance_uid=uid("parent"),
    series_instance_uid=uid("parent", "series"),
    study_instance_uid=uid("ct", "study"),
)
LIVER = {"value": "10200004", "scheme": "SCT", "meaning": "Liver"}
SPLEEN = {"value": "78961009", "scheme": "SCT", "meaning": "Spleen"}
STRUCTURE = {"value": "91723000", "scheme": "SCT", "meaning": "Anatomical Structure"}
LEFT = {"value": "7771000", "scheme": "SCT", "meaning": "Left"}


def sources() -> tuple[Dataset, ...]:
    """Five axial images, from head to feet: not the order of the grid."""
    return tuple(reversed(ct_series(slices=SHAPE[0], rows=SHAPE[1], columns=SHAPE[2], with_pixels=False)))


def affine() -> np.ndarray:
    """Of their grid, from (plane, row, column) to millimetres in LPS."""
    found = np.zeros((4, 4))
    found[:3, :3] = np.array([[0, 0, 0.75], [0, 0.75, 0], [SLICE_THICKNESS, 0, 0]])
    found[:3, 3] = (-32, -32, 0)
    found[3, 3] = 1
    return found


def labels(second: int = 2, dtype: type = np.uint8) -> np.ndarray:
    """Two segments in different planes, rows and columns; none symmetrical to any flip."""
    found = np.zeros(SHAPE, dtype)
    found[1:4, 2:6, 2:7] = 1
    found[2, 2, 9] = 1
    found[3:5, 20:29, 9:30] = second
    return found


def fractions() -> np.ndarray:
    """The same as probabilities of two channels, on steps of 1/255."""
    both = labels()
    ramp = (np.arange(SHAPE[2]) + 100) / np.float32(255)
    return np.stack([(both == 1) * ramp, (both == 2) * ramp], axis=-1).astype(np.float32)


def segment(number: int = 1, label: str = "Liver", code: dict = LIVER, **more: object) -> dict:
    """One described segment."""
    return {"number": number, "label": label, "category": STRUCTURE, "type": code, **more}


def document(images: Sequence[Dataset] = (), **section: object) -> dict:
    """A sound description of a segmentation of two segments; ``section`` goes into its section."""
    images = images or sources()
    return {
        "kind": "segmentation",
        "model": {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"},
        "sources": {"series": images[0].SeriesInstanceUID},
        "segmentation": {"segments": [segment(), segment(2, "Spleen", SPLEEN)], **section},
    }


def work(description: dict | None = None, images: Sequence[Dataset] = (), **more: object) -> Work:
    """What is to be encoded, without files."""
    images = tuple(images or sources())
    text = json.dumps(description or document(images)).encode()
    return Work(**{"description": read_description(text), "identity": IDENTITY, "sources": images, **more})


def placed(array: np.ndarray, placement: np.ndarray | None = None) -> Mask:
    """An array that lies on the grid of the sources, or elsewhere."""
    return Mask(array=array, affine=affine() if placement is None else placement, format="test")


def code(item: dict) -> Code:
    """The code of a description."""
    return Code(**item)


def written(dataset: Dataset, folder: Path) -> Path:
    """The object as a file."""
    path = folder / "encoded.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path
