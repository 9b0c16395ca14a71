"""Draws a source image as an 8-bit picture for a reviewer's screen, never for diagnosis."""

import io
from dataclasses import dataclass
from itertools import islice
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


LINEAR, LINEAR_EXACT, SIGMOID = "LINEAR", "LINEAR_EXACT", "SIGMOID"
FUNCTIONS = (LINEAR, LINEAR_EXACT, SIGMOID)
"""Of a window."""


@dataclass(frozen=True)
class Window:
    """Window Center, Width and VOI LUT Function (PS3.3 C.11.2.1.2, C.11.2.1.3), in the units after rescaling; an unknown function is
    taken for LINEAR.
    """

    center: float
    width: float
    function: str = LINEAR

    def of(self, values: np.ndarray) -> np.ndarray:
        """Shares of the brightest grey; beyond 0 and 1 outside of the window."""
        if self.function == SIGMOID:
            return 1 / (1 + np.exp(-4 * (values - self.center) / self.width))
        if self.function == LINEAR_EXACT:
            return (values - self.center) / self.width + 0.5
        return (values - (self.center - 0.5)) / max(self.width - 1, 1e-6) + 0.5


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
            return _grey(frame, layout, root, _Said(root, number), window, advice or Advice())
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


def _grey(
    frame: FrameArray, layout: PixelLayout, root: DataSet, said: "_Said", window: Window | None, advice: Advice
) -> np.ndarray:
    stored = _stored_values(frame.values, layout)
    values = stored.astype(np.float32)
    slope = said.number("RescaleSlope") if advice.slope is None else advice.slope
    intercept = said.number("RescaleIntercept") if advice.intercept is None else advice.intercept
    with np.errstate(over="ignore", invalid="ignore"):  # a slope of 1E308 draws nothing sensible, and does no harm
        values *= 1.0 if slope is None else slope
        values += 0.0 if intercept is None else intercept
        values = np.nan_to_num(values)
        shown = window or advice.window or said.window()
        if shown is None:
            shown = Window(1.0, 2.0) if layout.bits_stored == 1 else _guessed_window(values, stored, root)
        grey = np.nan_to_num(shown.of(values))
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


def _guessed_window(values: np.ndarray, stored: np.ndarray, root: DataSet) -> Window:
    step = max(1, values.size // MOST_SAMPLED)
    sample, raw = values.ravel()[::step], stored.ravel()[::step]
    padding = root.integer("PixelPaddingValue")
    kept = sample[raw != padding] if padding is not None else sample
    low, high = np.percentile(kept if kept.size else sample, (1, 99))
    return Window(float(low + high) / 2 + 0.5, float(high - low) + 1)


class _Said:
    """What a frame says of its values: in its own functional groups, in those that all frames share (PS3.3 C.7.6.16.2.9,
    C.7.6.16.2.10), or else for the whole image.
    """

    def __init__(self, root: DataSet, number: int) -> None:
        self._places = []
        for sequence, index in (
            ("PerFrameFunctionalGroupsSequence", number - 1),
            ("SharedFunctionalGroupsSequence", 0),
        ):
            row = root.row_of(sequence)
            for child in islice(root.scan.children(row), index, index + 1) if row is not None else ():
                groups = DataSet(root.scan, child, root.encodings)
                inner = map(groups.first, ("PixelValueTransformationSequence", "FrameVOILUTSequence"))
                self._places += [item for item in inner if item is not None]
        self._places.append(root)

    def number(self, keyword: str) -> float | None:
        """The first number of that attribute."""
        return next((found for place in self._places if (found := _finite(place, keyword)) is not None), None)

    def window(self) -> Window | None:
        """The first window, with the function that stands beside it."""
        for place in self._places:
            center, width = _finite(place, "WindowCenter"), _finite(place, "WindowWidth")
            if center is not None and width is not None and width > 0:
                return Window(center, width, place.text("VOILUTFunction") or LINEAR)
        return None


def _finite(place: DataSet, keyword: str) -> float | None:
    numbers = place.numbers(keyword)
    return float(numbers[0]) if numbers and np.isfinite(numbers[0]) else None


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
