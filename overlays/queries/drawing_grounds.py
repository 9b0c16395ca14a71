"""Finds what pixel coordinates count in: a frame of an image that is held, or the total pixel matrix of its tiles (PS3.3 C.8.12.4.1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overlays.dicom.faults import Unreadable
from overlays.dicom.instance import Grid
from overlays.dicom.pictures_named import ALL
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, within_ink
from overlays.dicom.pictures_slide import read_slide
from overlays.queries.drawing import Picture, Plane, aspect_of
from overlays.queries.source_images import SourceImage


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A picture of so many rows and columns; ``grid`` is its place in space where it has one."""

    rows: int
    columns: int
    picture: Picture
    grid: Grid | None

    def plane(self, shapes: Mapping[int, Sequence[Shape]]) -> tuple[Plane, int]:
        """The page of shapes in its pixels, and how many of them are left out."""
        high, wide, scale = canvas_of(self.rows, self.columns)
        kept, tangled = within_ink(shapes, scale)
        marks = ShapeMarks(rows=high, columns=wide, scale=scale, shapes=kept)
        return Plane(picture=self.picture, marks=marks, aspect=aspect_of(self.rows, self.columns, self.grid)), tangled


def numbers_of_frames(source: SourceImage, frame: int, origin: str) -> Sequence[int]:
    """The frames that points belong to, 0 for the total pixel matrix; none where that cannot be told.

    ``frame`` is ALL where none is named: then it is the only frame, or every frame of an image that is no matrix of tiles.
    """
    frames = source.number_of_frames
    if origin == "VOLUME" and source.is_tiled:
        return (0,)
    if origin != "FRAME" and not (origin == "VOLUME" and frames == 1):
        return ()
    if frame == ALL:
        return range(1, frames + 1) if frames == 1 or not source.is_tiled else ()
    return (frame,) if 1 <= frame <= frames else ()


def frame_ground(source: SourceImage, number: int) -> Ground | None:
    """One frame; None of an image without pixels."""
    if min(source.rows, source.columns) < 1:
        return None
    picture = Picture(place=source.place, number=number)
    return Ground(rows=source.rows, columns=source.columns, picture=picture, grid=source.grid)


def slide_ground(source: SourceImage) -> tuple[Ground | None, str]:
    """The total pixel matrix, or a sentence why it is not drawn."""
    try:
        slide = read_slide(source.place.path())
    except (NoPicture, Unreadable, FileNotFoundError) as error:
        return None, str(error)
    picture = Picture(place=source.place, slide=slide)
    return Ground(rows=slide.rows, columns=slide.columns, picture=picture, grid=slide.grid), ""
