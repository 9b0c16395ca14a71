"""Tells how the graphics of one annotation group are laid out in its bulk values (PS3.3 C.37.1.2), reading none of them whole."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.long_values import binary_pieces

COORDINATES = {"PointCoordinatesData": "<f4", "DoublePointCoordinatesData": "<f8"}
FIXED_POINTS = {"POINT": 1, "ELLIPSE": 4, "RECTANGLE": 4}
"""Points of each annotation: an ellipse has the ends of its two axes, a rectangle its corners."""
LEAST_POINTS = {"POLYLINE": 2, "POLYGON": 3}
"""The same of those whose points are counted by Long Primitive Point Index List."""
GRAPHIC_TYPES = (*FIXED_POINTS, *LEAST_POINTS)


@dataclass(frozen=True, slots=True)
class Graphics:
    """``dimensions`` are the coordinates written for each point: two on an image or in a common plane, else three."""

    item: DataSet
    graphic_type: str
    annotations: int | None
    elements: tuple[str, ...]
    dimensions: int

    def coordinates(self) -> int | None:
        """How many coordinates there are; None without them, or where their bytes are no whole number of points."""
        if len(self.elements) != 1:
            return None
        size = np.dtype(COORDINATES[self.elements[0]]).itemsize
        length = self._length(self.elements[0])
        return None if length % (size * self.dimensions) else length // size

    def finite(self) -> bool:
        """Whether all coordinates are finite numbers."""
        return all(
            bool(np.isfinite(piece).all())
            for keyword in self.elements
            for piece in binary_pieces(self.item.scan, self.item.row_of(keyword) or 0, COORDINATES[keyword])
        )

    def _length(self, keyword: str) -> int:
        row = self.item.row_of(keyword)
        return 0 if row is None else self.item.scan.lengths[row]


def graphics_of(root: DataSet) -> Iterator[Graphics]:
    """One for each group."""
    flat = root.text("AnnotationCoordinateType") != "3D"
    for item in root.each("AnnotationGroupSequence"):
        yield Graphics(
            item=item,
            graphic_type=item.text("GraphicType"),
            annotations=item.integer("NumberOfAnnotations"),
            elements=tuple(keyword for keyword in COORDINATES if keyword in item),
            dimensions=2 if flat or "CommonZCoordinateValue" in item else 3,
        )


def count_indices(item: DataSet, keyword: str) -> int | None:
    """How many entries a list of indices has; None without it, or where it holds no whole number of them."""
    row = item.row_of(keyword)
    length = 1 if row is None else item.scan.lengths[row]
    return None if length % 4 else length // 4


def fault_of_indices(item: DataSet, keyword: str, *, most: int, step: int = 1, unit: int = 0) -> str:
    """What is wrong with a list of indices that count from 1 to at most ``most``, each at least ``step`` behind the one before it;
    empty when nothing is. With a ``unit`` the first is 1, and all are a multiple of it apart.
    """
    last = 1 - step
    for piece in binary_pieces(item.scan, item.row_of(keyword) or 0, "<u4"):
        indices = piece.astype(np.int64)
        gaps = np.diff(indices, prepend=last)
        wrong = gaps < step
        if unit:
            wrong |= (indices - 1) % unit != 0
            wrong[0] |= last < 1 and indices[0] != 1
        if wrong.any():
            return f"found {indices[np.argmax(wrong)]} where it cannot be"
        last = int(indices[-1])
    return f"found {last} as the last" if last > most else ""
