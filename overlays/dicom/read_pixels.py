"""Reads where pixel data lies, in which form, and on which grid in space."""

from math import isfinite

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups, Numbers
from overlays.dicom.instance import Grid, PixelLayout


def read_layout(root: DataSet, *, deflated: bool) -> PixelLayout | None:
    """The layout of Pixel Data, None without it or without Rows and Columns."""
    row = root.row_of("PixelData")
    rows, columns = root.integer("Rows"), root.integer("Columns")
    if row is None or rows is None or columns is None:
        return None
    encapsulated = row in root.scan.fragments
    frames = root.integer("NumberOfFrames")
    return PixelLayout(
        offset=root.scan.offsets[row],
        length=None if encapsulated else root.scan.lengths[row],
        rows=rows,
        columns=columns,
        frames=1 if frames is None else frames,
        samples_per_pixel=root.integer("SamplesPerPixel") or 1,
        bits_allocated=root.integer("BitsAllocated") or 0,
        bits_stored=root.integer("BitsStored") or 0,
        pixel_representation=root.integer("PixelRepresentation") or 0,
        photometric_interpretation=root.text("PhotometricInterpretation"),
        encapsulated=encapsulated,
        deflated=deflated,
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
