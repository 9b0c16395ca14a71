"""Puts the tiles of a small whole slide image together (PS3.3 C.8.12.4, C.7.6.17.3)."""

from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Grid
from overlays.dicom.pictures import drawn, png
from overlays.dicom.pictures_pixels import NoPicture, layout_of
from overlays.dicom.sandbox import Sandbox
from overlays.dicom.stored import open_stored

MOST_TILES = 256


@dataclass(frozen=True)
class Slide:
    """A slide image: its total pixel matrix, its place on the slide where it is told (millimetres), and frame, top, left of each tile."""

    path: Path
    rows: int
    columns: int
    grid: Grid | None
    tiles: tuple[tuple[int, int, int], ...]


def read_slide(path: Path, *, bounds: Bounds | None = None) -> Slide:
    """The image at ``path``. Raises NoPicture where it is too large to be drawn at once, and what ``open_stored`` raises."""
    limits = bounds or Bounds()
    with open_stored(path, bounds=limits) as stored:
        root = stored.root
        layout = layout_of(root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=limits)
        rows = root.integer("TotalPixelMatrixRows") or layout.rows
        columns = root.integer("TotalPixelMatrixColumns") or layout.columns
        across, down = ceil(columns / layout.columns), ceil(rows / layout.rows)
        if not 0 < across * down <= MOST_TILES or not 0 < layout.frames <= 16 * MOST_TILES:
            raise NoPicture(
                f"The slide has {across * down} tiles in {layout.frames} frames; 1 to {MOST_TILES} tiles are put together."
            )
        positions = _positions(root, layout.frames)
        if not positions:
            if layout.frames > 1 and root.text("DimensionOrganizationType") != "TILED_FULL":
                raise NoPicture(f"The slide does not tell where its {layout.frames} tiles lie.")
            count = min(across * down, layout.frames)
            positions = [(n + 1, n // across * layout.rows, n % across * layout.columns) for n in range(count)]
        inside = [tile for tile in positions if 0 <= tile[1] < rows and 0 <= tile[2] < columns]
        return Slide(path, rows, columns, _grid(root, rows, columns), tuple(inside[:MOST_TILES]))


def _positions(root: DataSet, frames: int) -> list[tuple[int, int, int]]:
    """Of tiles that say where they lie; several at one place are planes or colours of it, of which the first is taken."""
    found: dict[tuple[int, int], int] = {}
    for number, groups in enumerate(islice(root.each("PerFrameFunctionalGroupsSequence"), frames), 1):
        place = groups.first("PlanePositionSlideSequence")
        top = place.integer("RowPositionInTotalImagePixelMatrix") if place else None
        left = place.integer("ColumnPositionInTotalImagePixelMatrix") if place else None
        if top is not None and left is not None:
            found.setdefault((top - 1, left - 1), number)
    return [(number, top, left) for (top, left), number in found.items()]


def _grid(root: DataSet, rows: int, columns: int) -> Grid | None:
    origin, shared = root.first("TotalPixelMatrixOriginSequence"), root.first("SharedFunctionalGroupsSequence")
    measures = shared.first("PixelMeasuresSequence") if shared else None
    orientation = root.numbers("ImageOrientationSlide")
    spacing = measures.numbers("PixelSpacing") if measures else None
    x = origin.numbers("XOffsetInSlideCoordinateSystem") if origin else None
    y = origin.numbers("YOffsetInSlideCoordinateSystem") if origin else None
    if not (x and y and spacing and orientation) or len(spacing) != 2 or len(orientation) != 6:
        return None
    numbers = (x[0], y[0], *spacing, *orientation)
    if not np.isfinite(numbers).all() or min(spacing) <= 0:
        return None
    return Grid(
        rows=rows,
        columns=columns,
        pixel_spacing=tuple(map(float, spacing)),
        orientation=tuple(map(float, orientation)),
        position=(float(x[0]), float(y[0]), 0.0),
    )


def slide_picture(slide: Slide, *, longest: int, sandbox: Sandbox | None = None) -> np.ndarray:
    """RGB of the whole slide, its longer side at most ``longest`` pixels. Raises as ``drawn``."""
    scale = min(1.0, longest / max(slide.rows, slide.columns))
    size = max(1, round(slide.columns * scale)), max(1, round(slide.rows * scale))
    canvas = Image.new("RGB", size)
    for number, top, left in slide.tiles:
        tile = drawn(slide.path, number=number, sandbox=sandbox)
        picture = Image.fromarray(np.ascontiguousarray(tile)).convert("RGB")
        wide, high = max(1, round(tile.shape[1] * scale)), max(1, round(tile.shape[0] * scale))
        canvas.paste(picture.resize((wide, high)), (round(left * scale), round(top * scale)))
    return np.asarray(canvas)


def slide_png(slide: Slide, *, longest: int, sandbox: Sandbox | None = None) -> bytes:
    """The same as a PNG."""
    return png(slide_picture(slide, longest=longest, sandbox=sandbox))
