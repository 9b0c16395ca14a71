"""Each format gives the same voxels and the same geometry; whatever is no mask is refused in the core's own words."""

import contextlib
import gzip
import io
import struct
import warnings
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.read import read_mask
from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable, Reason
from tests.dicom.encode import files
from tests.dicom.encode.wishes import affine, fractions, labels

XYZ = np.transpose(labels(), (2, 1, 0))
"""Columns, rows, planes, as NIfTI and NRRD have them."""
XYZ_AFFINE = affine()[:, [2, 1, 0, 3]]


def refusal(path: Path, limits: EncodingLimits | None = None) -> MaskUnreadable | MaskTooLarge:
    with pytest.raises((MaskUnreadable, MaskTooLarge)) as refused:
        read_mask([path], limits)
    return refused.value


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz"])
def test_nifti_gives_voxels_and_the_affine_in_lps(tmp_path: Path, name: str) -> None:
    mask = read_mask([files.nifti(tmp_path, XYZ, XYZ_AFFINE, name=name)])
    assert np.array_equal(mask.array, XYZ)
    assert np.allclose(mask.affine, XYZ_AFFINE, atol=1e-5)


def test_big_endian_nifti_is_read(tmp_path: Path) -> None:
    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype(">i2")
    image = nibabel.Nifti1Image(XYZ.astype(">i2"), files.RAS @ XYZ_AFFINE, header)
    image.set_sform(files.RAS @ XYZ_AFFINE, code=1)
    nibabel.save(image, tmp_path / "mask.nii")
    mask = read_mask([tmp_path / "mask.nii"])
    assert (tmp_path / "mask.nii").read_bytes()[:4] == b"\x00\x00\x01\x5c"
    assert np.array_equal(mask.array, XYZ)


def test_nifti_2_is_read(tmp_path: Path) -> None:
    image = nibabel.Nifti2Image(XYZ, files.RAS @ XYZ_AFFINE)
    image.set_sform(files.RAS @ XYZ_AFFINE, code=1)
    nibabel.save(image, tmp_path / "mask.nii")
    assert np.array_equal(read_mask([tmp_path / "mask.nii"]).array, XYZ)


def test_scaled_nifti_gives_the_values_that_are_meant(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(XYZ, files.RAS @ XYZ_AFFINE)
    image.set_sform(files.RAS @ XYZ_AFFINE, code=1)
    image.header.set_slope_inter(0.5, 0)
    content = bytearray(image.to_bytes())
    struct.pack_into("<ff", content, 112, 0.5, 0)
    (tmp_path / "mask.nii").write_bytes(content)
    assert read_mask([tmp_path / "mask.nii"]).array.max() == 1.0


def test_nifti_in_metres_is_placed_in_millimetres(tmp_path: Path) -> None:
    scaled = XYZ_AFFINE.copy()
    scaled[:3] /= 1000
    path = files.nifti(tmp_path, XYZ, scaled, name="mask.nii")
    content = bytearray(path.read_bytes())
    content[123] = 1
    path.write_bytes(content)
    assert np.allclose(read_mask([path]).affine, XYZ_AFFINE, atol=1e-3)


def test_channels_of_nifti_stand_last(tmp_path: Path) -> None:
    array = np.transpose(fractions(), (2, 1, 0, 3))
    assert np.array_equal(read_mask([files.nifti(tmp_path, array, XYZ_AFFINE)]).array, array)


def test_nifti_without_any_transform_is_refused(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(XYZ, None)
    image.header["qform_code"] = image.header["sform_code"] = 0
    nibabel.save(image, tmp_path / "mask.nii")
    assert "neither sform nor qform" in refusal(tmp_path / "mask.nii").sentence


def test_nifti_whose_transforms_contradict_each_other_is_refused(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(XYZ, files.RAS @ XYZ_AFFINE)
    image.set_sform(XYZ_AFFINE, code=1)
    image.set_qform(files.RAS @ XYZ_AFFINE, code=1)
    nibabel.save(image, tmp_path / "mask.nii")
    assert "sform and qform place the voxels" in refusal(tmp_path / "mask.nii").sentence


@pytest.mark.parametrize("offset", [-352, 0, 300, 351])
@pytest.mark.parametrize(("kind", "first"), [(nibabel.Nifti1Image, 352), (nibabel.Nifti2Image, 544)])
def test_nifti_whose_voxels_would_begin_in_its_header_is_refused(
    tmp_path: Path, kind: type, first: int, offset: int
) -> None:
    image = kind(XYZ, files.RAS @ XYZ_AFFINE)
    content = bytearray(image.to_bytes())
    at, form = (108, "<f") if first == 352 else (168, "<q")
    assert struct.unpack_from(form, content, at)[0] == first
    struct.pack_into(form, content, at, offset)
    (tmp_path / "mask.nii").write_bytes(content)
    assert refusal(tmp_path / "mask.nii").reason is Reason.MASK_UNREADABLE


@pytest.mark.parametrize("name", ["mask.hdr", "mask.img", "mask.nii"])
def test_a_pair_of_header_and_image_is_refused(tmp_path: Path, name: str) -> None:
    nibabel.save(nibabel.Nifti1Pair(XYZ, files.RAS @ XYZ_AFFINE), tmp_path / "pair.img")
    path = (tmp_path / ("pair.img" if name == "mask.img" else "pair.hdr")).rename(tmp_path / name)
    assert refusal(path).reason is Reason.MASK_UNREADABLE


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_nrrd_gives_voxels_and_the_affine(tmp_path: Path, encoding: str) -> None:
    mask = read_mask([files.nrrd_file(tmp_path, XYZ, XYZ_AFFINE, encoding=encoding)])
    assert np.array_equal(mask.array, XYZ)
    assert np.allclose(mask.affine, XYZ_AFFINE)


@pytest.mark.parametrize(
    ("space", "signs"),
    [("right-anterior-superior", (-1, -1, 1)), ("RAS", (-1, -1, 1)), ("left-anterior-superior", (1, -1, 1))],
)
def test_the_space_of_nrrd_is_turned_into_lps(tmp_path: Path, space: str, signs: tuple[int, ...]) -> None:
    there = np.diag((*signs, 1)) @ XYZ_AFFINE
    assert np.allclose(read_mask([files.nrrd_file(tmp_path, XYZ, there, space=space)]).affine, XYZ_AFFINE)


def test_an_axis_of_nrrd_without_a_direction_counts_channels_wherever_it_stands(tmp_path: Path) -> None:
    array = np.ascontiguousarray(np.transpose(fractions(), (3, 2, 1, 0)))
    directions = np.vstack(([np.nan] * 3, XYZ_AFFINE[:3, :3].T))
    path = files.nrrd_file(tmp_path, array, XYZ_AFFINE, **{"space directions": directions})
    mask = read_mask([path])
    assert np.array_equal(mask.array, np.moveaxis(array, 0, -1))
    assert np.allclose(mask.affine, XYZ_AFFINE)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("space", "scanner-xyz", "places no voxel"),
        ("space units", ["cm", "cm", "cm"], "not millimetres"),
        ("byte skip", 5, "skip bytes"),
    ],
)
def test_nrrd_that_is_not_placed_is_refused(tmp_path: Path, field: str, value: object, says: str) -> None:
    path = files.nrrd_file(tmp_path, XYZ, XYZ_AFFINE, encoding="raw", **{field: value})
    assert says in refusal(path).sentence


def test_a_detached_nrrd_header_reads_no_other_file(tmp_path: Path) -> None:
    path = files.nrrd_file(tmp_path, XYZ, XYZ_AFFINE)
    path.write_bytes(path.read_bytes().replace(b"\n\n", b"\ndata file: /etc/passwd\n\n", 1))
    assert "no detached headers" in refusal(path).sentence


@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_has_no_geometry(tmp_path: Path, order: str) -> None:
    mask = read_mask([files.npy(tmp_path, np.asarray(labels(), order=order))])
    assert np.array_equal(mask.array, labels())
    assert mask.affine is None


@pytest.mark.parametrize("order", ["C", "F"])
def test_one_plane_of_npy_is_one_plane(tmp_path: Path, order: str) -> None:
    mask = read_mask([files.npy(tmp_path, np.asarray(labels()[3], order=order))])
    assert np.array_equal(mask.array, labels()[3:4])


@pytest.mark.parametrize(("space", "there"), [("LPS", affine()), ("RAS", files.RAS @ affine())])
def test_npz_may_carry_its_affine_and_says_in_which_space(tmp_path: Path, space: str, there: np.ndarray) -> None:
    mask = read_mask([files.npz(tmp_path, labels(), there, space=space)])
    assert np.array_equal(mask.array, labels())
    assert np.allclose(mask.affine, affine())


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"mask": labels()}, "members"),
        ({"array": labels(), "extra": labels()}, "members"),
        ({"array": labels(), "affine": affine()}, "come together"),
        ({"array": labels(), "affine": affine(), "space": np.array("LAS")}, '"LPS" or "RAS"'),
        ({"array": labels(), "affine": np.eye(3), "space": np.array("LPS")}, "4 by 4"),
        ({"array": labels(), "affine": affine() * np.nan, "space": np.array("LPS")}, "finite"),
        ({"array": labels(), "affine": np.diag((1.0, 1, 0, 1)), "space": np.array("LPS")}, "flat"),
    ],
)
def test_npz_with_other_members_is_refused(tmp_path: Path, members: dict, says: str) -> None:
    np.savez(tmp_path / "mask.npz", **members)
    assert says in refusal(tmp_path / "mask.npz").sentence


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_stack_of_png_images_is_one_plane_each(tmp_path: Path, dtype: type) -> None:
    second = 300 if dtype is np.uint16 else 2
    mask = read_mask(files.png_stack(tmp_path, labels(second, dtype)))
    assert np.array_equal(mask.array, labels(second, dtype))
    assert mask.affine is None


def test_a_zip_of_png_images_goes_by_their_names(tmp_path: Path) -> None:
    assert np.array_equal(read_mask([files.png_archive(tmp_path, labels())]).array, labels())


def test_names_that_sort_two_ways_are_refused(tmp_path: Path) -> None:
    path = files.png_archive(tmp_path, np.repeat(labels(), 3, axis=0), names="plane_{}.png")
    assert "fill the numbers up with zeros" in refusal(path).sentence


def test_images_of_several_sizes_are_refused(tmp_path: Path) -> None:
    paths = files.png_stack(tmp_path, labels())
    paths[2].write_bytes(files.png(labels()[2, 1:]))
    with pytest.raises(MaskUnreadable, match="Image 3 has 36 × 35 pixels"):
        read_mask(paths)


def test_colour_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(files.png(np.zeros((4, 4, 3), np.uint8)))
    assert "more than one channel" in refusal(tmp_path / "a.png").sentence


@pytest.mark.parametrize(
    ("colour_type", "depth"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (3, 1), (3, 2), (3, 4), (3, 8)]
)
@pytest.mark.parametrize("chunks", [b"", files.GAMMA + files.BACKGROUND_IS_TRANSPARENT], ids=["plain", "gamma"])
def test_every_depth_of_png_gives_the_samples_as_they_are(
    tmp_path: Path, depth: int, colour_type: int, chunks: bytes
) -> None:
    plane = np.arange(6 * 11).reshape(6, 11) * 997 % (1 << depth)
    (tmp_path / "a.png").write_bytes(files.raw_png(plane, depth, colour_type, chunks))
    assert np.array_equal(read_mask([tmp_path / "a.png"]).array[0], plane)


@pytest.mark.parametrize("colour_type", [2, 4, 6], ids=["colour", "grey and alpha", "colour and alpha"])
@pytest.mark.parametrize("depth", [8, 16])
def test_png_of_several_channels_is_refused(tmp_path: Path, colour_type: int, depth: int) -> None:
    plane = np.zeros((4, 5 * {2: 3, 4: 2, 6: 4}[colour_type]), np.uint16)
    (tmp_path / "a.png").write_bytes(files.raw_png(plane, depth, colour_type, columns=5))
    assert "more than one channel" in refusal(tmp_path / "a.png").sentence


def test_an_image_of_another_format_is_no_png(tmp_path: Path) -> None:
    Image.fromarray(labels()[0]).save(tmp_path / "a.bmp")
    assert (tmp_path / "a.bmp").rename(tmp_path / "a.png").exists()
    assert "cannot be read" in refusal(tmp_path / "a.png").sentence


def test_no_file_is_no_mask() -> None:
    with pytest.raises(MaskUnreadable):
        read_mask([])


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mask.mha").write_bytes(b"")
    assert ".nii.gz" in refusal(tmp_path / "mask.mha").sentence


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "mask.npy", np.array([print], dtype=object), allow_pickle=True)
    assert "nothing is unpickled" in refusal(tmp_path / "mask.npy").sentence


@pytest.mark.parametrize(
    "array", [np.zeros((3, 3, 3), complex), np.zeros((2, 2, 2, 2, 2)), np.zeros(5), np.zeros((0, 2, 2))]
)
def test_arrays_that_are_no_masks_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    assert refusal(files.npy(tmp_path, array)).reason is Reason.MASK_UNREADABLE


SMALL = EncodingLimits(max_file_bytes=100_000, max_inflated_bytes=1 << 20, max_voxels=1 << 20)


def bomb(folder: Path, kind: str) -> Path:
    """A small file that inflates to 64 MB of zeros, whatever its header says."""
    zeros = bytes(64 << 20)
    shape = (1024, 1024, 64)
    if kind == "nii.gz":
        head = nibabel.Nifti1Image(np.zeros((2, 2, 2), np.uint8), np.eye(4)).to_bytes()
        path = folder / "bomb.nii.gz"
        path.write_bytes(gzip.compress(head + zeros))
    elif kind == "nrrd":
        path = files.nrrd_file(folder, np.zeros((64, 64, 64), np.uint8), np.eye(4))
        head = path.read_bytes().split(b"\n\n")[0]
        path.write_bytes(head + b"\n\n" + gzip.compress(zeros))
    elif kind == "npz":
        path = folder / "bomb.npz"
        np.savez_compressed(path, array=np.zeros(shape, np.uint8))
    elif kind == "zip":
        path = folder / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0.png", zeros)
    else:
        path = folder / "bomb.png"
        image = io.BytesIO()
        Image.new("L", (8192, 8192)).save(image, "PNG")
        path.write_bytes(image.getvalue())
    assert path.stat().st_size < 100_000
    return path


@pytest.mark.parametrize("kind", ["nii.gz", "nrrd", "npz", "zip", "png"])
def test_a_bomb_is_refused_before_it_is_inflated(tmp_path: Path, kind: str) -> None:
    assert refusal(bomb(tmp_path, kind), SMALL).reason is Reason.TOO_LARGE


def test_a_zip_that_lies_about_its_sizes_is_not_inflated_further(tmp_path: Path) -> None:
    path = bomb(tmp_path, "npz")
    content = path.read_bytes()
    size = struct.pack("<L", (64 << 20) + 128)
    assert size in content
    path.write_bytes(content.replace(size, struct.pack("<L", 1000)))
    assert refusal(path, SMALL)


@pytest.mark.parametrize("shape", [(1 << 20, 1 << 20, 1 << 20), (1, 1, 1 << 62), (2, 2, 2, 1 << 40)])
def test_an_array_that_announces_too_much_is_refused_before_it_is_allocated(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    (tmp_path / "mask.npy").write_bytes(buffer.getvalue() + bytes(100))
    assert refusal(tmp_path / "mask.npy").reason is Reason.TOO_LARGE


def test_a_file_over_its_limit_is_not_read(tmp_path: Path) -> None:
    path = files.npy(tmp_path, np.zeros((100, 100, 100), np.uint8))
    assert refusal(path, SMALL).reason is Reason.TOO_LARGE


def every_format(folder: Path) -> list[Path]:
    found = [
        files.nifti(folder, XYZ, XYZ_AFFINE),
        files.nifti(folder, XYZ, XYZ_AFFINE, name="plain.nii"),
        files.nrrd_file(folder, XYZ, XYZ_AFFINE, encoding="raw"),
        files.npz(folder, labels(), affine()),
        files.npy(folder, labels()),
        files.png_archive(folder, labels()),
    ]
    image = folder / "one.png"
    image.write_bytes(files.png(labels()[0]))
    return [*found, image]


@pytest.mark.parametrize("number", range(7))
def test_broken_files_raise_nothing_but_the_core_s_own(tmp_path: Path, number: int) -> None:
    path = every_format(tmp_path)[number]
    content, chance = path.read_bytes(), np.random.default_rng(number)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for turn in range(150):
            broken = bytearray(content)
            if turn % 3 == 0:
                broken = broken[: int(chance.integers(len(broken)))]
            else:
                near = min(len(broken), 400 if turn % 3 == 1 else len(broken))
                for _ in range(int(chance.integers(1, 8))):
                    broken[int(chance.integers(near))] = int(chance.integers(256))
            path.write_bytes(broken)
            with contextlib.suppress(MaskUnreadable, MaskTooLarge):
                read_mask([path], SMALL)
    path.write_bytes(content)
    assert read_mask([path], SMALL).array.size


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "npy", "npz", "zip", "png"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 600, b"NRRD0004\n\n", b"\x93NUMPY", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n"]
)
def test_files_of_no_format_are_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"mask.{suffix}").write_bytes(content)
    assert refusal(tmp_path / f"mask.{suffix}").reason is Reason.MASK_UNREADABLE


def test_a_refusal_does_not_carry_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "DOE_JANE.nii").write_bytes(b"nothing")
    assert "DOE" not in refusal(tmp_path / "DOE_JANE.nii").sentence
