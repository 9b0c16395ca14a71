"""Brings a mask onto the planes of its source images, by geometry or by what the client says of them, never by a guess."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from pydicom import Dataset

from overlays.dicom.encode.grid import (
    Grid,
    check_sources,
    is_multiframe,
    is_tiled,
    regular_grid,
    spacing_of_stack,
)
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.mask import TOLERANCE, Mask, geometry_told, told
from overlays.dicom.encode.refusal import EncodingRefused, Reason


def aligned(
    mask: Mask, images: Sequence[Dataset], planes: Sequence[str] = (), limits: EncodingLimits | None = None
) -> tuple[np.ndarray, Grid]:
    """The voxels as (plane, row, column) or (plane, row, column, channel) in the order in which an encoder wants them, and the grid.

    That order is the grid's images, or the frames of the one multi-frame image as it stores them. ``planes`` are the SOP Instance
    UIDs of the images on which the planes of a mask without geometry lie. The array may be a view.

    Raises EncodingRefused: GEOMETRY with both geometries where the mask has another grid; NO_GEOMETRY where nothing places it;
    SOURCES where the images form no grid, or those of planes have several orientations, spacings or frames of reference, or one place.
    """
    check_sources(images, limits or EncodingLimits())
    if mask.affine is None:
        return _by_planes(mask, images, planes)
    if planes:
        raise EncodingRefused(
            Reason.GEOMETRY, f"The {mask.format} mask has a geometry of its own; planes must not say another one."
        )
    grid = regular_grid(images)
    array = _by_geometry(mask, grid)
    if grid.frames is None:
        return array, grid
    stored = np.empty_like(array)
    stored[list(grid.frames)] = array
    return stored, grid


def _by_geometry(mask: Mask, grid: Grid) -> np.ndarray:
    """Permute and flip the axes of the mask so that its voxels lie on those of the grid."""
    onto = np.linalg.inv(grid.affine) @ mask.affine
    axes = [int(np.abs(onto[:3, axis]).argmax()) for axis in range(3)]
    if sorted(axes) != [0, 1, 2]:
        raise _differs(mask, grid)
    exact = np.zeros((4, 4))
    exact[3, 3] = 1.0
    for axis, target in enumerate(axes):
        if mask.array.shape[axis] != grid.shape[target]:
            raise _differs(mask, grid)
        sign = 1.0 if onto[target, axis] > 0 else -1.0
        exact[target, axis] = sign
        exact[target, 3] = 0.0 if sign > 0 else grid.shape[target] - 1
    corners = np.array([[*corner, 1] for corner in product(*((0, side - 1) for side in mask.array.shape[:3]))])
    if not np.abs((onto - exact) @ corners.T).max() <= TOLERANCE or not _spacing_fits(onto, exact, grid):
        raise _differs(mask, grid)
    order = [axes.index(target) for target in range(3)]
    array = np.transpose(mask.array, (*order, *range(3, mask.array.ndim)))
    flips = [axis for axis in range(3) if exact[axis, order[axis]] < 0]
    return np.flip(array, flips) if flips else array


def _spacing_fits(onto: np.ndarray, exact: np.ndarray, grid: Grid) -> bool:
    """Along an axis of one voxel no corner tells the spacing: there the direction must fit, and the thickness is nobody's claim."""
    lone = [axis for axis in range(3) if grid.shape[axis] == 1]
    for target in lone:
        axis = int(np.abs(exact[target, :3]).argmax())
        direction = onto[:3, axis] / np.linalg.norm(onto[:3, axis])
        if np.abs(direction - exact[:3, axis]).max() > TOLERANCE:
            return False
    return True


def _by_planes(mask: Mask, images: Sequence[Dataset], planes: Sequence[str]) -> tuple[np.ndarray, Grid]:
    array, image = mask.array, images[0]
    if not planes:
        raise EncodingRefused(
            Reason.NO_GEOMETRY,
            f"A {mask.format} mask says nothing of geometry: planes must name the source image of each of its "
            f"{array.shape[0]} planes, in their order.",
        )
    by_uid = {item.SOPInstanceUID: item for item in images}
    strangers = [uid for uid in planes if uid not in by_uid]
    if strangers:
        raise EncodingRefused(Reason.NO_GEOMETRY, f"planes names {strangers[0]}, which is none of the source images.")
    if is_tiled(image):
        shape = (1, int(image.TotalPixelMatrixRows), int(image.TotalPixelMatrixColumns))
        alone = Grid(images=(image,), sources=(image,), frames=None, shape=shape, affine=None, spacing=None)
        return _fitting(array, shape, planes, 1), alone
    frames = int(image.NumberOfFrames) if is_multiframe(image) else None
    count = len(planes) if frames is None else frames
    shape = (count, int(image.Rows), int(image.Columns))
    chosen = tuple(by_uid[uid] for uid in planes)
    order = None if frames is None else tuple(range(frames))
    fitting = _fitting(array, shape, planes, frames)
    named = set(planes)
    return fitting, Grid(
        images=chosen,
        sources=(*chosen, *(item for item in images if item.SOPInstanceUID not in named)),
        frames=order,
        shape=shape,
        affine=None,
        spacing=spacing_of_stack(images, planes),
    )


def _fitting(array: np.ndarray, shape: tuple[int, int, int], planes: Sequence[str], frames: int | None) -> np.ndarray:
    if array.shape[:3] != shape:
        wanted = f"{len(planes)} image(s)" if frames is None else f"one image of {frames} frame(s)"
        raise EncodingRefused(
            Reason.GEOMETRY,
            f"The mask has {told(array.shape[:3])} planes, rows and columns; planes names {wanted} of {told(shape[1:])}, "
            f"which makes {told(shape)}.",
        )
    return array


def _differs(mask: Mask, grid: Grid) -> EncodingRefused:
    return EncodingRefused(
        Reason.GEOMETRY,
        f"The mask does not lie on the grid of the source images. Mask: {geometry_told(mask.array.shape[:3], mask.affine)}. "
        f"Source images: {geometry_told(grid.shape, grid.affine)}.",
    )
