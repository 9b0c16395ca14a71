"""Turns and flips pictures and the points on them (PS3.3 C.10.6)."""

from dataclasses import dataclass

import numpy as np

from overlays.dicom.dataset import DataSet

DEGREES = (0, 90, 180, 270)


@dataclass(frozen=True)
class Turn:
    """Clockwise by so many degrees, a multiple of 90, and then flipped so that left becomes right."""

    degrees: int = 0
    flip: bool = False

    def __bool__(self) -> bool:
        return bool(self.degrees or self.flip)

    def __str__(self) -> str:
        return f"{self.degrees}° clockwise{' and then flipped' if self.flip else ''}"

    @property
    def swaps(self) -> bool:
        """Whether rows become columns."""
        return self.degrees % 180 == 90

    def size(self, rows: float, columns: float) -> tuple[float, float]:
        """Rows and columns of a turned picture that had so many."""
        return (columns, rows) if self.swaps else (rows, columns)

    def picture(self, pixels: np.ndarray) -> np.ndarray:
        """Pixels of shape (rows, columns, …), turned."""
        turned = np.rot90(pixels, -self.degrees // 90)
        return np.ascontiguousarray(np.fliplr(turned) if self.flip else turned)

    def points(self, points: np.ndarray, rows: float, columns: float) -> np.ndarray:
        """Points (x, y) from the upper left corner of a picture of so many rows and columns, where they lie on the turned one."""
        for _ in range(self.degrees // 90):
            points = np.stack((rows - points[:, 1], points[:, 0]), axis=1)
            rows, columns = columns, rows
        return points * (-1, 1) + (columns, 0) if self.flip else points


def read_turn(root: DataSet) -> Turn | None:
    """How a presentation state turns its images; None where it says so in no way that there is."""
    degrees = root.integer("ImageRotation") if root.raw("ImageRotation") else 0
    flip = root.text("ImageHorizontalFlip")
    return Turn(degrees, flip == "Y") if degrees in DEGREES and flip in ("", "Y", "N") else None
