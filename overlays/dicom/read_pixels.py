"""Reads where pixel data lies, in which form, and on which grid in space."""

from math import isfinite

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups, Numbers
from overlays.dicom.instance import Grid, PixelLayout

FLOATING = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}
"""Elements of floating point pixels to the bits that each pixel takes (PS3.3 C.7.6.24, C.7.6.25)."""
PIXELS = ("PixelData", *FLOATING)
"""The elements that hold pixels; an object has one of them."""


def read_layout(root: DataSet, *, deflated: bool) -> PixelLayout | None:
    """The layout of the pixels, whichever element holds them; None without any or without Rows and Columns."""
    keyword = next((word for word in PIXELS if word in root), "")
    row = root.row_of(keyword) if keyword else None
    rows, columns = root.integer("Rows"), root.integer("Columns")
    if row is None or rows is None or columns is None:
        return None
    encapsulated = row in root.scan.fragments
    frames, allocated = root.integer("NumberOfFrames"), root.integer("BitsAllocated") or 0
    return PixelLayout(
        offset=root.scan.offsets[row],
        length=None if encapsulated else root.scan.lengths[row],
        rows=rows,
        columns=columns,
        frames=1 if frames is None else frames,
        samples_per_pixel=root.integer("SamplesPerPixel") or 1,
        bits_allocated=allocated,
        bits_stored=allocated if keyword in FLOATING else root.integer("BitsStored") or 0,
        pixel_representation=root.integer("PixelRepresentation") or 0,
        photometric_interpretation=root.text("PhotometricInterpretation"),
        encapsulated=encapsulated,
        deflated=deflated,
        keyword=keyword,
    )


def read_grid(root: DataSet, groups: FunctionalGroups) -> Grid | None:
    """The grid: of a plain image from its own attributes, of a multi-frame one from its first frame."""
    rows, columns = root.integer("Rows"), root.integer("Columns")
    if rows is None or columns is None:
        return None
    first = groups.per_frame[0] if groups.per_frame else groups.shared
    measures = groups.measures(first)
    spacing = measures.spacing if measures else root.numbers("PixelSpacing")
    orientation = (
        groups.orientation(first) or root.numbers("ImageOrientationPatient") or root.numbers("ImageOrientationSlide")
    )
    position = groups.position(first) or root.numbers("ImagePositionPatient")
    return Grid(
        rows=rows,
        columns=columns,
        pixel_spacing=_finite(spacing, 2),
        orientation=_finite(orientation, 6),
        position=_finite(position, 3),
    )


def _finite(numbers: Numbers | None, count: int) -> Numbers | None:
    """So many numbers that can be reckoned with, or none: deeper in an image no rule has looked at them."""
    if not numbers or len(numbers) != count or not all(map(isfinite, numbers)):
        return None
    return tuple(map(float, numbers))
