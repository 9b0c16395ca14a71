"""The grid of source images is found from where each lies, or they are refused with what is wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from overlays.dicom.encode.alignment import aligned
from overlays.dicom.encode.grid import load_headers, regular_grid
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from tests.builders.files import write
from tests.builders.uids import uid
from tests.dicom.encode.images import multi_frame, radiograph, slide
from tests.dicom.encode.wishes import SHAPE, affine, labels, placed, sources


def refusal(images: list[Dataset]) -> str:
    with pytest.raises(EncodingRefused) as refused:
        aligned(placed(labels()), images)
    assert refused.value.reason is Reason.SOURCES
    return refused.value.sentence


def test_images_in_any_order_give_the_grid_along_their_normal() -> None:
    images = [sources()[index] for index in (3, 0, 4, 1, 2)]
    grid = regular_grid(images)
    assert grid.shape == SHAPE
    assert np.allclose(grid.affine, affine())
    assert [float(image.ImagePositionPatient[2]) for image in grid.images] == [0, 2.5, 5, 7.5, 10]


def test_oblique_images_give_an_oblique_grid() -> None:
    turn = np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]])
    images = list(sources())
    for image in images:
        image.ImageOrientationPatient = [*turn[:, 0], *turn[:, 1]]
        image.ImagePositionPatient = list(turn @ np.array(image.ImagePositionPatient, float))
    expected = affine()
    expected[:3] = turn @ expected[:3]
    assert np.allclose(regular_grid(images).affine, expected)


def test_the_frames_of_one_image_are_sorted() -> None:
    image = multi_frame((2, 0, 4, 1, 3))
    grid = regular_grid([image])
    assert grid.frames == (1, 3, 0, 4, 2)
    assert np.allclose(grid.affine, affine())


def test_one_image_is_as_thick_as_it_says() -> None:
    assert np.allclose(np.linalg.norm(regular_grid([sources()[4]]).affine[:3, 0]), 2.5)


def moved(index: int, by: tuple[float, float, float]) -> Callable[[list[Dataset]], object]:
    def change(images: list[Dataset]) -> None:
        position = images[index].ImagePositionPatient
        images[index].ImagePositionPatient = [float(a) + b for a, b in zip(position, by, strict=True)]

    return change


def one(keyword: str, value: object) -> Callable[[list[Dataset]], object]:
    return lambda images: setattr(images[1], keyword, value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda images: images.pop(2), "2.5 mm lie between most of them, but 5 mm"),
        (moved(1, (0, 0, 1)), "no regular grid"),
        (moved(1, (0, 0, 2.5)), "two source images lie at the same place"),
        (moved(1, (1, 0, 0)), "shifted sideways"),
        (one("ImageOrientationPatient", [0, 1, 0, 1, 0, 0]), "different orientations: 1\\0\\0\\0\\1\\0 and 0\\1\\0\\1\\0\\0"),
        (one("ImageOrientationPatient", [1, 0, 0, 1, 0, 0]), "not two perpendicular directions"),
        (one("PixelSpacing", [0.75, 0.8]), "different pixel spacing: 0.75\\0.75 and 0.75\\0.8"),
        (one("Rows", 7), "rows is 37 in one, 7 in another"),
        (one("SeriesInstanceUID", uid("other")), "seriesinstanceuid is"),
        (one("FrameOfReferenceUID", uid("other")), "frameofreferenceuid is"),
        (lambda images: setattr(images[1], "SOPInstanceUID", images[0].SOPInstanceUID), "sop instance uid of its own"),
        (lambda images: images.clear(), "there is no source image"),
        (lambda images: [image.pop("PixelSpacing") for image in images], "no place in space"),
        (lambda images: [image.pop("FrameOfReferenceUID") for image in images], "no place in space"),
        (lambda images: [image.pop("SOPClassUID") for image in images], "have no sopclassuid"),
        (one("ImagePositionPatient", None), "no place in space"),
    ],
)  # fmt: skip
def test_images_that_form_no_grid_are_refused(change: Callable[[list[Dataset]], object], says: str) -> None:
    images = list(sources())
    change(images)
    assert says in refusal(images).lower()


def refusal_by_planes(images: list[Dataset]) -> str:
    loose = Mask(array=labels(), affine=None, format="NumPy")
    with pytest.raises(EncodingRefused) as refused:
        aligned(loose, images, [image.SOPInstanceUID for image in images])
    assert refused.value.reason is Reason.SOURCES
    return refused.value.sentence


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (moved(1, (0, 0, 2.5)), "two source images lie at the same place"),
        (one("ImageOrientationPatient", [0, 1, 0, 1, 0, 0]), "different orientations: 1\\0\\0\\0\\1\\0 and 0\\1\\0\\1\\0\\0"),
        (one("ImageOrientationPatient", [1, 0, 0, 1, 0, 0]), "not two perpendicular directions"),
        (one("PixelSpacing", [0.75, 0.8]), "different pixel spacing: 0.75\\0.75 and 0.75\\0.8"),
        (one("Rows", 7), "rows is 37 in one, 7 in another"),
        (one("Columns", 7), "columns is 35 in one, 7 in another"),
        (one("FrameOfReferenceUID", uid("other")), "frameofreferenceuid is"),
        (one("ImagePositionPatient", None), "1 of the 5 source images or frames have no place in space"),
    ],
)  # fmt: skip
def test_images_that_are_named_plane_by_plane_are_refused_where_they_are_not_alike(
    change: Callable[[list[Dataset]], object], says: str
) -> None:
    images = list(sources())
    change(images)
    assert says in refusal_by_planes(images).lower()


def test_frames_that_lie_at_the_same_place_are_refused_plane_by_plane() -> None:
    image = multi_frame()
    frames = image.PerFrameFunctionalGroupsSequence
    frames[1].PlanePositionSequence = frames[0].PlanePositionSequence
    assert "at the same place" in refusal_by_planes([image])


@pytest.mark.parametrize("change", [lambda images: images.pop(2), moved(1, (1, 0, 0))], ids=["gap", "sideways"])
def test_images_that_are_named_plane_by_plane_need_no_regular_grid(
    change: Callable[[list[Dataset]], object],
) -> None:
    images = list(sources())
    change(images)
    loose = Mask(array=labels()[: len(images)], affine=None, format="NumPy")
    assert aligned(loose, images, [image.SOPInstanceUID for image in images])[1].spacing is None


def test_a_jitter_below_the_tolerance_is_no_gap() -> None:
    images = list(sources())
    moved(2, (0.001, 0, 0.05))(images)
    assert regular_grid(images).shape == SHAPE


@pytest.mark.parametrize(("image", "says"), [(slide(), "tiled"), (radiograph(), "no place in space")])
def test_an_image_without_a_place_for_volumes_has_no_grid(image: Dataset, says: str) -> None:
    assert says in refusal([image])


def test_frames_must_be_placed_one_by_one() -> None:
    image = multi_frame()
    image.NumberOfFrames = 6
    assert "6 frames, but says of 5" in refusal([image])


def test_a_multi_frame_image_stands_alone() -> None:
    image, other = multi_frame(), multi_frame()
    other.SOPInstanceUID = uid("other")
    assert "one multi-frame image at most" in refusal([image, other])


def test_headers_are_read_without_pixels(tmp_path: Path) -> None:
    path = write(sources()[0], tmp_path)
    header = load_headers([path])[0]
    assert header.SOPInstanceUID == sources()[0].SOPInstanceUID
    assert "PixelData" not in header


@pytest.mark.parametrize("content", [b"", b"nothing", bytes(128) + b"DICM" + b"\xff" * 100])
def test_a_header_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dcm").write_bytes(content)
    with pytest.raises(EncodingRefused, match="Source image 1 cannot be read"):
        load_headers([tmp_path / "a.dcm"])


def test_headers_together_have_a_limit(tmp_path: Path) -> None:
    path = write(sources()[0], tmp_path)
    with pytest.raises(EncodingRefused) as refused:
        load_headers([path] * 3, EncodingLimits(max_header_bytes=1000))
    assert refused.value.reason is Reason.TOO_LARGE
