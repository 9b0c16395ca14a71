"""Reads masks in NRRD, attached headers only."""

from io import BytesIO
from pathlib import Path

import nrrd
import numpy as np

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.bounded import bunzipped, gunzipped, read_file
from overlays.dicom.encode.masks.mask import Mask, check_affine, check_shape, check_type
from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable

LARGEST_HEADER = 1 << 20
SPACES = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
    "las": (1.0, -1.0, 1.0),
}
"""How each patient space of the format turns into LPS."""
TYPES = nrrd.reader._TYPEMAP_NRRD2NUMPY
MILLIMETRES = {"", "mm", "millimeter", "millimetre"}


def read_nrrd(path: Path, limits: EncodingLimits) -> Mask:
    """The mask, its axis without a direction last. Raises MaskUnreadable where no patient space is named; MaskTooLarge."""
    content = read_file(path, limits.max_file_bytes)
    end, gap = min(
        (at, len(mark)) if (at := content.find(mark, 0, LARGEST_HEADER)) >= 0 else (LARGEST_HEADER, 0)
        for mark in (b"\n\n", b"\r\n\r\n")
    )
    if not content.startswith(b"NRRD") or not gap:
        raise MaskUnreadable("The file is no NRRD file with its data behind the header.")
    header = nrrd.read_header(BytesIO(content[: end + gap]))
    if {"data file", "datafile"} & set(header):
        raise MaskUnreadable("Only NRRD files that hold their data are taken, no detached headers.")
    if any(int(header.get(key, 0)) for key in ("byte skip", "byteskip", "line skip", "lineskip")):
        raise MaskUnreadable("NRRD files that skip bytes or lines are not taken.")
    sizes = tuple(int(side) for side in header["sizes"])
    affine, channel = _affine(header, len(sizes))
    shape = sizes if channel is None else (*sizes[:channel], *sizes[channel + 1 :], sizes[channel])
    check_shape(shape, limits)
    dtype = _dtype(header)
    check_type(dtype)
    array = _voxels(memoryview(content)[end + gap :], header, dtype, sizes, limits)
    return Mask(array=array if channel is None else np.moveaxis(array, channel, -1), affine=affine, format="NRRD")


def _dtype(header: dict) -> np.dtype:
    name = TYPES.get(header["type"], "V")
    order = {"big": ">", "little": "<"}.get(header.get("endian"), "")
    if not order and np.dtype(name).itemsize > 1:
        raise MaskUnreadable("The NRRD header does not say whether its numbers are big or little endian.")
    return np.dtype(order + name)


def _voxels(
    data: memoryview, header: dict, dtype: np.dtype, sizes: tuple[int, ...], limits: EncodingLimits
) -> np.ndarray:
    count = int(np.prod(sizes, dtype=np.int64))
    if count * dtype.itemsize > limits.max_inflated_bytes:
        raise MaskTooLarge(f"The voxels take {count * dtype.itemsize} bytes; {limits.max_inflated_bytes} are taken.")
    match header["encoding"]:
        case "raw":
            plain = data
        case "gzip" | "gz":
            plain = gunzipped(data, limits.max_inflated_bytes)
        case "bzip2" | "bz2":
            plain = bunzipped(data, limits.max_inflated_bytes)
        case _:
            raise MaskUnreadable("The encoding of an NRRD file must be raw, gzip or bzip2.")
    if len(plain) < count * dtype.itemsize:
        raise MaskUnreadable(f"The file ends before the {count} voxels that its header announces.")
    return np.frombuffer(plain, dtype, count).reshape(sizes, order="F")


def _affine(header: dict, axes: int) -> tuple[np.ndarray, int | None]:
    """The affine over the spatial axes, and which axis is none."""
    signs = SPACES.get(str(header.get("space", "")).lower())
    if signs is None or "space directions" not in header or "space origin" not in header:
        raise MaskUnreadable(
            "The NRRD header places no voxel: it needs space (left-posterior-superior, right-anterior-superior or "
            "left-anterior-superior), space directions and space origin."
        )
    if any(unit.lower() not in MILLIMETRES for unit in header.get("space units", ())):
        raise MaskUnreadable("The space units of the NRRD header are not millimetres.")
    directions = np.asarray(header["space directions"], float)
    origin = np.asarray(header["space origin"], float)
    if directions.shape != (axes, 3) or origin.shape != (3,):
        raise MaskUnreadable("The NRRD header gives not one space direction an axis, or no origin of three numbers.")
    without = [axis for axis in range(axes) if np.isnan(directions[axis]).all()]
    if len(without) != axes - 3 or len(without) > 1:
        raise MaskUnreadable(f"Of {axes} axes of the NRRD file, {axes - len(without)} have a direction; three must.")
    affine = np.eye(4)
    affine[:3, :3] = np.delete(directions, without, axis=0).T * np.array(signs)[:, None]
    affine[:3, 3] = origin * signs
    return check_affine(affine), without[0] if without else None
