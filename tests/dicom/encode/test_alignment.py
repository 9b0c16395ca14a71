"""A mask comes to lie on its sources by geometry alone, or is refused with both geometries."""

from itertools import permutations, product

import numpy as np
import pytest

from overlays.dicom.encode.alignment import aligned
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from tests.dicom.encode.images import SLIDE_SHAPE, multi_frame, radiograph, slide
from tests.dicom.encode.wishes import SHAPE, affine, fractions, labels, placed, sources

ORIENTATIONS = [(order, flips) for order in permutations(range(3)) for flips in product((False, True), repeat=3)]


def turned(array: np.ndarray, order: tuple[int, ...], flips: tuple[bool, ...]) -> Mask:
    """The same voxels in the same places, with axes in another order and direction."""
    axes = [axis for axis, flip in enumerate(flips) if flip]
    there = affine()
    for axis in axes:
        there[:3, 3] += there[:3, axis] * (array.shape[axis] - 1)
        there[:3, axis] *= -1
    array = np.transpose(np.flip(array, axes), (*order, *range(3, array.ndim)))
    return placed(array, there[:, [*order, 3]])


def refusal(mask: Mask, images=None, planes=()) -> EncodingRefused:
    with pytest.raises(EncodingRefused) as refused:
        aligned(mask, images or sources(), planes)
    return refused.value


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS)
def test_every_order_and_direction_of_axes_gives_the_same_voxels(
    order: tuple[int, ...], flips: tuple[bool, ...]
) -> None:
    array, grid = aligned(turned(labels(), order, flips), sources())
    assert np.array_equal(array, labels())
    assert grid.shape == SHAPE


def test_channels_come_along() -> None:
    array, _ = aligned(turned(fractions(), (2, 0, 1), (True, False, True)), sources())
    assert np.array_equal(array, fractions())


def test_a_mask_of_a_multi_frame_image_takes_the_order_of_its_frames() -> None:
    order = (2, 0, 4, 1, 3)
    array, grid = aligned(placed(labels()), [multi_frame(order)])
    assert np.array_equal(array, labels()[list(order)])
    assert grid.frames == (1, 3, 0, 4, 2)


def test_a_mask_beside_by_less_than_the_tolerance_is_taken() -> None:
    there = affine()
    there[:3, 3] += 0.03 * 0.75
    assert np.array_equal(aligned(placed(labels(), there), sources())[0], labels())


def shifted() -> np.ndarray:
    there = affine()
    there[0, 3] += 0.75
    return there


def scaled() -> np.ndarray:
    there = affine()
    there[:3, 2] *= 1.01
    return there


def rotated() -> np.ndarray:
    there, turn = affine(), np.deg2rad(2)
    there[:3, :3] = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]] @ there[:3, :3]
    return there


def mirrored() -> np.ndarray:
    """RAS taken for LPS."""
    return np.diag((-1, -1, 1, 1)) @ affine()


@pytest.mark.parametrize(
    "there", [shifted(), scaled(), rotated(), mirrored()], ids=["shift", "scale", "turn", "mirror"]
)
def test_a_mask_on_another_grid_is_refused_with_both_geometries(there: np.ndarray) -> None:
    refused = refusal(placed(labels(), there))
    assert refused.reason is Reason.GEOMETRY
    source = "5 × 37 × 35 voxels of 2.5 × 0.75 × 0.75 mm, axes to SPL"
    assert (
        f"Source images: {source} (0, 0, 1; 0, 1, 0; 1, 0, 0), first voxel at (-32.0000, -32.0000, 0.0000) in LPS."
        in str(refused)
    )
    assert str(refused).count("voxels of") == 2


def test_the_sentence_tells_the_geometry_of_the_mask() -> None:
    said = str(refusal(placed(labels()[:, :-1], mirrored())))
    assert (
        "Mask: 5 × 36 × 35 voxels of 2.5 × 0.75 × 0.75 mm, axes to SAR (0, 0, 1; 0, -1, 0; -1, 0, 0), first voxel at (32.0000, 32"
        in said
    )


def test_a_mask_of_another_shape_is_refused() -> None:
    assert refusal(placed(np.zeros((5, 37, 34), np.uint8))).reason is Reason.GEOMETRY


def test_a_mask_of_half_the_resolution_is_refused() -> None:
    there = affine()
    there[:3, 1:3] *= 2
    assert refusal(placed(labels()[:, ::2, ::2], there)).reason is Reason.GEOMETRY


def test_one_plane_is_placed_whatever_its_thickness() -> None:
    there = affine()
    there[:3, 0] *= 3
    array, _ = aligned(placed(labels()[:1], there), [sources()[-1]])
    assert np.array_equal(array, labels()[:1])


def test_one_plane_that_is_tilted_is_refused() -> None:
    there = affine()
    there[:3, 0] = (0.5, 0, 2.5)
    assert refusal(placed(labels()[:1], there), [sources()[-1]]).reason is Reason.GEOMETRY


def loose(array: np.ndarray) -> Mask:
    return Mask(array=array, affine=None, format="NumPy")


def test_planes_say_on_which_images_a_mask_without_geometry_lies() -> None:
    images = sources()
    chosen = [images[3], images[0]]
    array, grid = aligned(loose(labels()[:2]), images, [image.SOPInstanceUID for image in chosen])
    assert np.array_equal(array, labels()[:2])
    assert [image.SOPInstanceUID for image in grid.images] == [image.SOPInstanceUID for image in chosen]


def test_the_planes_of_a_multi_frame_image_are_its_frames() -> None:
    image = multi_frame()
    array, grid = aligned(loose(labels()), [image], [image.SOPInstanceUID])
    assert np.array_equal(array, labels())
    assert grid.frames == (0, 1, 2, 3, 4)


def test_a_radiograph_takes_one_plane() -> None:
    image = radiograph()
    array, grid = aligned(loose(labels()[3:4]), [image], [image.SOPInstanceUID])
    assert (array.shape, grid.affine) == ((1, *SHAPE[1:]), None)


def test_a_slide_takes_its_whole_matrix() -> None:
    image = slide()
    array, _ = aligned(loose(np.ones(SLIDE_SHAPE, np.uint8)), [image], [image.SOPInstanceUID])
    assert array.shape == SLIDE_SHAPE


def test_without_planes_a_mask_without_geometry_is_refused() -> None:
    refused = refusal(loose(labels()))
    assert refused.reason is Reason.NO_GEOMETRY
    assert "planes must name the source image of each of its 5 planes" in refused.sentence


def test_planes_that_are_no_source_are_refused() -> None:
    assert "none of the source images" in refusal(loose(labels()), planes=["1.2.3"]).sentence


def test_planes_in_another_number_are_refused_with_both_shapes() -> None:
    images = sources()
    refused = refusal(loose(labels()), images, [image.SOPInstanceUID for image in images[:4]])
    assert "The mask has 5 × 37 × 35 planes, rows and columns; planes names 4 image(s) of 37 × 35" in refused.sentence


def test_planes_beside_a_geometry_are_refused() -> None:
    assert refusal(placed(labels()), planes=["1.2.3"]).reason is Reason.GEOMETRY
