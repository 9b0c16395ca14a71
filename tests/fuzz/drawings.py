"""Lists everything that draws a stored object, each to be called on its own."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.pictures import drawn, image_png
from overlays.dicom.pictures_overlay import layers, read_overlay
from overlays.dicom.placement import SourcePlane, slices

MOST_PLACES = 4
"""Of frames drawn as layers: what holds for these holds for all."""


def drawings(path: Path, bounds: Bounds, planes: Sequence[SourcePlane]) -> Iterator[Callable[[], object]]:
    """The calls, without a sandbox: what is compressed is not drawn, and says so."""
    yield lambda: image_png(path, longest=64, bounds=bounds)
    yield lambda: drawn(path, number=2, bounds=bounds)
    yield lambda: _layers(path, bounds, planes)


def _layers(path: Path, bounds: Bounds, planes: Sequence[SourcePlane]) -> None:
    overlay = read_overlay(path, bounds=bounds)
    slices(planes, overlay.places)
    layers(overlay, overlay.places[:MOST_PLACES], {})
