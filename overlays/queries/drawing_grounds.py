"""Finds what pixel coordinates count in: a frame of an image that is held, or the total pixel matrix of its tiles (PS3.3 C.8.12.4.1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overlays.dicom.faults import Unreadable
from overlays.dicom.instance import Grid
from overlays.dicom.pictures_named import ALL
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, within_ink
from overlays.dicom.pictures_slide import read_slide
from overlays.models import SourceInstance
from overlays.queries.drawing import Picture, Plane, aspect_of
from overlays.queries.known_sources import grid_from_json
from overlays.queries.stored_bytes import path_of

TOTAL_PIXEL_MATRIX_COLUMNS = "00480006"


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


def is_tiled(source: SourceInstance) -> bool:
    """Whether the frames of an image are tiles of one matrix."""
    return TOTAL_PIXEL_MATRIX_COLUMNS in source.attributes


def numbers_of_frames(source: SourceInstance, frame: int, origin: str) -> Sequence[int]:
    """The frames that points belong to, 0 for the total pixel matrix; none where that cannot be told.

    ``frame`` is ALL where none is named: then it is the only frame, or every frame of an image that is no matrix of tiles.
    """
    frames = source.number_of_frames or 1
    if origin == "VOLUME" and is_tiled(source):
        return (0,)
    if origin != "FRAME" and not (origin == "VOLUME" and frames == 1):
        return ()
    if frame == ALL:
        return range(1, frames + 1) if frames == 1 or not is_tiled(source) else ()
    return (frame,) if 1 <= frame <= frames else ()


def frame_ground(source: SourceInstance, number: int) -> Ground | None:
    """One frame; None of an image without pixels."""
    pixels = source.pixels or {}
    rows, columns = pixels.get("rows") or 0, pixels.get("columns") or 0
    if min(rows, columns) < 1:
        return None
    picture = Picture(sha256=source.bytes.sha256, number=number)
    return Ground(rows=rows, columns=columns, picture=picture, grid=grid_from_json(source.grid))


def slide_ground(source: SourceInstance) -> tuple[Ground | None, str]:
    """The total pixel matrix, or a sentence why it is not drawn."""
    try:
        slide = read_slide(path_of(source.bytes.sha256))
    except (NoPicture, Unreadable, FileNotFoundError) as error:
        return None, str(error)
    picture = Picture(sha256=source.bytes.sha256, slide=slide)
    return Ground(rows=slide.rows, columns=slide.columns, picture=picture, grid=slide.grid), ""
