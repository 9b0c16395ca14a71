"""Draws the frames of a parametric map in colour over a range of real world values (PS3.3 C.7.6.16.2.11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import PixelLayout
from overlays.dicom.pictures import encoded
from overlays.dicom.pictures_colours import coloured
from overlays.dicom.pictures_marks import FILL, Marks
from overlays.dicom.pictures_overlay import OPAQUE, RGB
from overlays.dicom.pictures_pixels import frame_array, layout_of
from overlays.dicom.placement import FramePlace, places_of
from overlays.dicom.read_parametric_map import number as finite_number
from overlays.dicom.sandbox import Sandbox
from overlays.dicom.stored import open_stored

MIDDLE, WHOLE, OWN = "middle", "whole", "own"
SCALES = {MIDDLE: "2nd to 98th percentile", WHOLE: "Lowest to highest", OWN: "As the map recommends"}
SAMPLED_FRAMES = 24
SAMPLED_COMPRESSED = 6
SAMPLED_VALUES = 1 << 15
"""Of one frame, for the range of values."""
MOST_QUANTITIES = 64
THUMBNAIL_OPACITY = 0.6


@dataclass(frozen=True)
class Line:
    """From stored to real world values; ``table`` where a lookup table says them, from ``first`` on."""

    slope: float = 1.0
    intercept: float = 0.0
    first: int = 0
    table: np.ndarray | None = None


@dataclass(frozen=True)
class Quantity:
    """What the values of some frames are, and their unit as a symbol of UCUM."""

    label: str
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueMap:
    """What must be known of a stored map to draw any of its frames: read once, then kept by the caller.

    ``of_frame`` has for each frame the number of its quantity, from 1, and its line. ``ranges`` has, by name of scale and number of
    quantity, the lowest and the highest real world value of the colours.
    """

    path: Path
    layout: PixelLayout
    places: tuple[FramePlace, ...]
    quantities: dict[int, Quantity]
    of_frame: tuple[tuple[int, Line], ...]
    padding: tuple[float, float] | None
    ranges: dict[str, dict[int, tuple[float, float]]]


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
        """Where values lie above the lower end of the scale."""
        found = {}
        for number, values in self._values(only, sandbox).items():
            low, _ = self._range(style, number)
            found[number] = np.where(values > low, np.uint8(OPAQUE), np.uint8(0))
        return found

    def layer(self, number: int, style: str, rgb: RGB, *, sandbox: Sandbox | None = None) -> bytes:
        """The quantity in colours; values at the lower end of the scale and below, and what is no number, are transparent."""
        values = self._values(number, sandbox).get(number)
        if values is None:
            values = np.full((self.rows, self.columns), np.nan)
        return encoded(Image.fromarray(coloured(values, *self._range(style, number)), "RGBA"))

    def over(self, base: np.ndarray, colours: Mapping[int, RGB], *, sandbox: Sandbox | None = None) -> np.ndarray:
        """The first quantity in colours over the picture."""
        mixed = (np.repeat(base[:, :, None], 3, axis=2) if base.ndim == 2 else base).astype(np.float32)
        for number, values in list(self._values(None, sandbox).items())[:1]:
            painted = coloured(values, *self._range(MIDDLE, number)).astype(np.float32)
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


def real_values(value_map: ValueMap, number: int, line: Line, sandbox: Sandbox | None) -> np.ndarray:
    """The real world values of a frame, counted from 1, as ``float64``; NaN where there is none. Raises as ``frame_array``."""
    stored = frame_array(value_map.path, value_map.layout, number, sandbox=sandbox, exact=True).values
    with np.errstate(invalid="ignore"):  # a signalling NaN is no number either
        numbers = stored.astype(np.float64)
    if numbers.ndim == 3:
        numbers = numbers[:, :, 0]
    with np.errstate(invalid="ignore", over="ignore"):
        if line.table is not None and line.table.size and not value_map.layout.floating:
            index = np.clip(numbers - line.first, 0, line.table.size - 1).astype(np.int64)
            real = line.table[index]
        else:
            real = numbers * line.slope + line.intercept
        if value_map.padding is not None:
            low, high = value_map.padding
            real = np.where((numbers >= low) & (numbers <= high), np.nan, real)
    return np.where(np.isfinite(real), real, np.nan)


def read_value_map(path: Path, *, sandbox: Sandbox | None = None, bounds: Bounds | None = None) -> ValueMap:
    """The map at ``path``, the ranges of its values found in a sample. Raises NoPicture, and as ``open_stored`` and ``frame_array``."""
    limits = bounds or Bounds()
    with open_stored(path, bounds=limits) as stored:
        root = stored.root
        layout = layout_of(root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=limits)
        places = places_of(root) or tuple(FramePlace(number, (), (), None) for number in range(1, layout.frames + 1))
        places = places[: layout.frames]
        quantities, of_frame = _quantities(root, len(places))
        found = ValueMap(
            path=path,
            layout=layout,
            places=places,
            quantities=quantities,
            of_frame=of_frame,
            padding=_padding(root),
            ranges={},
        )
        recommended = _recommended(root)
    found.ranges.update(_ranges(found, recommended, sandbox))
    return found


def _quantities(root: DataSet, frames: int) -> tuple[dict[int, Quantity], tuple[tuple[int, Line], ...]]:
    shared = root.first("SharedFunctionalGroupsSequence")
    common = shared.first("RealWorldValueMappingSequence") if shared is not None else None
    numbers: dict[Quantity, int] = {}

    def numbered(item: DataSet | None) -> tuple[int, Line]:
        named = Quantity("stored values", "") if item is None else _quantity(item)
        if named not in numbers and len(numbers) == MOST_QUANTITIES:
            named = next(iter(numbers))
        return numbers.setdefault(named, len(numbers) + 1), Line() if item is None else _line(item)

    if common is not None:
        of_frame = (numbered(common),) * frames
    else:
        per_frame = islice(root.each("PerFrameFunctionalGroupsSequence"), frames)
        of_frame = tuple(numbered(groups.first("RealWorldValueMappingSequence")) for groups in per_frame)
        of_frame += (numbered(None),) * (frames - len(of_frame)) if len(of_frame) < frames else ()
    return {number: named for named, number in numbers.items()}, of_frame


def _quantity(item: DataSet) -> Quantity:
    unit = item.code("MeasurementUnitsCodeSequence")
    label = item.text("LUTExplanation") or item.text("LUTLabel") or "values"
    return Quantity(label[:120], unit.value[:40] if unit else "")


def _line(item: DataSet) -> Line:
    slope, intercept = finite_number(item, "RealWorldValueSlope"), finite_number(item, "RealWorldValueIntercept")
    table = item.numbers("RealWorldValueLUTData")
    if slope is None and table:
        return Line(first=item.integer("RealWorldValueFirstValueMapped") or 0, table=np.array(table, float))
    return Line(1.0 if slope is None else slope, intercept or 0.0)


def _padding(root: DataSet) -> tuple[float, float] | None:
    """The stored values that stand for no value (PS3.3 C.7.5.1.1.2)."""
    for value, limit in (
        ("PixelPaddingValue", "PixelPaddingRangeLimit"),
        ("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit"),
        ("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit"),
    ):
        first = finite_number(root, value)
        if first is not None:
            last = finite_number(root, limit)
            return min(first, first if last is None else last), max(first, first if last is None else last)
    return None


def _recommended(root: DataSet) -> tuple[float, float] | None:
    """The window of Frame VOI LUT, in stored values: of all frames, or of the first."""
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        groups = root.first(sequence)
        window = groups.first("FrameVOILUTSequence") if groups is not None else None
        if window is not None:
            center, width = finite_number(window, "WindowCenter"), finite_number(window, "WindowWidth")
            if center is not None and width is not None and width > 0:
                return center - width / 2, center + width / 2
    return None


def _ranges(
    value_map: ValueMap, recommended: tuple[float, float] | None, sandbox: Sandbox | None
) -> dict[str, dict[int, tuple[float, float]]]:
    compressed = value_map.layout.encapsulated or value_map.layout.deflated
    samples: dict[int, list[np.ndarray]] = {}
    lines: dict[int, Line] = {}
    for index in _spread(len(value_map.of_frame), SAMPLED_COMPRESSED if compressed else SAMPLED_FRAMES):
        number, line = value_map.of_frame[index]
        values = real_values(value_map, index + 1, line, sandbox).ravel()
        values = values[np.isfinite(values)]
        lines.setdefault(number, line)
        samples.setdefault(number, []).append(values[:: max(1, values.size // SAMPLED_VALUES)])
    ranges: dict[str, dict[int, tuple[float, float]]] = {MIDDLE: {}, WHOLE: {}}
    for number, parts in samples.items():
        values = np.concatenate(parts)
        if not values.size:
            continue
        low, high = float(values.min()), float(values.max())
        ranges[WHOLE][number] = _apart(low, high)
        # Most maps are empty outside the body: what lies at the lowest value says nothing of the rest.
        above = values[values > low]
        ranges[MIDDLE][number] = _apart(*map(float, np.percentile(above if above.size else values, (2, 98))))
    if recommended is not None:
        own = {}
        for number, line in lines.items():
            if line.table is None:
                ends = sorted(end * line.slope + line.intercept for end in recommended)
                own[number] = _apart(*ends)
        ranges = ({OWN: own} if own else {}) | ranges
    return ranges


def _apart(low: float, high: float) -> tuple[float, float]:
    """Two ends that differ: of a constant map everything lies above the lower one."""
    if high > low and isfinite(high - low):
        return low, high
    room = max(abs(low) * 1e-3, 1e-6)
    return low - room, low + room


def _spread(count: int, most: int) -> Sequence[int]:
    if count <= most:
        return range(count)
    return sorted({round((count - 1) * step / (most - 1)) for step in range(most)})
