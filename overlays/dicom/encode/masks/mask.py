"""Holds the voxels of a mask file, and where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable

TOLERANCE = 0.05
"""Voxels by which a plane may lie beside its place on the regular grid, a mask beside the images, and masks beside one another."""
LETTERS = (("L", "R"), ("P", "A"), ("S", "I"))
"""Where the three axes of patient coordinates grow to, and where they come from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mask:
    """The first three axes of ``array`` are spatial, a fourth one counts channels. Integers, booleans or floats.

    ``affine`` (4 by 4) takes indices along the three axes to millimetres in the patient's coordinates, which grow to the Left, the
    Posterior and the Superior (LPS, PS3.3 C.7.6.2.1.1). None: the format says nothing of geometry; then the axes are planes, rows,
    columns. ``format`` is for sentences. ``segments`` are the numbers of the segments that the channels hold; empty: 1, 2, 3 and so on.
    """

    array: np.ndarray
    affine: np.ndarray | None
    format: str
    segments: tuple[int, ...] = ()


RAS_TO_LPS = np.diag((-1.0, -1.0, 1.0, 1.0))


def check_shape(shape: tuple[int, ...], limits: EncodingLimits) -> None:
    """Refuse what no mask can be, before anything is read or allocated: raises MaskUnreadable, MaskTooLarge."""
    if len(shape) not in (3, 4) or min(shape) < 1:
        raise MaskUnreadable(
            f"A mask has 3 spatial axes and may have one of channels; this one has the shape {told(shape)}."
        )
    voxels = 1
    for side in shape:
        voxels *= int(side)
    if voxels > limits.max_voxels:
        raise MaskTooLarge(f"The mask has {voxels} voxels; {limits.max_voxels} are taken.")
    if len(shape) == 4 and shape[3] > limits.max_channels:
        raise MaskTooLarge(f"The mask has {shape[3]} channels; {limits.max_channels} are taken.")


def check_type(dtype: np.dtype) -> None:
    """Refuse voxels that are not numbers: raises MaskUnreadable."""
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise MaskUnreadable(
            f"The voxels of a mask are whole numbers or floats; these are of the type {str(dtype)[:30]}."
        )


def check_affine(affine: np.ndarray) -> np.ndarray:
    """The affine, if it places voxels at all: raises MaskUnreadable when it is not finite or flat."""
    affine = np.asarray(affine, float)
    if affine.shape != (4, 4) or not np.isfinite(affine).all() or not np.allclose(affine[3], (0, 0, 0, 1)):
        raise MaskUnreadable("The affine of the mask is not a finite matrix of 4 by 4 with the last row 0 0 0 1.")
    scale = np.linalg.norm(affine[:3, :3], axis=0)
    if min(scale) <= 0 or abs(np.linalg.det(affine[:3, :3] / scale)) < 1e-3:
        raise MaskUnreadable("The affine of the mask is flat: it puts voxels upon one another.")
    return affine


def told(shape: tuple[int, ...]) -> str:
    """A shape in a sentence."""
    return " × ".join(str(int(side)) for side in shape[:10]) or "of a single number"


def same_geometry(one: Mask, other: Mask) -> bool:
    """Whether the voxels of two masks lie at the same places, in the same order."""
    if one.array.shape[:3] != other.array.shape[:3] or (one.affine is None) != (other.affine is None):
        return False
    if one.affine is None:
        return True
    corners = np.array([[*corner, 1] for corner in product(*((0, side) for side in one.array.shape[:3]))])
    apart = np.abs((np.linalg.inv(one.affine) @ other.affine - np.eye(4)) @ corners.T).max()
    return bool(apart <= TOLERANCE)


def geometry_told(shape: Sequence[int], affine: np.ndarray | None) -> str:
    """Shape, spacing, orientation and origin; the axes in an order of their own, each by where it grows to."""
    if affine is None:
        return f"{told(tuple(shape))} voxels, without a place"
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    directions = affine[:3, :3] / spacing
    toward = "".join(LETTERS[int(np.abs(axis).argmax())][int(axis[np.abs(axis).argmax()] < 0)] for axis in directions.T)
    cosines = "; ".join(", ".join(f"{number + 0.0:.4g}" for number in axis.round(4)) for axis in directions.T)
    origin = ", ".join(f"{number + 0.0:.4f}" for number in affine[:3, 3])
    millimetres = " × ".join(f"{number:.5g}" for number in spacing)
    return f"{told(tuple(shape))} voxels of {millimetres} mm, axes to {toward} ({cosines}), first voxel at ({origin}) in LPS"
