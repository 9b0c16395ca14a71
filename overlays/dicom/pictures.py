"""Draws a source image as an 8-bit picture for a reviewer's screen, never for diagnosis."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import PixelLayout
from overlays.dicom.pictures_palette import Palette, read_palette
from overlays.dicom.pictures_pixels import FrameArray, NoPicture, frame_array, layout_of
from overlays.dicom.sandbox import Sandbox
from overlays.dicom.stored import open_stored

COMPRESS_LEVEL = 1
"""Of zlib: pictures are made on demand, and speed is what the reader notices."""

MOST_SAMPLED = 1 << 18
"""Pixels from which a window is guessed."""


@dataclass(frozen=True)
class Window:
    """Window Center and Width (PS3.3 C.11.2.1.2), in the units after rescaling."""

    center: float
    width: float


@dataclass(frozen=True, eq=False)
class Advice:
    """How somebody else than the image wants it shown, as a presentation state does; None leaves to the image what it says itself."""

    window: Window | None = None
    slope: float | None = None
    intercept: float | None = None
    inverse: bool | None = None
    """Whether the lowest value is white, whatever Photometric Interpretation says (PS3.4 N.2.1.4)."""
    palette: Palette | None = None


def image_png(
    path: Path,
    *,
    number: int = 1,
    window: Window | None = None,
    advice: Advice | None = None,
    longest: int | None = None,
    sandbox: Sandbox | None = None,
    bounds: Bounds | None = None,
) -> bytes:
    """One frame of a stored image as a PNG, grey or RGB; its longer side at most ``longest`` pixels.

    Without ``window`` the object's own is used, and where it has none the 1st to 99th percentile. Raises NoPicture, and what
    ``open_stored``, ``read_frame`` and ``Sandbox.run`` raise.
    """
    made = drawn(path, number=number, window=window, advice=advice, sandbox=sandbox, bounds=bounds)
    return png(scaled(made, longest))


def drawn(
    path: Path,
    *,
    number: int = 1,
    window: Window | None = None,
    advice: Advice | None = None,
    sandbox: Sandbox | None = None,
    bounds: Bounds | None = None,
) -> np.ndarray:
    """The same as an array: ``uint8`` of shape (rows, columns) or (rows, columns, 3)."""
    limits = bounds or Bounds()
    with open_stored(path, bounds=limits) as stored:
        root = stored.root
        layout = layout_of(root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=limits)
        frame = frame_array(path, layout, number, sandbox=sandbox, planar=root.integer("PlanarConfiguration") == 1)
        if frame.photometric_interpretation in ("MONOCHROME1", "MONOCHROME2"):
            return _grey(frame, layout, root, window, advice or Advice())
        if frame.photometric_interpretation == "PALETTE COLOR":
            return _indexed(frame, root)
        return _colour(frame, layout)


def png(pixels: np.ndarray) -> bytes:
    """An 8-bit grey or RGB array as a PNG."""
    return encoded(Image.fromarray(np.ascontiguousarray(pixels)))


def jpeg(pixels: np.ndarray, quality: int) -> bytes:
    """The same as a JPEG of that quality, 1 to 100."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def encoded(image: Image.Image, **options: object) -> bytes:
    """The PNG of an image, compressed lightly."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=COMPRESS_LEVEL, **options)
    return out.getvalue()


def scaled(pixels: np.ndarray, longest: int | None) -> np.ndarray:
    """The picture made smaller, if it must be, with its proportions kept."""
    rows, columns = pixels.shape[:2]
    if longest is None or max(rows, columns) <= longest:
        return pixels
    factor = longest / max(rows, columns)
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BILINEAR))


def _grey(frame: FrameArray, layout: PixelLayout, root: DataSet, window: Window | None, advice: Advice) -> np.ndarray:
    stored = _stored_values(frame.values, layout)
    values = stored.astype(np.float32)
    slope = _number(root, "RescaleSlope") if advice.slope is None else advice.slope
    intercept = _number(root, "RescaleIntercept") if advice.intercept is None else advice.intercept
    with np.errstate(over="ignore", invalid="ignore"):  # a slope of 1E308 draws nothing sensible, and does no harm
        values *= 1.0 if slope is None else slope
        values += 0.0 if intercept is None else intercept
        values = np.nan_to_num(values)
        shown = window or advice.window or _own_window(root)
        if shown is None:
            shown = Window(1.0, 2.0) if layout.bits_stored == 1 else _guessed_window(values, stored, root)
        # PS3.3 C.11.2.1.2.1, the linear function.
        grey = np.nan_to_num((values - (shown.center - 0.5)) / max(shown.width - 1, 1e-6) + 0.5)
    picture = (np.clip(grey, 0, 1) * 255 + 0.5).astype(np.uint8)
    inverse = frame.photometric_interpretation == "MONOCHROME1" if advice.inverse is None else advice.inverse
    if inverse:
        picture = 255 - picture
    return picture if advice.palette is None else advice.palette.over(picture)


def _indexed(frame: FrameArray, root: DataSet) -> np.ndarray:
    palette = read_palette(root)
    if palette is None or frame.values.ndim != 2:
        raise NoPicture("The palette color lookup table cannot be read.")
    return palette.of(frame.values)


def _stored_values(values: np.ndarray, layout: PixelLayout) -> np.ndarray:
    """The values without the bits above Bits Stored, which may hold something else (PS3.5 8.1.1)."""
    spare = layout.bits_allocated - layout.bits_stored
    if spare <= 0 or layout.bits_stored < 1:
        return values
    shift = values.dtype.type(spare)
    return (values << shift) >> shift


def _own_window(root: DataSet) -> Window | None:
    center, width = _number(root, "WindowCenter"), _number(root, "WindowWidth")
    return Window(center, width) if center is not None and width is not None and width > 0 else None


def _guessed_window(values: np.ndarray, stored: np.ndarray, root: DataSet) -> Window:
    step = max(1, values.size // MOST_SAMPLED)
    sample, raw = values.ravel()[::step], stored.ravel()[::step]
    padding = root.integer("PixelPaddingValue")
    kept = sample[raw != padding] if padding is not None else sample
    low, high = np.percentile(kept if kept.size else sample, (1, 99))
    return Window(float(low + high) / 2 + 0.5, float(high - low) + 1)


def _number(root: DataSet, keyword: str) -> float | None:
    """A number of the image, or of the groups that all its frames share (PS3.3 C.7.6.16.2.9, C.7.6.16.2.10)."""
    shared = root.first("SharedFunctionalGroupsSequence")
    places = [root]
    if shared is not None:
        places += [
            item
            for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence")
            if (item := shared.first(name)) is not None
        ]
    for place in places:
        numbers = place.numbers(keyword)
        if numbers and np.isfinite(numbers[0]):
            return float(numbers[0])
    return None


def _colour(frame: FrameArray, layout: PixelLayout) -> np.ndarray:
    values = frame.values
    if values.ndim != 3 or values.shape[2] != 3:
        raise NoPicture(f"(0028,0004) PhotometricInterpretation {frame.photometric_interpretation} is not drawn.")
    if values.dtype != np.uint8:
        values = (values.astype(np.uint32) >> max(0, layout.bits_stored - 8)).clip(0, 255).astype(np.uint8)
    if frame.photometric_interpretation == "RGB":
        return values
    if frame.photometric_interpretation in ("YBR_FULL", "YBR_FULL_422"):
        return np.asarray(Image.fromarray(np.ascontiguousarray(values), "YCbCr").convert("RGB"))
    raise NoPicture(f"(0028,0004) PhotometricInterpretation {frame.photometric_interpretation} is not drawn.")
