"""Writes masks in every format that is read."""

import struct
import zipfile
import zlib
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


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


GAMMA = _chunk(b"gAMA", struct.pack(">I", 45455))
BACKGROUND_IS_TRANSPARENT = _chunk(b"tRNS", bytes(2))


def raw_png(
    samples: np.ndarray, depth: int, colour_type: int, chunks: bytes = b"", *, columns: int | None = None
) -> bytes:
    """A PNG image of rows of samples with so many bits each; ``chunks`` stand before its pixels."""
    rows = b""
    for row in samples:
        bits = "".join(f"{int(sample):0{depth}b}" for sample in row)
        bits += "0" * (-len(bits) % 8)
        rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", columns or samples.shape[1], len(samples), depth, colour_type, 0, 0, 0)
    palette = _chunk(b"PLTE", bytes(3 << depth)) if colour_type == 3 else b""
    pixels = _chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + palette + chunks + pixels + _chunk(b"IEND", b"")


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
