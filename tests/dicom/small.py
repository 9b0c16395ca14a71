"""Small objects for tests of reading: a CT series of five slices of 17 by 15 pixels, and results computed from it."""

from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom import Dataset

from overlays.management.demo.phantom_canvas import Geometry
from overlays.management.demo.phantom_ct import StudyOfPhantom, ct_series
from overlays.management.demo.phantom_objects import Kind, ModelOfPhantom, report, segmentation
from overlays.management.demo.phantom_trunk import Structure

GEOMETRY = Geometry(slices=5, rows=17, columns=15, pixel_spacing=1.0, slice_spacing=3.0, top=10.0)
STUDY = StudyOfPhantom(seed="small", patient_id="P-7", patient_name="Ärger^Jörg", performed=datetime(2026, 1, 1))
MODEL = ModelOfPhantom(name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
CREATED = datetime(2026, 1, 2, 3, 4, 5)


def hounsfield() -> np.ndarray:
    """A ramp along the columns, different in each slice."""
    ramp = np.linspace(-160, 240, GEOMETRY.columns).astype(np.int16)
    return np.broadcast_to(ramp, GEOMETRY.shape) + np.arange(5, dtype=np.int16)[:, None, None]


def masks() -> dict[Structure, np.ndarray]:
    """A liver in the slices 1 to 3 and a spleen in 3 and 4 that do not touch."""
    liver, spleen = np.zeros((2, *GEOMETRY.shape), bool)
    liver[1:4, 2:6, 2:6] = True
    spleen[3:5, 9:12, 9:14] = True
    return {Structure.LIVER: liver, Structure.SPLEEN: spleen}


def images() -> list[Dataset]:
    """The CT."""
    return ct_series(hounsfield(), GEOMETRY, STUDY)


def segments(sources: list[Dataset], kind: Kind = Kind.BINARY, chosen: dict | None = None) -> Dataset:
    """A segmentation of the masks; a fractional one is half sure of everything."""
    wanted = chosen or masks()
    if kind is Kind.FRACTIONAL:
        wanted = {structure: mask.astype(np.float32) / 2 for structure, mask in wanted.items()}
    return segmentation(sources, wanted, STUDY, MODEL, created=CREATED, series=kind, series_number=9, kind=kind)


def document(sources: list[Dataset], measured: Dataset) -> Dataset:
    """A report on both segments."""
    values = {Structure.LIVER: (144.0, 55.5), Structure.SPLEEN: (90.0, 60.5)}
    return report(sources, measured, values, STUDY, MODEL, created=CREATED, series="report", series_number=10)


def save(dataset: Dataset, path: Path) -> Path:
    """The object as a file."""
    dataset.save_as(path, enforce_file_format=True)
    return path
