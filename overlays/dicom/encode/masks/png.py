"""Reads masks that are stacks of PNG images of one channel, one image a plane."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.bounded import read_file
from overlays.dicom.encode.masks.mask import Mask, check_shape, told
from overlays.dicom.encode.refusal import MaskTooLarge, MaskUnreadable

MODES = {"1": np.bool_, "L": np.uint8, "P": np.uint8, "I;16": np.uint16, "I;16B": np.uint16, "I": np.int32}
"""Pillow's names for images of one channel; those with a palette are taken by their indices."""
STRETCHED = {"L;2": 85, "L;4": 17}
"""What Pillow multiplies the samples of 2 and 4 bits by, so that grey fills a byte; by its names of how they are packed."""


def read_png_stack(paths: Sequence[Path], limits: EncodingLimits) -> Mask:
    """The mask, one plane a file in the order given. Raises MaskUnreadable, MaskTooLarge."""
    if sum(path.stat().st_size for path in paths) > limits.max_file_bytes:
        raise MaskTooLarge(f"The images have more than {limits.max_file_bytes} bytes together.")
    return _stacked((read_file(path, limits.max_file_bytes) for path in paths), len(paths), limits)


def read_png_archive(path: Path, limits: EncodingLimits) -> Mask:
    """The mask in a ZIP of PNG images, one plane an image in the order of their names.

    Raises MaskUnreadable, also where names have another order as text than by the numbers in them; MaskTooLarge.
    """
    with zipfile.ZipFile(BytesIO(read_file(path, limits.max_file_bytes))) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if not entries or any(not entry.filename.lower().endswith(".png") for entry in entries):
            raise MaskUnreadable("A ZIP mask holds PNG images and nothing else.")
        if len(entries) > limits.max_planes:
            raise MaskTooLarge(f"The ZIP holds {len(entries)} images; {limits.max_planes} are taken.")
        if sum(entry.file_size for entry in entries) > limits.max_inflated_bytes:
            raise MaskTooLarge(f"The ZIP inflates to more than {limits.max_inflated_bytes} bytes.")
        entries.sort(key=lambda entry: entry.filename)
        if entries != sorted(entries, key=lambda entry: _by_number(entry.filename)):
            raise MaskUnreadable(
                "The names of the images have another order as text than by number: fill the numbers up with zeros."
            )
        if len({entry.filename for entry in entries}) != len(entries):
            raise MaskUnreadable("Two images of the ZIP have the same name.")
        return _stacked((_member(archive, entry) for entry in entries), len(entries), limits)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise MaskTooLarge("An image of the ZIP inflates to more than it announces.")
    return content


def _by_number(name: str) -> list[tuple[int, int | str]]:
    """A key by which ``plane_10`` comes after ``plane_9``."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d{1,18})", name) if part]


def _stacked(contents: Iterator[bytes], count: int, limits: EncodingLimits) -> Mask:
    array: np.ndarray | None = None
    for number, content in enumerate(contents):
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            if image.mode not in MODES or getattr(image, "n_frames", 1) != 1:
                raise MaskUnreadable(f"Image {number + 1} has more than one channel or frame (mode {image.mode}).")
            shape = (count, image.height, image.width)
            if array is None:
                check_shape(shape, limits)
                array = np.empty(shape, MODES[image.mode])
            if array.shape != shape or array.dtype != MODES[image.mode]:
                raise MaskUnreadable(
                    f"Image {number + 1} has {told(shape[1:])} pixels of mode {image.mode}, unlike the first image."
                )
            factor = STRETCHED.get(image.tile[0].args, 1) if image.tile else 1  # tile is empty once pixels are read
            array[number] = np.asarray(image)
            if factor > 1:
                array[number] //= factor
    return Mask(array=array, affine=None, format="PNG")
