"""Reads masks in NumPy's own formats: .npy, and .npz with the members ``array`` and, where it is placed, ``affine`` and ``space``."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.bounded import read_file
from overlays.dicom.encode.masks.mask import RAS_TO_LPS, Mask, check_affine, check_shape, check_type
from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable

MEMBERS = {"array", "affine", "space"}
LARGEST_HEADER = 10_000
HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
SMALL = 4096
"""Bytes of the members that are no voxels."""


def read_npy(path: Path, limits: EncodingLimits) -> Mask:
    """The mask, without geometry: planes, rows, columns and maybe channels; or rows and columns of one plane.

    Raises MaskUnreadable, MaskTooLarge. Nothing is ever unpickled.
    """
    return Mask(array=_array(read_file(path, limits.max_file_bytes), limits), affine=None, format="NumPy")


def read_npz(path: Path, limits: EncodingLimits) -> Mask:
    """The mask; with ``affine`` (4 by 4, from indices to millimetres) also its geometry, ``space`` being "LPS" or "RAS" then.

    Raises MaskUnreadable, MaskTooLarge.
    """
    content = read_file(path, limits.max_file_bytes)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()[:10]}
        if "array" not in entries or len(archive.infolist()) != len(entries) or set(entries) - MEMBERS:
            raise MaskUnreadable("The members of an .npz mask are array, and affine together with space.")
        if ("affine" in entries) != ("space" in entries):
            raise MaskUnreadable('affine and space come together: space is "LPS" or "RAS".')
        array = _array(_member(archive, entries["array"], limits.max_inflated_bytes), limits)
        if "affine" not in entries:
            return Mask(array=array, affine=None, format="NumPy")
        affine = check_affine(_small(archive, entries["affine"], "iuf"))
        space = str(_small(archive, entries["space"], "U"))
    if array.ndim < 3 or space not in ("LPS", "RAS"):
        raise MaskUnreadable('An .npz mask with an affine has three spatial axes, and its space is "LPS" or "RAS".')
    return Mask(array=array, affine=affine if space == "LPS" else RAS_TO_LPS @ affine, format="NumPy")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    if entry.file_size > limit:
        raise MaskTooLarge(f"A member of the .npz file inflates to {entry.file_size} bytes; {limit} are taken.")
    with archive.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise MaskTooLarge(f"A member of the .npz file inflates to more than {limit} bytes.")
    return content


def _array(content: bytes, limits: EncodingLimits) -> np.ndarray:
    shape, fortran, dtype, offset = _header(content)
    if len(shape) == 2:
        shape = (1, *shape)
        fortran = False if not fortran else None
    check_shape(shape, limits)
    check_type(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    if len(content) - offset < count * dtype.itemsize:
        raise MaskUnreadable(f"The file ends before the {count} voxels that its header announces.")
    flat = np.frombuffer(content, dtype, count, offset)
    if fortran is None:
        return flat.reshape(shape[1:], order="F")[None]
    return flat.reshape(shape, order="F" if fortran else "C")


def _small(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kinds: str) -> np.ndarray:
    content = _member(archive, entry, SMALL)
    shape, fortran, dtype, offset = _header(content)
    if dtype.kind not in kinds or len(shape) > 2 or int(np.prod(shape, dtype=np.int64)) * dtype.itemsize > SMALL:
        raise MaskUnreadable("affine and space of an .npz mask are a small matrix and a word.")
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(content, dtype, count, offset).reshape(shape, order="F" if fortran else "C")


def _header(content: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    stream = BytesIO(content)
    reader = HEADER_READERS.get(npy.read_magic(stream))
    if reader is None:
        raise MaskUnreadable("Only versions 1.0 and 2.0 of NumPy's format are taken.")
    shape, fortran, dtype = reader(stream, max_header_size=LARGEST_HEADER)
    if dtype.hasobject or dtype.itemsize == 0:
        raise MaskUnreadable("The file holds objects, no numbers; nothing is unpickled.")
    return shape, fortran, dtype, stream.tell()
