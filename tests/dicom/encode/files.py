"""Writes masks in every format that is read."""

import zipfile
from io import BytesIO
from pathlib import Path

import nibabel
import nrrd
import numpy as np
from PIL import Image

RAS = np.diag((-1.0, -1.0, 1.0, 1.0))


def nifti(folder: Path, array: np.ndarray, affine: np.ndarray, *, name: str = "mask.nii.gz") -> Path:
    """NIfTI-1 with sform and qform; ``affine`` in LPS."""
    image = nibabel.Nifti1Image(array, RAS @ affine)
    image.set_sform(RAS @ affine, code=1)
    image.set_qform(RAS @ affine, code=1)
    path = folder / name
    nibabel.save(image, path)
    return path


def nrrd_file(folder: Path, array: np.ndarray, affine: np.ndarray, *, encoding: str = "gzip", **header: object) -> Path:
    """NRRD in LPS; a fourth axis is a list without direction."""
    directions = [list(axis) for axis in affine[:3, :3].T]
    if array.ndim == 4:
        directions.append([np.nan] * 3)
    fields = {
        "space": "left-posterior-superior",
        "space directions": np.array(directions),
        "space origin": affine[:3, 3],
        "encoding": encoding,
    }
    path = folder / "mask.nrrd"
    nrrd.write(str(path), array, fields | header)
    return path


def npz(folder: Path, array: np.ndarray, affine: np.ndarray, *, space: str = "LPS") -> Path:
    """NumPy's archive, with a geometry."""
    path = folder / "mask.npz"
    np.savez_compressed(path, array=array, affine=affine, space=np.array(space))
    return path


def npy(folder: Path, array: np.ndarray) -> Path:
    """One NumPy array."""
    path = folder / "mask.npy"
    np.save(path, array)
    return path


def png(plane: np.ndarray) -> bytes:
    """One plane of unsigned integers as a PNG image."""
    buffer = BytesIO()
    Image.fromarray(plane).save(buffer, "PNG")
    return buffer.getvalue()


def png_stack(folder: Path, array: np.ndarray) -> list[Path]:
    """One file a plane."""
    paths = []
    for number, plane in enumerate(array):
        paths.append(folder / f"{number:04}.png")
        paths[-1].write_bytes(png(plane))
    return paths


def png_archive(folder: Path, array: np.ndarray, *, names: str = "{:04}.png") -> Path:
    """A ZIP of one image a plane."""
    path = folder / "mask.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, plane in enumerate(array):
            archive.writestr(names.format(number), png(plane))
    return path
