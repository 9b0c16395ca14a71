"""Draws points, lines, filled shapes and short texts on a page, under bounds on their size and number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
MOST_EXCLUSIVE = 200
"""Contours of one region on one page up to which those that lie in others are holes."""
FARTHEST = 1e9
"""Pixels or millimetres: no coordinate of a patient, a slide or a screen comes near it."""
ROUND = 64
"""Corners of the polygon that stands for a circle or an ellipse."""
LINE = 4
POINT_ARM = 12
SMALLEST_LETTERS, LARGEST_LETTERS = 26, 60
MOST_TEXT = 500


@dataclass(frozen=True, eq=False)
class Shape:
    """Points as (column, row) in the page's pixels, from the upper left corner of the upper left pixel; shape (n, 2).

    One point is a cross. ``text`` is written at the first point, in letters of ``text_height`` pixels.
    """

    points: np.ndarray
    closed: bool = False
    filled: bool = False
    text: str = ""
    text_height: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ShapeMarks(Marks):
    """Shapes by number on a canvas ``scale`` times as fine as the page. With ``exclusive``, a closed shape in another one is a hole."""

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
        if self.exclusive and 1 < len(areas) <= MOST_EXCLUSIVE:
            canvas = self._exclusive(areas)
            draw = ImageDraw.Draw(canvas)
        else:
            for shape in areas:
                draw.polygon(self._corners(shape), fill=OPAQUE)
        for shape in shapes:
            if shape.text:
                self._write(draw, shape)
            elif style == OUTLINE or not shape.filled or len(shape.points) < 3:
                self._line(draw, shape)
        return np.asarray(canvas)

    def _exclusive(self, areas: Sequence[Shape]) -> Image.Image:
        inside = np.zeros((self.rows, self.columns), bool)
        for shape in areas:
            single = Image.new("1", (self.columns, self.rows), 0)
            ImageDraw.Draw(single).polygon(self._corners(shape), fill=1)
            inside ^= np.asarray(single)
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
        draw.multiline_text((x, y), readable[:MOST_TEXT], fill=OPAQUE, font=ImageFont.load_default(size))


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
