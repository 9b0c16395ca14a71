"""What is encoded is read back identical, voxel for voxel, by whoever reads it."""

import subprocess
import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from overlays.dicom.bounds import Bounds
from overlays.dicom.child_open import open_instance
from overlays.dicom.encode.masks.read import read_mask
from overlays.dicom.encode.segmentation import TRANSFER_SYNTAXES, encode_mask
from overlays.dicom.findings import Severity
from overlays.dicom.inspect import inspect
from tests.dicom.encode.wishes import SHAPE, SPLEEN, affine, document, fractions, labels, placed, segment, work, written

pytestmark = pytest.mark.slow

FORMS = {
    "BINARY": ("none", "jpeg-2000", "deflated"),
    "FRACTIONAL": ("none", "rle", "jpeg-ls", "jpeg-2000", "deflated"),
    "LABELMAP": ("none", "rle", "jpeg-ls", "jpeg-2000", "deflated"),
    "OVERLAPPING": ("none", "deflated"),
    "SPARSE": ("none", "rle", "deflated"),
}
"""Compressions by form; the last two are a BINARY whose segments overlap, and a LABELMAP of 16 bits with a gap in its numbers."""
CASES = [(form, compression) for form, compressions in FORMS.items() for compression in compressions]
READ_BY_DCMQI = [(form, compression) for form, compression in CASES if compression not in ("jpeg-ls", "jpeg-2000")]
TOOLS = Path(sys.executable).parent


def numbers(form: str) -> tuple[int, int]:
    return (1, 300) if form == "SPARSE" else (1, 2)


def mask(form: str) -> np.ndarray:
    if form == "FRACTIONAL":
        return fractions()
    if form == "OVERLAPPING":
        return np.stack([labels() > 0, labels() == 2], axis=-1).astype(np.uint8)
    return labels(numbers(form)[1], np.uint16)


def expected(form: str) -> np.ndarray:
    """Planes, rows, columns, segments: stored values."""
    if form == "FRACTIONAL":
        return np.rint(fractions() * 255).astype(np.uint8)
    array = mask(form)
    return (
        array if array.ndim == 4 else np.stack([array == number for number in numbers(form)], axis=-1).astype(np.uint8)
    )


def encoded(form: str, compression: str) -> Dataset:
    segments = [segment(), segment(numbers(form)[1], "Spleen", SPLEEN)]
    kind = {"OVERLAPPING": "BINARY", "SPARSE": "LABELMAP"}.get(form, form)
    return encode_mask(
        placed(mask(form)), work(document(type=kind, compression=compression, segments=segments))
    ).dataset


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str, Path]:
    form, compression = request.param
    return form, compression, written(encoded(form, compression), tmp_path)


def test_our_rules_find_no_error(case: tuple[str, str, Path], tmp_path: Path) -> None:
    found = inspect(case[2], bounds=Bounds(), scratch=tmp_path)
    assert found.instance is not None
    assert [finding for finding in found.findings if finding.severity is Severity.ERROR] == []


def test_the_child_opens_it(case: tuple[str, str, Path]) -> None:
    assert open_instance(case[2])[0]["readable"]


def test_the_transfer_syntax_is_the_one_wished(case: tuple[str, str, Path]) -> None:
    assert pydicom.dcmread(case[2], stop_before_pixels=True).file_meta.TransferSyntaxUID in (
        TRANSFER_SYNTAXES[case[1]],
    )


def test_an_independent_validator_finds_no_error(case: tuple[str, str, Path], tmp_path: Path) -> None:
    path = case[2]
    if case[1] == "deflated":  # the program does not inflate
        inflated = pydicom.dcmread(path)
        inflated.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = tmp_path / "inflated.dcm"
        inflated.save_as(path)
    answer = subprocess.run([TOOLS / "dciodvfy", "-new", path], capture_output=True, text=True, check=False)
    assert [line for line in answer.stderr.splitlines() if line.startswith("Error")] == []


def test_highdicom_reads_the_same_voxels(case: tuple[str, str, Path]) -> None:
    form = case[0]
    found = hd.seg.segread(case[2])
    if form in ("LABELMAP", "SPARSE"):  # single segments of more than 8 bits come back empty from highdicom 0.28
        volume = found.get_volume(combine_segments=True)
        array = np.stack([volume.array == number for number in numbers(form)], axis=-1)
    else:
        volume = found.get_volume(rescale_fractional=False)
        array = volume.array
    assert np.array_equal(on_grid(array, volume.affine), expected(form))


def test_pydicom_reads_the_same_voxels(case: tuple[str, str, Path]) -> None:
    form = case[0]
    found = pydicom.dcmread(case[2])
    array = np.zeros_like(expected(form))
    for frame, group in zip(found.pixel_array, found.PerFrameFunctionalGroupsSequence, strict=True):
        plane = round(float(group.PlanePositionSequence[0].ImagePositionPatient[2]) / 2.5)
        if "SegmentIdentificationSequence" in group:
            array[plane, ..., group.SegmentIdentificationSequence[0].ReferencedSegmentNumber - 1] = frame
        else:
            for place, number in enumerate(numbers(form)):
                array[plane, ..., place] = frame == number
    assert np.array_equal(array, expected(form))


@pytest.mark.real
@pytest.mark.parametrize(("form", "compression"), READ_BY_DCMQI)
def test_dcmqi_reads_the_same_voxels(tmp_path: Path, form: str, compression: str) -> None:
    path = written(encoded(form, compression), tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    command = [TOOLS / "segimage2itkimage", "--inputDICOM", path, "--outputDirectory", out, "-t", "nrrd"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    array = np.zeros_like(expected(form))
    for place, number in enumerate(numbers(form)):
        # Label maps come as one file, other segments as one each that holds its number; fractions as they are stored.
        read = read_mask([out / f"{1 if form in ('LABELMAP', 'SPARSE') else number}.nrrd"])
        voxels = on_grid(read.array, read.affine)
        array[..., place] = voxels if form == "FRACTIONAL" else voxels == number
    assert np.array_equal(array, expected(form))


def on_grid(array: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Voxels that lie somewhere on the grid of the sources, on the whole of it."""
    onto = np.linalg.inv(affine()) @ there
    index = np.indices(array.shape[:3]).reshape(3, -1)
    places = np.rint(onto[:3, :3] @ index + onto[:3, 3:]).astype(int)
    assert np.allclose(onto[:3, :3] @ index + onto[:3, 3:], places, atol=1e-3)
    found = np.zeros((*SHAPE, *array.shape[3:]), array.dtype)
    found[tuple(places)] = array.reshape(-1, *array.shape[3:])
    return found
