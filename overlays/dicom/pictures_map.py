"""Draws the frames of a parametric map in colour over a range of real world values (PS3.3 C.7.6.16.2.11)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from overlays.dicom.pictures import encoded
from overlays.dicom.pictures_colours import coloured
from overlays.dicom.pictures_marks import FILL, Marks
from overlays.dicom.pictures_overlay import OPAQUE, RGB
from overlays.dicom.pictures_values import MIDDLE, WHOLE, ValueMap, real_values
from overlays.dicom.placement import FramePlace
from overlays.dicom.sandbox import Sandbox

THUMBNAIL_OPACITY = 0.6


@dataclass(frozen=True, eq=False)
class MapMarks(Marks):
    """Frames of a parametric map; a style is the name of a scale."""

    value_map: ValueMap
    frames: tuple[FramePlace, ...]

    @property
    def rows(self) -> int:
        """Of a frame."""
        return self.value_map.layout.rows

    @property
    def columns(self) -> int:
        """Of a frame."""
        return self.value_map.layout.columns

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the quantities that the frames hold."""
        return tuple(sorted({self.value_map.of_frame[place.number - 1][0] for place in self.frames}))

    @property
    def amount(self) -> int:
        """Frames."""
        return len(self.frames)

    def covered(self, style: str, *, only: int | None = None, sandbox: Sandbox | None = None) -> dict[int, np.ndarray]:
        """Where there are values; as ``layer``."""
        return {
            number: _shown(values, style).astype(np.uint8) * np.uint8(OPAQUE)
            for number, values in self._values(only, sandbox).items()
        }

    def layer(self, number: int, style: str, rgb: RGB, *, sandbox: Sandbox | None = None) -> bytes:
        """The quantity in colours, beyond the scale in those of its ends. What is no number is transparent, and but in the scale from
        the lowest to the highest value, so is zero: most maps hold it where they have nothing to say.
        """
        values = self._values(number, sandbox).get(number)
        if values is None:
            values = np.full((self.rows, self.columns), np.nan)
        painted = coloured(values, _shown(values, style), *self._range(style, number))
        return encoded(Image.fromarray(painted, "RGBA"))

    def over(self, base: np.ndarray, colours: Mapping[int, RGB], *, sandbox: Sandbox | None = None) -> np.ndarray:
        """The first quantity in colours over the picture."""
        mixed = (np.repeat(base[:, :, None], 3, axis=2) if base.ndim == 2 else base).astype(np.float32)
        for number, values in list(self._values(None, sandbox).items())[:1]:
            painted = coloured(values, _shown(values, MIDDLE), *self._range(MIDDLE, number)).astype(np.float32)
            share = painted[:, :, 3:] / OPAQUE * THUMBNAIL_OPACITY
            mixed += (painted[:, :, :3] - mixed) * share
        return mixed.round().astype(np.uint8)

    def _range(self, style: str, number: int) -> tuple[float, float]:
        scale = self.value_map.ranges.get(MIDDLE if style == FILL else style, {})
        return scale.get(number) or self.value_map.ranges[MIDDLE].get(number, (0.0, 1.0))

    def _values(self, only: int | None, sandbox: Sandbox | None) -> dict[int, np.ndarray]:
        found: dict[int, np.ndarray] = {}
        for place in self.frames:
            number, line = self.value_map.of_frame[place.number - 1]
            if number not in found and only in (None, number):
                found[number] = real_values(self.value_map, place.number, line, sandbox)
        return dict(sorted(found.items()))


def _shown(values: np.ndarray, style: str) -> np.ndarray:
    found = np.isfinite(values)
    return found if style == WHOLE else found & (values != 0)
