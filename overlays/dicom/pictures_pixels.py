"""Gives single frames of a stored object as arrays: native ones read in place, all others decoded in the sandbox."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.frames import read_frame, unpack_bits
from overlays.dicom.instance import PixelLayout
from overlays.dicom.read_pixels import read_layout
from overlays.dicom.sandbox import Sandbox, Task
from overlays.dicom.transfer_syntaxes import DEFLATED_LE


class NoPicture(ValueError):
    """The object has no picture that this package can draw; the sentence says why."""


@dataclass(frozen=True)
class FrameArray:
    """One frame: shape (rows, columns) or (rows, columns, samples), and what its values mean (PS3.3 C.7.6.3.1.2)."""

    values: np.ndarray
    photometric_interpretation: str


def layout_of(root: DataSet, *, transfer_syntax_uid: str, bounds: Bounds) -> PixelLayout:
    """The layout of an object that can be drawn. Raises NoPicture."""
    layout = read_layout(root, deflated=transfer_syntax_uid == DEFLATED_LE)
    if layout is None:
        raise NoPicture("The object has no Pixel Data (7FE0,0010).")
    pixels = layout.rows * layout.columns
    if not 0 < pixels <= bounds.max_pixels_per_frame:
        raise NoPicture(f"A frame has {pixels} pixels; 1 to {bounds.max_pixels_per_frame} are drawn.")
    if layout.bits_allocated not in ((32, 64) if layout.floating else (1, 8, 16, 32)):
        raise NoPicture(f"(0028,0100) BitsAllocated {layout.bits_allocated} is not drawn.")
    return layout


def frame_array(
    path: Path,
    layout: PixelLayout,
    number: int,
    *,
    sandbox: Sandbox | None,
    planar: bool = False,
    exact: bool = False,
) -> FrameArray:
    """One frame, counted from 1; 1-bit pixels as 0 and 1 in ``uint8``. ``planar``: Planar Configuration (0028,0006) is 1.
    ``exact``: floating point pixels as they are, also those that are no number.

    Raises FrameNotFound, FrameBroken, NoPicture (no sandbox for a compressed object), and what ``Sandbox.run`` raises.
    """
    if not layout.encapsulated and not layout.deflated:
        with path.open("rb") as file:
            data = read_frame(file, layout, number)
        samples, photometric = layout.samples_per_pixel, layout.photometric_interpretation
        if photometric == "YBR_FULL_422":
            raise NoPicture("Native YBR_FULL_422 is not drawn.")
    else:
        if sandbox is None:
            raise NoPicture("The pixels are compressed, and there is no sandbox to decode them in.")
        answer = sandbox.run(Task.FRAME, path, number=number)
        data, planar = answer.payload, False
        samples, photometric = answer.result["samples_per_pixel"], answer.result["photometric_interpretation"]
    if layout.bits_allocated == 1:
        return FrameArray(unpack_bits(data, layout.rows, layout.columns), photometric)
    kind = f"<{'f' if layout.floating else 'i' if layout.pixel_representation else 'u'}{layout.bits_allocated // 8}"
    wanted = layout.rows * layout.columns * samples * np.dtype(kind).itemsize
    if len(data) < wanted:
        raise NoPicture(f"The frame has {len(data)} bytes where {wanted} belong.")
    flat = np.frombuffer(data, kind, count=layout.rows * layout.columns * samples)
    if layout.floating and not exact:
        flat = _drawable(flat)
    return FrameArray(_shaped(flat, layout, samples, planar), photometric)


def _drawable(floats: np.ndarray) -> np.ndarray:
    """Floating point pixels of 32 bits; what is no finite number is given the lowest value that occurs."""
    finite = np.isfinite(floats)
    lowest = floats[finite].min() if finite.any() else 0.0
    most = np.finfo(np.float32).max / 4
    return np.where(finite, floats, lowest).clip(-most, most).astype(np.float32)


def _shaped(flat: np.ndarray, layout: PixelLayout, samples: int, planar: bool) -> np.ndarray:
    if samples == 1:
        return flat.reshape(layout.rows, layout.columns)
    if planar:
        return np.moveaxis(flat.reshape(samples, layout.rows, layout.columns), 0, -1)
    return flat.reshape(layout.rows, layout.columns, samples)
