"""Lists the contours of a structure set (PS3.3 C.8.8.6) by where they stand, and finds the plane in which one lies."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.element_table import Place, Scan
from overlays.dicom.instance import Position
from overlays.dicom.long_values import count_decimals, decimals

PLANAR = frozenset(("OPEN_PLANAR", "CLOSED_PLANAR", "CLOSEDPLANAR_XOR"))
GEOMETRIC_TYPES = PLANAR | {"POINT", "OPEN_NONPLANAR"}
MAX_PLACED_VALUES = 5_000_000
"""Coordinates of one object that are read as numbers to find planes; contours behind them are counted alone."""


@dataclass(frozen=True, slots=True)
class Contour:
    """One item of Contour Sequence. ``values`` counts the coordinates written, ``points`` is what the item says of itself."""

    scan: Scan
    row: int
    data_row: int | None
    geometric_type: str
    points: int | None
    values: int
    images: tuple[str, ...]

    def place(self, keyword: str) -> Place:
        """Where an attribute of the contour stands."""
        return DataSet(self.scan, self.row).place(keyword)


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane through the middle of a contour; ``apart`` is the distance of the farthest point from it. All in millimetres."""

    centre: Position
    normal: Position
    apart: float

    def distance(self, point: Position) -> float:
        """How far a point lies from the plane."""
        return abs(sum(n * (a - b) for n, a, b in zip(self.normal, point, self.centre, strict=True)))


def contours_of(item: DataSet) -> Iterator[Contour]:
    """The contours of one item of ROI Contour Sequence."""
    for contour in item.each("ContourSequence"):
        row = contour.row_of("ContourData")
        yield Contour(
            scan=item.scan,
            row=contour.row,
            data_row=row,
            geometric_type=contour.text("ContourGeometricType"),
            points=contour.integer("NumberOfContourPoints"),
            values=0 if row is None else count_decimals(item.scan, row),
            images=tuple(image.text("ReferencedSOPInstanceUID") for image in contour.each("ContourImageSequence")),
        )


def plane_of(contour: Contour) -> Plane | None:
    """The plane of a contour of at least three points; None where they are no such points, or on one line."""
    if contour.data_row is None or contour.values < 9 or contour.values % 3:
        return None
    numbers = decimals(contour.scan, contour.data_row)
    if numbers is None or len(numbers) != contour.values or not np.abs(numbers).max() < 1e6:
        return None
    points = numbers.reshape(-1, 3)
    centre = points.mean(axis=0)
    offsets = points - centre
    # The sum of the cross products around the contour is at right angles to it, however it winds.
    x, y, z = offsets.T
    u, v, w = np.concatenate((offsets[1:], offsets[:1])).T
    normal = np.array((y @ w - z @ v, z @ u - x @ w, x @ v - y @ u))
    length = float(np.sqrt(normal @ normal))
    if length < 1e-9:
        return None
    normal /= length
    return Plane(tuple(centre.tolist()), tuple(normal.tolist()), float(np.abs(offsets @ normal).max()))
