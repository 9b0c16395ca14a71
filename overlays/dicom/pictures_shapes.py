"""Draws points, lines, filled shapes and short texts on a page, under bounds on their size and number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from overlays.dicom.instance import Grid
from overlays.dicom.pictures_marks import OUTLINE, Marks
from overlays.dicom.pictures_overlay import OPAQUE
from overlays.dicom.sandbox import Sandbox

CANVAS = 1024
"""Pixels of a canvas's longer side: shapes are finer than the pixels of their image."""
MOST_POINTS = 300_000
"""Of one object's shapes, in all."""
MOST_INK = 3_000_000
"""Pixels of line on one page's canvas: a hand draws thousands, a tangle of random points would keep the painter busy for minutes."""
FAR = 100_000
"""Pixels beyond which a point is drawn at that distance: further out its direction alone matters."""
MOST_CROSSINGS = 1 << 20
"""Of edges with rows, reckoned with at once."""
FARTHEST = 1e9
"""Pixels or millimetres: no coordinate of a patient, a slide or a screen comes near it."""
ROUND = 64
"""Corners of the polygon that stands for a circle or an ellipse."""
LINE = 4
SAME_LEVEL = 0.1
"""Millimetres within which shapes lie in one plane."""
SMALLEST_AREA = 2
"""Pixels of the canvas, of a closed shape's shorter side."""
POINT_ARM = 12
SMALLEST_LETTERS, LARGEST_LETTERS = 26, 60
MOST_TEXT = 500


@dataclass(frozen=True, eq=False)
class Shape:
    """Points as (column, row) in the page's pixels, from the upper left corner of the upper left pixel; shape (n, 2).

    One point is a cross. ``text`` is written at the first point, in letters of ``text_height`` pixels. ``level`` is how
    many millimetres the shape lies beside the page's plane.
    """

    points: np.ndarray
    closed: bool = False
    filled: bool = False
    text: str = ""
    text_height: float = 0.0
    level: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ShapeMarks(Marks):
    """Shapes by number on a canvas ``scale`` times as fine as the page. With ``exclusive``, a closed shape in another one of its plane
    is a hole.
    """

    rows: int
    columns: int
    scale: float
    shapes: Mapping[int, Sequence[Shape]] = field(default_factory=dict)
    exclusive: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of what has a shape here."""
        return tuple(sorted(self.shapes))

    @property
    def amount(self) -> int:
        """Shapes."""
        return sum(map(len, self.shapes.values()))

    @property
    def outside(self) -> int:
        """Shapes that no point of the page can show."""
        limits = np.array((self.columns, self.rows)) / self.scale
        ends = ((shape.points.min(axis=0), shape.points.max(axis=0)) for each in self.shapes.values() for shape in each)
        return sum(bool((high < 0).any() or (low > limits).any()) for low, high in ends)

    def covered(self, style: str, *, only: int | None = None, sandbox: Sandbox | None = None) -> dict[int, np.ndarray]:
        """Filled shapes with their area, or of an outline their edge alone; lines and points the same in both."""
        numbers = self.numbers if only is None else [only]
        return {number: self._drawn(self.shapes.get(number, ()), style) for number in numbers}

    def _drawn(self, shapes: Sequence[Shape], style: str) -> np.ndarray:
        canvas = Image.new("L", (self.columns, self.rows), 0)
        draw = ImageDraw.Draw(canvas)
        areas = [shape for shape in shapes if shape.filled and len(shape.points) > 2] if style != OUTLINE else []
        if self.exclusive and len(areas) > 1:
            canvas = self._exclusive(areas)
            draw = ImageDraw.Draw(canvas)
        for shape in areas:
            # What encloses no middle of a pixel would be lost among the others.
            if not self.exclusive or len(areas) == 1 or np.ptp(shape.points * self.scale, axis=0).min() < SMALLEST_AREA:
                draw.polygon(self._corners(shape), fill=OPAQUE)
        for shape in shapes:
            if shape.text:
                self._write(draw, shape)
            elif style == OUTLINE or not shape.filled or len(shape.points) < 3:
                self._line(draw, shape)
        return np.asarray(canvas)

    def _exclusive(self, areas: Sequence[Shape]) -> Image.Image:
        inside = np.zeros((self.rows, self.columns), bool)
        sorted_by_level = sorted(areas, key=lambda shape: shape.level)
        steps = np.diff([shape.level for shape in sorted_by_level]) > SAME_LEVEL
        for first, last in pairwise((0, *(np.flatnonzero(steps) + 1).tolist(), len(areas))):
            polygons = [self._on_canvas(shape.points) for shape in sorted_by_level[first:last]]
            inside |= _within_odd(polygons, self.rows, self.columns)
        return Image.fromarray(inside.astype(np.uint8) * np.uint8(OPAQUE))

    def _corners(self, shape: Shape) -> list[tuple[float, float]]:
        return list(map(tuple, self._on_canvas(shape.points).tolist()))

    def _on_canvas(self, points: np.ndarray) -> np.ndarray:
        return np.clip(points * self.scale - 0.5, -FAR, FAR)

    def _line(self, draw: ImageDraw.ImageDraw, shape: Shape) -> None:
        points = self._on_canvas(shape.points)
        if len(points) == 1:
            x, y = points[0]
            draw.line([(x - POINT_ARM, y), (x + POINT_ARM, y)], fill=OPAQUE, width=LINE)
            draw.line([(x, y - POINT_ARM), (x, y + POINT_ARM)], fill=OPAQUE, width=LINE)
            return
        if shape.closed:
            points = np.concatenate((points, points[:1]))
        limits = np.array((self.columns, self.rows), float)
        if (points >= -LINE).all() and (points <= limits + LINE).all():
            draw.line(list(map(tuple, points.tolist())), fill=OPAQUE, width=LINE)
            return
        for start, end in _clipped(points, limits):
            draw.line([tuple(start), tuple(end)], fill=OPAQUE, width=LINE)

    def _write(self, draw: ImageDraw.ImageDraw, shape: Shape) -> None:
        size = min(max(shape.text_height * self.scale, SMALLEST_LETTERS), LARGEST_LETTERS)
        x, y = self._on_canvas(shape.points)[0]
        if not (-self.columns <= x <= self.columns and -self.rows <= y <= self.rows):
            return
        readable = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in shape.text)
        shown = readable if len(readable) <= MOST_TEXT else f"{readable[:MOST_TEXT]} […]"
        draw.multiline_text((x, y), shown, fill=OPAQUE, font=ImageFont.load_default(size))


def _clipped(points: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The parts of a line's segments that lie on the canvas (Liang and Barsky), of shape (n, 2, 2): none is longer than the canvas."""
    start, step = points[:-1].astype(float), np.diff(points, axis=0).astype(float)
    enter, leave = np.zeros(len(start)), np.ones(len(start))
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in (0, 1):
            for bound, sign in ((-float(LINE), 1.0), (limits[axis] + LINE, -1.0)):
                toward, room = step[:, axis] * sign, (bound - start[:, axis]) * sign
                at = room / toward
                enter = np.where(toward > 0, np.fmax(enter, at), enter)
                leave = np.where(toward < 0, np.fmin(leave, at), leave)
                leave = np.where((toward == 0) & (room > 0), -1.0, leave)
    seen = enter <= leave
    start, step, enter, leave = start[seen], step[seen], enter[seen, None], leave[seen, None]
    return np.stack((start + step * enter, start + step * leave), axis=1)


def _within_odd(polygons: Sequence[np.ndarray], rows: int, columns: int) -> np.ndarray:
    """The pixels whose middles lie within an odd number of the polygons: on a line through the middles of a row, each edge that
    crosses it turns what follows inside out. Its time is that of the edges' heights, however many polygons they make.
    """
    start = np.concatenate(polygons)
    end = np.concatenate([np.roll(each, -1, axis=0) for each in polygons])
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.clip(np.ceil(low), 0, rows).astype(np.int64)
    many = np.clip(np.ceil(high), 0, rows).astype(np.int64) - first
    turns = np.zeros(rows * (columns + 1), np.int64)
    upto = np.cumsum(many)
    at = 0
    while at < len(many):
        done = upto[at - 1] if at else 0
        last = max(at + 1, int(np.searchsorted(upto, done + MOST_CROSSINGS)))
        edges = np.repeat(np.arange(at, last), many[at:last])
        row = first[edges] + np.arange(len(edges)) - (upto[edges] - many[edges] - done)
        (x, y), (to_x, to_y) = start[edges].T, end[edges].T
        crossing = x + (row - y) * (to_x - x) / (to_y - y)
        column = np.clip(np.ceil(crossing), 0, columns).astype(np.int64)
        turns += np.bincount(row * (columns + 1) + column, minlength=len(turns))
        at = last
    return (np.cumsum(turns.reshape(rows, columns + 1), axis=1)[:, :columns] & 1).astype(bool)


def within_ink(shapes: Mapping[int, Sequence[Shape]], scale: float) -> tuple[dict[int, tuple[Shape, ...]], int]:
    """The shapes of a page as far as the painter's time allows, and how many are left out."""
    left, kept, dropped = float(MOST_INK), {}, 0
    for number, each in shapes.items():
        drawn = []
        for shape in each:
            steps = np.diff(np.clip(shape.points * scale, -FAR, FAR), axis=0)
            ink = float(np.abs(steps).clip(0, 2 * CANVAS).sum())
            if ink > left:
                dropped += 1
                continue
            left -= ink
            drawn.append(shape)
        kept[number] = tuple(drawn)
    return kept, dropped


def canvas_of(rows: float, columns: float) -> tuple[int, int, float]:
    """Rows and columns of the canvas of a page so large, and its scale."""
    scale = CANVAS / max(rows, columns, 1e-6)
    return max(1, round(rows * scale)), max(1, round(columns * scale)), scale


def are_sound(points: np.ndarray) -> bool:
    """Whether coordinates can be reckoned with."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(points) < FARTHEST).all())


def circle(center: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """The corners of a circle by its centre and a point on it (PS3.3 C.10.5.1.2)."""
    radius = float(np.hypot(*(rim - center)))
    angles = [2 * pi * step / ROUND for step in range(ROUND)]
    return center + radius * np.array([(cos(angle), sin(angle)) for angle in angles])


def ellipse(axes: np.ndarray) -> np.ndarray:
    """The corners of an ellipse by the ends of its longer and its shorter axis (PS3.3 C.10.5.1.2), in two or three dimensions."""
    center, major, minor = axes.mean(axis=0), (axes[1] - axes[0]) / 2, (axes[3] - axes[2]) / 2
    angles = [2 * pi * step / ROUND for step in range(ROUND)]
    return np.array([center + cos(angle) * major + sin(angle) * minor for angle in angles])


def on_page(points: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Points in millimetres, shape (n, 3), as page pixels, shape (n, 2), and their distances from the page's plane.

    The grid has a place in space.
    """
    off = points - np.asarray(grid.position)
    along, down = np.asarray(grid.orientation[:3]), np.asarray(grid.orientation[3:])
    between_rows, between_columns = grid.pixel_spacing
    pixels = np.stack((off @ along / between_columns + 0.5, off @ down / between_rows + 0.5), axis=1)
    return pixels, off @ np.cross(along, down)
