"""Draws the frames of a segmentation as transparent layers over its source image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.bounds import Bounds
from overlays.dicom.instance import PixelLayout
from overlays.dicom.pictures import encoded
from overlays.dicom.pictures_pixels import frame_array, layout_of
from overlays.dicom.placement import FramePlace, places_of
from overlays.dicom.sandbox import Sandbox
from overlays.dicom.stored import open_stored

RGB = tuple[int, int, int]

PALETTE: tuple[RGB, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""Colours that people with any of the common colour deficiencies tell apart (Okabe and Ito, Color Universal Design, 2008)."""

OPAQUE = 255
HALF = 128
"""Coverage from which a pixel belongs to what covers it."""
THUMBNAIL = 160
THUMBNAIL_OPACITY = 0.35


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """What must be known of a stored segmentation to draw any of its frames; read once, then kept by the caller."""

    path: Path
    layout: PixelLayout
    segmentation_type: str
    maximum_fractional_value: int
    places: tuple[FramePlace, ...]


@dataclass(frozen=True)
class Layer:
    """One segment on one slice: a PNG of the frame's size, transparent where the segment is not."""

    segment_number: int
    rgb: RGB
    png: bytes


def read_overlay(path: Path, *, bounds: Bounds | None = None) -> Overlay:
    """The segmentation at ``path``. Raises NoPicture, and what ``open_stored`` raises."""
    limits = bounds or Bounds()
    with open_stored(path, bounds=limits) as stored:
        return Overlay(
            path=path,
            layout=layout_of(stored.root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=limits),
            segmentation_type=stored.root.text("SegmentationType"),
            maximum_fractional_value=stored.root.integer("MaximumFractionalValue") or OPAQUE,
            places=places_of(stored.root),
        )


def coverage(
    overlay: Overlay, frames: Sequence[FramePlace], *, sandbox: Sandbox | None = None
) -> dict[int, np.ndarray]:
    """Segment number to how much of each pixel it covers in those frames: ``uint8`` of shape (rows, columns), 255 for wholly.

    Segments without a pixel are left out. Raises what ``frame_array`` raises.
    """
    found: dict[int, np.ndarray] = {}
    for place in frames:
        values = frame_array(overlay.path, overlay.layout, place.number, sandbox=sandbox).values
        for number, covered in _by_segment(overlay, place, values):
            if covered.any():
                found[number] = np.maximum(found[number], covered) if number in found else covered
    return dict(sorted(found.items()))


def layers(
    overlay: Overlay,
    frames: Sequence[FramePlace],
    colours: Mapping[int, RGB],
    *,
    sandbox: Sandbox | None = None,
) -> tuple[Layer, ...]:
    """One layer for each segment that the frames of a slice hold, in the order of the segment numbers."""
    return tuple(
        Layer(number, colour_of(number, colours), layer_png(covered, colour_of(number, colours)))
        for number, covered in coverage(overlay, frames, sandbox=sandbox).items()
    )


def layer_png(covered: np.ndarray, rgb: RGB) -> bytes:
    """A palette PNG of one colour whose transparency is the coverage (``uint8``, 255 for opaque); 1 bit a pixel where that suffices."""
    if ((covered == 0) | (covered == OPAQUE)).all():
        image = Image.fromarray((covered == OPAQUE).astype(np.uint8), "P")
        image.putpalette([*rgb, *rgb])
        return encoded(image, bits=1, transparency=bytes((0, OPAQUE)))
    image = Image.fromarray(np.ascontiguousarray(covered), "P")
    image.putpalette([*rgb] * 256)
    return encoded(image, transparency=bytes(range(256)))


def blended(base: np.ndarray, covered: Mapping[int, np.ndarray], colours: Mapping[int, RGB]) -> np.ndarray:
    """The picture, as RGB, with each segment filled lightly and outlined in its colour."""
    picture = np.repeat(base[:, :, None], 3, axis=2) if base.ndim == 2 else base
    mixed = picture.astype(np.float32)
    for number, values in covered.items():
        colour = np.asarray(colour_of(number, colours), np.float32)
        share = (values.astype(np.float32) / OPAQUE * THUMBNAIL_OPACITY)[:, :, None]
        mixed += (colour - mixed) * share
        mixed[edge(values >= HALF)] = colour
    return mixed.round().astype(np.uint8)


def colour_of(number: int, colours: Mapping[int, RGB]) -> RGB:
    """The colour of a segment, from the palette when the mapping leaves it out."""
    return colours.get(number) or PALETTE[number % len(PALETTE)]


def _by_segment(overlay: Overlay, place: FramePlace, values: np.ndarray) -> list[tuple[int, np.ndarray]]:
    match overlay.segmentation_type:
        case "LABELMAP":
            present = set(np.flatnonzero(np.bincount(values.ravel())).tolist())
            return [
                (number, (values == number).astype(np.uint8) * np.uint8(OPAQUE))
                for number in place.segment_numbers
                if number in present
            ]
        case "FRACTIONAL":
            share = values.astype(np.float32) * (OPAQUE / overlay.maximum_fractional_value)
            return [(number, share.clip(0, OPAQUE).round().astype(np.uint8)) for number in place.segment_numbers]
        case _:
            return [(number, (values != 0).astype(np.uint8) * np.uint8(OPAQUE)) for number in place.segment_numbers]


def edge(mask: np.ndarray) -> np.ndarray:
    """The pixels of a mask that touch its outside or the edge of the picture."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner
