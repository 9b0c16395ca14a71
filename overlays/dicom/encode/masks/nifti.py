"""Reads masks in NIfTI-1 and NIfTI-2, single files, plain or gzipped."""

from io import BytesIO
from pathlib import Path

import nibabel
import numpy as np

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.bounded import gunzipped, read_file
from overlays.dicom.encode.masks.mask import RAS_TO_LPS, Mask, check_affine, check_shape, check_type
from overlays.dicom.encode.refusal import MaskUnreadable

GZIP_MAGIC = b"\x1f\x8b"
HEADERS = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}
"""By the size that the first four bytes state."""
MILLIMETRES = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""What the codes of xyzt_units mean; 0 is unknown, which everybody takes for millimetres."""
SAME_PLACE = 0.05
"""Voxels that sform and qform may differ by at a corner and still mean the same."""


def read_nifti(path: Path, limits: EncodingLimits) -> Mask:
    """The mask, with the affine of sform or qform turned from RAS into LPS.

    Raises MaskUnreadable where neither is set, or where the two place voxels differently; MaskTooLarge.
    """
    content = read_file(path, limits.max_file_bytes)
    data = gunzipped(content, limits.max_inflated_bytes) if content[:2] == GZIP_MAGIC else content
    header = _header(data)
    shape = tuple(int(side) for side in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == 5 and shape[3] == 1:  # vectors stand in the fifth axis
        shape = (*shape[:3], shape[4])
    check_shape(shape, limits)
    dtype = header.get_data_dtype()
    check_type(dtype)
    offset, count = int(header.get_data_offset()), int(np.prod(shape, dtype=np.int64))
    if offset < header.single_vox_offset:
        raise MaskUnreadable(
            f"The voxels of the NIfTI file would begin at byte {offset}, inside its header of {header.single_vox_offset}."
        )
    if offset + count * dtype.itemsize > len(data):
        raise MaskUnreadable(f"The file ends before the {count} voxels that its header announces.")
    array = np.frombuffer(data, dtype, count, offset).reshape(shape, order="F")
    slope, intercept = header.get_slope_inter()
    if slope is not None and (slope, intercept) != (1.0, 0.0):
        array = array * np.float32(slope) + np.float32(intercept)
    return Mask(array=array, affine=_affine(header, shape), format="NIfTI")


def _header(data: bytes | bytearray) -> nibabel.Nifti1Header:
    start = bytes(data[:4])
    kind = HEADERS.get(int.from_bytes(start, "little")) or HEADERS.get(int.from_bytes(start, "big"))
    if kind is None:
        raise MaskUnreadable("The file is no NIfTI-1 or NIfTI-2 file.")
    header = kind.from_fileobj(BytesIO(bytes(data[: kind.template_dtype.itemsize])))
    if bytes(header["magic"].item())[:2] not in (b"n+",):
        raise MaskUnreadable("Only single NIfTI files are taken, no pairs of header and image.")
    return header


def _affine(header: nibabel.Nifti1Header, shape: tuple[int, ...]) -> np.ndarray:
    sform = header.get_sform() if header["sform_code"] > 0 else None
    qform = header.get_qform() if header["qform_code"] > 0 else None
    if sform is None and qform is None:
        raise MaskUnreadable("The NIfTI file has neither sform nor qform: nothing says where its voxels lie.")
    affine = check_affine(qform if sform is None else sform)
    if sform is not None and qform is not None:
        corners = np.array([[*index, 1] for index in np.ndindex(2, 2, 2)]) * [*(side - 1 for side in shape[:3]), 1]
        apart = np.linalg.norm((sform - qform) @ corners.T, axis=0).max()
        if not apart <= SAME_PLACE * np.linalg.norm(affine[:3, :3], axis=0).min():
            raise MaskUnreadable(
                f"sform and qform place the voxels {apart:.3g} mm apart; it is not clear which is meant."
            )
    scale = MILLIMETRES.get(int(header["xyzt_units"]) & 7)
    if scale is None:
        raise MaskUnreadable("The spatial unit of the NIfTI file is none of metre, millimetre and micrometre.")
    return check_affine(RAS_TO_LPS @ np.diag((scale, scale, scale, 1.0)) @ affine)
