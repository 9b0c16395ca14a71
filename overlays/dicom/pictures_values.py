"""Reads what the stored values of a parametric map mean and how far they reach (PS3.3 C.7.6.16.2.11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import PixelLayout
from overlays.dicom.pictures_pixels import frame_array, layout_of
from overlays.dicom.placement import FramePlace, places_of
from overlays.dicom.read_parametric_map import number as finite_number
from overlays.dicom.sandbox import Sandbox
from overlays.dicom.stored import open_stored

MIDDLE, WHOLE, OWN = "middle", "whole", "own"
SCALES = {MIDDLE: "2nd to 98th percentile", WHOLE: "Lowest to highest", OWN: "As the map recommends"}
MOST_VALUES = 1 << 26
MOST_COMPRESSED_VALUES = 1 << 24
"""Up to which every frame is looked at for the lowest and the highest value; of larger maps a few."""
SAMPLED_FRAMES = 24
SAMPLED_COMPRESSED = 6
SAMPLED_VALUES = 1 << 15
"""Of one frame, for the range of values."""
MOST_QUANTITIES = 64


@dataclass(frozen=True)
class Line:
    """From stored to real world values; ``table`` where a lookup table says them, from ``first`` on.

    ``several`` where the frame has other mappings beside this one, the first.
    """

    slope: float = 1.0
    intercept: float = 0.0
    first: int = 0
    table: np.ndarray | None = None
    several: bool = False


@dataclass(frozen=True)
class Quantity:
    """What the values of some frames are, and their unit as a symbol of UCUM."""

    label: str
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueMap:
    """What must be known of a stored map to draw any of its frames: read once, then kept by the caller.

    ``of_frame`` has for each frame the number of its quantity, from 1, and its line. ``ranges`` has, by name of scale and number of
    quantity, the lowest and the highest real world value of the colours; ``looked_at`` is in how many frames they were looked for,
    and ``unmapped`` how many of their stored values no table maps.
    """

    path: Path
    layout: PixelLayout
    places: tuple[FramePlace, ...]
    quantities: dict[int, Quantity]
    of_frame: tuple[tuple[int, Line], ...]
    padding: tuple[float, float] | None
    ranges: dict[str, dict[int, tuple[float, float]]]
    looked_at: int
    unmapped: int


def real_values(value_map: ValueMap, number: int, line: Line, sandbox: Sandbox | None) -> np.ndarray:
    """The real world values of a frame, counted from 1, as ``float64``; NaN where there is none. Raises as ``frame_array``."""
    return _Pixels(value_map.path, value_map.layout, value_map.padding, sandbox).real(number, line)[0]


@dataclass(frozen=True)
class _Pixels:
    path: Path
    layout: PixelLayout
    padding: tuple[float, float] | None
    sandbox: Sandbox | None

    def real(self, number: int, line: Line) -> tuple[np.ndarray, int]:
        """The values, and how many stored ones are outside of the table."""
        stored = frame_array(self.path, self.layout, number, sandbox=self.sandbox, exact=True).values
        with np.errstate(invalid="ignore"):  # a signalling NaN is no number either
            numbers = stored.astype(np.float64)
        if numbers.ndim == 3:
            numbers = numbers[:, :, 0]
        padded = np.zeros(numbers.shape, bool)
        if self.padding is not None:
            low, high = self.padding
            padded = (numbers >= low) & (numbers <= high)
        unmapped = 0
        with np.errstate(invalid="ignore", over="ignore"):
            if line.table is not None and line.table.size and not self.layout.floating:
                at = numbers - line.first
                outside = (at < 0) | (at >= line.table.size)
                real = np.where(outside, np.nan, line.table[np.where(outside, 0, at).astype(np.int64)])
                unmapped = int(np.count_nonzero(outside & ~padded))
            else:
                real = numbers * line.slope + line.intercept
        return np.where(np.isfinite(real) & ~padded, real, np.nan), unmapped


def read_value_map(path: Path, *, sandbox: Sandbox | None = None, bounds: Bounds | None = None) -> ValueMap:
    """The map at ``path``, with the ranges of its values. Raises NoPicture, and as ``open_stored`` and ``frame_array``."""
    limits = bounds or Bounds()
    with open_stored(path, bounds=limits) as stored:
        root = stored.root
        layout = layout_of(root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=limits)
        places = places_of(root) or tuple(FramePlace(number, (), (), None) for number in range(1, layout.frames + 1))
        places = places[: layout.frames]
        quantities, of_frame = _quantities(root, len(places))
        pixels = _Pixels(path, layout, _padding(root), sandbox)
        recommended = _recommended(root)
    ranges, looked_at, unmapped = _ranges(pixels, of_frame, recommended)
    return ValueMap(
        path=path,
        layout=layout,
        places=places,
        quantities=quantities,
        of_frame=of_frame,
        padding=pixels.padding,
        ranges=ranges,
        looked_at=looked_at,
        unmapped=unmapped,
    )


def _quantities(root: DataSet, frames: int) -> tuple[dict[int, Quantity], tuple[tuple[int, Line], ...]]:
    shared = root.first("SharedFunctionalGroupsSequence")
    numbers: dict[Quantity, int] = {}

    def numbered(groups: DataSet | None) -> tuple[int, Line]:
        item = groups.first("RealWorldValueMappingSequence") if groups is not None else None
        several = item is not None and groups.count("RealWorldValueMappingSequence") > 1
        named = Quantity("stored values", "") if item is None else _quantity(item)
        if named not in numbers and len(numbers) == MOST_QUANTITIES:
            named = next(iter(numbers))
        return numbers.setdefault(named, len(numbers) + 1), Line() if item is None else _line(item, several)

    if shared is not None and shared.first("RealWorldValueMappingSequence") is not None:
        of_frame = (numbered(shared),) * frames
    else:
        per_frame = islice(root.each("PerFrameFunctionalGroupsSequence"), frames)
        of_frame = tuple(map(numbered, per_frame))
        of_frame += (numbered(None),) * (frames - len(of_frame)) if len(of_frame) < frames else ()
    return {number: named for named, number in numbers.items()}, of_frame


def _quantity(item: DataSet) -> Quantity:
    unit = item.code("MeasurementUnitsCodeSequence")
    label = item.text("LUTExplanation") or item.text("LUTLabel") or "values"
    return Quantity(label[:120], unit.value[:40] if unit else "")


def _line(item: DataSet, several: bool) -> Line:
    slope, intercept = finite_number(item, "RealWorldValueSlope"), finite_number(item, "RealWorldValueIntercept")
    table = item.numbers("RealWorldValueLUTData")
    if slope is None and table:
        return Line(
            first=item.integer("RealWorldValueFirstValueMapped") or 0, table=np.array(table, float), several=several
        )
    return Line(1.0 if slope is None else slope, intercept or 0.0, several=several)


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
    pixels: _Pixels, of_frame: Sequence[tuple[int, Line]], recommended: tuple[float, float] | None
) -> tuple[dict[str, dict[int, tuple[float, float]]], int, int]:
    """The ranges, in how many frames they were looked for, and how many values there no table maps."""
    layout = pixels.layout
    compressed = layout.encapsulated or layout.deflated
    sampled = _spread(len(of_frame), SAMPLED_COMPRESSED if compressed else SAMPLED_FRAMES)
    most = MOST_COMPRESSED_VALUES if compressed else MOST_VALUES
    every = len(of_frame) * layout.rows * layout.columns <= most
    samples: dict[int, list[np.ndarray]] = {}
    ends: dict[int, list[float]] = {}
    lines: dict[int, Line] = {}
    unmapped, chosen = 0, set(sampled)
    looked_at = range(len(of_frame)) if every else sampled
    for index in looked_at:
        number, line = of_frame[index]
        values, lost = pixels.real(index + 1, line)
        values = values[np.isfinite(values)]
        unmapped += lost
        lines.setdefault(number, line)
        if values.size:
            ends.setdefault(number, []).extend((float(values.min()), float(values.max())))
            # A quantity of few frames may be in none of the chosen ones.
            if index in chosen or number not in samples:
                samples.setdefault(number, []).append(values[:: max(1, values.size // SAMPLED_VALUES)])
    ranges: dict[str, dict[int, tuple[float, float]]] = {MIDDLE: {}, WHOLE: {}}
    for number, parts in samples.items():
        values = np.concatenate(parts)
        ranges[WHOLE][number] = _apart(min(ends[number]), max(ends[number]))
        # Most maps hold zero outside the body: it says nothing of the rest.
        kept = values[values != 0]
        ranges[MIDDLE][number] = _apart(*map(float, np.percentile(kept if kept.size else values, (2, 98))))
    if recommended is not None:
        own = {}
        for number, line in lines.items():
            if line.table is None:
                edges = sorted(end * line.slope + line.intercept for end in recommended)
                own[number] = _apart(*edges)
        ranges = ({OWN: own} if own else {}) | ranges
    return ranges, len(looked_at), unmapped


def _apart(low: float, high: float) -> tuple[float, float]:
    """Two ends that differ: a constant map has the colour between them."""
    if high > low and isfinite(high - low):
        return low, high
    room = max(abs(low) * 1e-3, 1e-6)
    return low - room, low + room


def _spread(count: int, most: int) -> Sequence[int]:
    if count <= most:
        return range(count)
    return sorted({round((count - 1) * step / (most - 1)) for step in range(most)})
