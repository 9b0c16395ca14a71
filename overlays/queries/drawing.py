"""Holds how a stored version is paged through: its pages, each a picture with what lies on it, and what those things are called."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overlays.dicom.instance import Grid
from overlays.dicom.pictures import Advice, Window, drawn, png, scaled
from overlays.dicom.pictures_marks import Marks
from overlays.dicom.pictures_shapes import ShapeMarks
from overlays.dicom.pictures_slide import Slide, slide_picture
from overlays.dicom.pictures_turn import Turn
from overlays.dicom.sandbox import Sandbox
from overlays.queries.source_images import Place, Stored

MOST_PLANES = 5000
LONGEST_SIDE = 1024

WINDOWS: dict[str, tuple[str, Window | None]] = {
    "state": ("As the state says", None),
    "own": ("As stored", None),
    "soft": ("Soft tissue", Window(40, 400)),
    "lung": ("Lung", Window(-600, 1500)),
    "bone": ("Bone", Window(400, 1800)),
}
"""Windows by name, presets in Hounsfield units; images of other modalities than CT have none of the presets."""
PRESETS = ("own", "soft", "lung", "bone")
OWN_ALONE = ("own",)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What lies below: one frame of the image that is in this place, or a slide put together of all of them."""

    place: Place
    number: int = 1
    advice: Advice | None = None
    slide: Slide | None = None
    turn: Turn | None = None

    def drawn(self, window: str, sandbox: Sandbox) -> np.ndarray:
        """It as 8-bit grey or RGB. Raises as ``drawn`` of the DICOM core."""
        if self.slide is not None:
            return slide_picture(self.slide, longest=LONGEST_SIDE, sandbox=sandbox)
        pixels = drawn(
            self.place.path(),
            number=self.number,
            window=WINDOWS[window][1],
            advice=self.advice if window == "state" else None,
            sandbox=sandbox,
        )
        return self.turn.picture(pixels) if self.turn else pixels

    def png(self, window: str, sandbox: Sandbox) -> bytes:
        """The same as a PNG."""
        return png(scaled(self.drawn(window, sandbox), LONGEST_SIDE))


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One page: its picture (None: dark ground) and what lies on it; ``aspect`` is width by height as it lies in the patient."""

    picture: Picture | None
    marks: Marks
    aspect: float
    distance: float | None = None

    @property
    def image_sha256(self) -> str | None:
        """The digest of the picture's bytes, where the registry holds them."""
        place = self.picture.place if self.picture else None
        return place.sha256 if isinstance(place, Stored) else None


@dataclass(frozen=True, kw_only=True)
class Named:
    """One thing that may lie on pages: a segment, a region, a layer, a group, a quantity."""

    number: int
    label: str
    detail: str
    colour: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A version ready to be paged through. ``key`` changes with everything that its pictures depend on."""

    key: str
    planes: tuple[Plane, ...]
    legend: tuple[Named, ...]
    title: str
    """Of the legend, for people: Segments, Regions."""
    page: str = "Slice"
    """What a page is called."""
    windows: tuple[str, ...] = OWN_ALONE
    note: str = ""
    """What keeps it from being shown whole, for people; empty when nothing does."""
    scales: dict[str, dict[int, tuple[float, float]]] | None = None
    """Of a map: by name of scale and number of quantity, the values at its ends."""
    units: dict[int, str] | None = None
    outlined: bool = False
    """Whether things are outlined until the reader wants them filled: contours are lines, and hide nothing then."""
    opacity: int = 50
    """Percent, until the reader changes it."""
    gathers: bool = True
    """Whether many things on a page may be drawn at once; faint parts of fractional segments would be lost."""
    by_pixels: bool = False
    """Whether only the pixels tell what is on a page, as in a label map."""
    is_compressed: bool = False

    @property
    def colours(self) -> dict[int, tuple[int, int, int]]:
        """Colour by number."""
        return {named.number: named.colour for named in self.legend}

    @property
    def first(self) -> int:
        """The page to begin with: the middle one of those with most on them."""
        most = max(plane.marks.amount for plane in self.planes)
        full = [index for index, plane in enumerate(self.planes) if plane.marks.amount == most]
        return full[len(full) // 2 if most else 0]


def told_outside(planes: Sequence[Plane]) -> list[str]:
    """What to say of shapes that lie beside their pictures: nobody could see that they are there."""
    outside = sum(plane.marks.outside for plane in planes if isinstance(plane.marks, ShapeMarks))
    return [f"{outside} shapes lie outside their picture and cannot be seen."] if outside else []


def aspect_of(rows: float, columns: float, grid: Grid | None) -> float:
    """Width by height of so many pixels as they lie in the patient."""
    down, across = grid.pixel_spacing if grid and grid.pixel_spacing else (1.0, 1.0)
    aspect = columns * across / (rows * down) if rows * down else 1.0
    return round(min(max(aspect, 0.1), 10.0), 4)
