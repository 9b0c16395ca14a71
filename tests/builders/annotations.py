"""Builds bulk simple annotations."""

import warnings

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import slide_image
from tests.builders.uids import uid

_CACHE: dict[tuple, bytes] = {}


def annotations(
    *,
    source: Dataset | None = None,
    kind: str = "2D",
    uid_seed: str = "annotations",
    nuclei: int = 5,
    model_name: str = "NucleiFinder",
    model_version: str = "1.3.0",
    manufacturer: str = "ACME AI",
    patient_id: str | None = None,
) -> pydicom.FileDataset:
    """Two groups on ``source`` (``slide_image()`` when not given), made by a model: polygons around ``nuclei`` with their area, and an
    ellipse around every second of them.

    ``kind`` is 2D (pixels of the image) or 3D (millimetres on the slide, in one focal plane).
    """
    image = source if source is not None else slide_image()
    key = (to_bytes(image), kind, uid_seed, nuclei, model_name, model_version, manufacturer)
    if key not in _CACHE:
        _CACHE[key] = _build(image, kind, uid_seed, nuclei, model_name, model_version, manufacturer)
    found = from_bytes(_CACHE[key])
    if patient_id is not None:
        found.PatientID = patient_id
    return found


def _build(
    image: Dataset, kind: str, seed: str, nuclei: int, model_name: str, model_version: str, manufacturer: str
) -> bytes:
    algorithm = hd.AlgorithmIdentificationSequence(
        name=model_name, version=model_version, family=codes.cid7162.ArtificialIntelligence, source=manufacturer
    )
    polygons = [_placed(_outline(number), kind) for number in range(nuclei)]
    ellipses = [_placed(_axes(number), kind) for number in range(0, nuclei, 2)]
    area = hd.ann.Measurements(
        name=codes.SCT.Area, unit=codes.UCUM.SquareMicrometer, values=np.linspace(20, 30, nuclei, dtype=np.float32)
    )
    groups = [
        _group(1, seed, "Nuclei", "POLYGON", polygons, algorithm, [area], (200, 30, 30)),
        _group(2, seed, "Doubtful nuclei", "ELLIPSE", ellipses, algorithm, None, (30, 30, 200)),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = hd.ann.MicroscopyBulkSimpleAnnotations(
            [image],
            kind,
            groups,
            series_instance_uid=uid(seed, "series"),
            series_number=140,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            device_serial_number="SN-1",
            content_label="AI_NUCLEI",
            content_description=f"{model_name} {model_version}",
            content_creator_name=f"AI^{model_name}",
            content_qualification="PRODUCT",
            series_description=f"{model_name} {model_version}",
            specific_character_set="ISO_IR 192",
        )
    built.ContentDate = built.SeriesDate = built.InstanceCreationDate = "20260103"
    built.ContentTime = built.SeriesTime = built.InstanceCreationTime = "120000"
    for item in built.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            item.ContributionDateTime = "20260103120000"
    return to_bytes(built)


def _group(
    number: int,
    seed: str,
    label: str,
    graphic_type: str,
    graphics: list[np.ndarray],
    algorithm: hd.AlgorithmIdentificationSequence,
    measurements: list[hd.ann.Measurements] | None,
    rgb: tuple[int, int, int],
) -> hd.ann.AnnotationGroup:
    return hd.ann.AnnotationGroup(
        number=number,
        uid=uid(seed, "group", number),
        label=label,
        annotated_property_category=codes.SCT.AnatomicalStructure,
        annotated_property_type=codes.SCT.Nucleus,
        graphic_type=graphic_type,
        graphic_data=graphics,
        algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm,
        measurements=measurements,
        display_color=hd.color.CIELabColor.from_rgb(*rgb),
    )


def _outline(number: int) -> np.ndarray:
    """A polygon of 4 to 6 corners around the middle of a nucleus, in pixels."""
    corners = 4 + number % 3
    angles = np.arange(corners) * 2 * np.pi / corners
    return np.stack([20.0 + 30 * number + 8 * np.cos(angles), 40.0 + 8 * np.sin(angles)], axis=1).round(2)


def _axes(number: int) -> np.ndarray:
    """The ends of the long and of the short axis."""
    x, y = 20.0 + 30 * number, 40.0
    return np.array([[x - 10, y], [x + 10, y], [x, y - 6], [x, y + 6]])


def _placed(points: np.ndarray, kind: str) -> np.ndarray:
    if kind == "2D":
        return points.astype(np.float32)
    return np.column_stack([points * 0.0005, np.zeros(len(points))])
