"""Builds parametric maps."""

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
from tests.builders.segmentations import settle
from tests.builders.uids import uid

MOST_STORED = 1000
"""The stored value of an integer map that means 1."""
_CACHE: dict[tuple, bytes] = {}


def parametric_map(
    *,
    sources: Sequence[Dataset] | None = None,
    kind: str = "FLOAT",
    uid_seed: str = "map",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
    content_label: str = "AI_MAP",
    patient_id: str | None = None,
    study_uid: str | None = None,
) -> pydicom.FileDataset:
    """A map of probabilities from 0 to 1 over ``sources`` (``ct_series()`` when not given), one frame each.

    ``kind`` is FLOAT, DOUBLE or INTEGER (16 bits, 1,000 meaning 1).
    """
    images = list(sources) if sources is not None else ct_series()
    digest = hashlib.sha256(b"".join(to_bytes(image) for image in images)).hexdigest()
    key = (digest, kind, uid_seed, model_name, model_version, manufacturer, content_label)
    if key not in _CACHE:
        _CACHE[key] = _build(images, kind, uid_seed, model_name, model_version, manufacturer, content_label)
    found = from_bytes(_CACHE[key])
    for keyword, value in (("PatientID", patient_id), ("StudyInstanceUID", study_uid)):
        if value is not None:
            setattr(found, keyword, value)
    return found


def probabilities(images: Sequence[Dataset]) -> np.ndarray:
    """Planes by rows by columns: a ramp of a thousand steps that differs from plane to plane."""
    rows, columns = images[0].Rows, images[0].Columns
    ramp = np.add.outer(np.arange(rows), np.arange(columns)) * (MOST_STORED // (rows + columns))
    return np.stack([(ramp + plane) / MOST_STORED for plane in range(len(images))])


def _build(
    images: list[Dataset],
    kind: str,
    seed: str,
    model_name: str,
    model_version: str,
    manufacturer: str,
    content_label: str,
) -> bytes:
    values = probabilities(images)
    match kind:
        case "FLOAT":
            pixels = values.astype(np.float32)
        case "DOUBLE":
            pixels = values
        case _:
            pixels = np.rint(values * MOST_STORED).astype(np.uint16)
    whole = kind == "INTEGER"
    mapping = hd.pm.RealWorldValueMapping(
        lut_label="PROBABILITY",
        lut_explanation="Probability of liver",
        unit=codes.UCUM.NoUnits,
        value_range=(0, MOST_STORED) if whole else (0.0, 1.0),
        slope=1 / MOST_STORED if whole else 1.0,
        intercept=0.0,
        quantity_definition=codes.DCM.Probability,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = hd.pm.ParametricMap(
            images,
            pixels,
            series_instance_uid=uid(seed, "series"),
            series_number=120,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            device_serial_number="SN-1",
            contains_recognizable_visual_features=False,
            real_world_value_mappings=[mapping],
            window_center=MOST_STORED / 2 if whole else 0.5,
            window_width=MOST_STORED if whole else 1.0,
            content_label=content_label,
            content_description=f"{model_name} {model_version}",
            content_creator_name=f"AI^{model_name}",
            content_qualification="PRODUCT",
            series_description=f"{model_name} {model_version}",
            specific_character_set="ISO_IR 192",
        )
    built.Laterality = ""
    settle(built, seed)
    return to_bytes(built)
