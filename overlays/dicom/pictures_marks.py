"""Says what lies on one page of a drawing, whatever family it is of, and draws it over the page's picture."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from overlays.dicom.pictures_overlay import HALF, OPAQUE, RGB, Overlay, blended, coverage, edge, layer_png
from overlays.dicom.placement import FramePlace
from overlays.dicom.sandbox import Sandbox

FILL, OUTLINE = "fill", "outline"


class Marks(ABC):
    """What lies on one page: things by number, drawn on a canvas of so many rows and columns that is stretched over the picture."""

    rows: int
    columns: int
    numbers: tuple[int, ...]
    """Of the things that may lie on the page, ascending."""
    amount: int
    """Frames or shapes, to compare pages and to bound what is counted."""

    @abstractmethod
    def covered(self, style: str, *, only: int | None = None, sandbox: Sandbox | None = None) -> dict[int, np.ndarray]:
        """Number to how much of each pixel it covers: ``uint8`` of shape (rows, columns); what has no pixel may be left out.

        Raises what ``frame_array`` raises.
        """

    def layer(self, number: int, style: str, rgb: RGB, *, sandbox: Sandbox | None = None) -> bytes:
        """One thing as a PNG of the canvas's size, transparent where it is not. Raises as ``covered``."""
        covered = self.covered(style, only=number, sandbox=sandbox).get(number)
        return layer_png(np.zeros((self.rows, self.columns), np.uint8) if covered is None else covered, rgb)

    def over(self, base: np.ndarray, colours: Mapping[int, RGB], *, sandbox: Sandbox | None = None) -> np.ndarray:
        """All of it over a picture of the canvas's size, as RGB. Raises as ``covered``."""
        return blended(base, self.covered(FILL, sandbox=sandbox), colours)


@dataclass(frozen=True)
class NoMarks(Marks):
    """Nothing: the picture itself is what is looked at."""

    rows: int
    columns: int
    numbers: tuple[int, ...] = ()
    amount: int = 0

    def covered(self, style: str, *, only: int | None = None, sandbox: Sandbox | None = None) -> dict[int, np.ndarray]:
        """Nothing."""
        return {}


@dataclass(frozen=True)
class SegmentMarks(Marks):
    """Frames of a segmentation."""

    overlay: Overlay
    frames: tuple[FramePlace, ...]

    @property
    def rows(self) -> int:
        """Of a frame."""
        return self.overlay.layout.rows

    @property
    def columns(self) -> int:
        """Of a frame."""
        return self.overlay.layout.columns

    @property
    def numbers(self) -> tuple[int, ...]:
        """Segment numbers that the frames name."""
        return tuple(sorted({number for place in self.frames for number in place.segment_numbers}))

    @property
    def amount(self) -> int:
        """Frames."""
        return len(self.frames)

    def covered(self, style: str, *, only: int | None = None, sandbox: Sandbox | None = None) -> dict[int, np.ndarray]:
        """Of an outline, the pixels of a segment that touch its outside."""
        frames = [place for place in self.frames if only is None or only in place.segment_numbers]
        found = coverage(self.overlay, frames, sandbox=sandbox)
        if style != OUTLINE:
            return found
        return {number: edge(each >= HALF).astype(np.uint8) * np.uint8(OPAQUE) for number, each in found.items()}
