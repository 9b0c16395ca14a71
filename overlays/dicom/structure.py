"""Holds the contours of a structure set while its rules are asked, with the planes in which they lie."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from overlays.dicom.contours import MAX_PLACED_VALUES, PLANAR, Contour, Plane, contours_of, plane_of
from overlays.dicom.dataset import DataSet


@dataclass(slots=True)
class DrawnRegion:
    """One item of ROI Contour Sequence: its row, the number of the region that it refers to, and its contours."""

    row: int
    number: int | None
    rgb: tuple[int, int, int] | None
    contours: list[Contour] = field(default_factory=list)


class Structure:
    """The drawn regions in the order written, and the planes of planar contours, by the contour's row."""

    def __init__(self, root: DataSet) -> None:
        self.drawn = [_drawn(item) for item in root.each("ROIContourSequence")]
        self.planes: dict[int, Plane] = {}
        left = MAX_PLACED_VALUES
        for contour in self.contours():
            left -= contour.values
            if left < 0:
                break
            plane = plane_of(contour) if contour.geometric_type in PLANAR else None
            if plane is not None:
                self.planes[contour.row] = plane

    def contours(self) -> Iterator[Contour]:
        """All contours."""
        for region in self.drawn:
            yield from region.contours


def _drawn(item: DataSet) -> DrawnRegion:
    return DrawnRegion(item.row, item.integer("ReferencedROINumber"), _rgb(item), list(contours_of(item)))


def _rgb(item: DataSet) -> tuple[int, int, int] | None:
    values = item.numbers("ROIDisplayColor")
    if not values or len(values) != 3 or not all(value in range(256) for value in values):
        return None
    return int(values[0]), int(values[1]), int(values[2])
