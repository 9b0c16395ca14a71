"""Lists everything that draws a stored object, each to be called on its own."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.instance import Family, Grid, Instance
from overlays.dicom.laying import SourcePlane, laid
from overlays.dicom.pictures import drawn, image_png
from overlays.dicom.pictures_annotations import read_annotations
from overlays.dicom.pictures_contours import Curve, read_contours, sheets
from overlays.dicom.pictures_map import MapMarks
from overlays.dicom.pictures_marks import FILL, OUTLINE, Marks, SegmentMarks
from overlays.dicom.pictures_overlay import read_overlay
from overlays.dicom.pictures_report import read_regions
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, on_page, within_ink
from overlays.dicom.pictures_slide import read_slide, slide_png
from overlays.dicom.pictures_state import read_state
from overlays.dicom.pictures_values import read_value_map
from overlays.dicom.stored import open_stored
from tests.builders.mutations import base_bytes

MOST_PAGES = 3
"""Drawn of one object: what holds for these holds for all."""
GRID = Grid(rows=64, columns=64, pixel_spacing=(1.0, 1.0), orientation=(1.0, 0, 0, 0, 1.0, 0), position=(0.0, 0.0, 0.0))
RED = (255, 0, 0)

Call = Callable[[], object]


def drawings(path: Path, bounds: Bounds, instance: Instance) -> Iterator[Call]:
    """The calls, without a sandbox: what is compressed is not drawn, and says so."""
    if instance.pixels is not None:
        yield partial(image_png, path, longest=64, bounds=bounds)
        yield partial(drawn, path, number=2, bounds=bounds)
        yield partial(_slide, path, bounds)
    for draw in OF_FAMILY.get(instance.family, ()):
        yield partial(draw, path, bounds, instance)


def planes_of(instance: Instance) -> list[SourcePlane]:
    """A few source images as if the registry held them."""
    return [SourcePlane(reference.sop_instance_uid, GRID) for reference in instance.references[:4]]


def _slide(path: Path, bounds: Bounds) -> None:
    slide_png(read_slide(path, bounds=bounds), longest=64)


def _segments(path: Path, bounds: Bounds, instance: Instance) -> None:
    overlay = read_overlay(path, bounds=bounds)
    laid(planes_of(instance), overlay.places)
    for place in overlay.places[:MOST_PAGES]:
        _marks(SegmentMarks(overlay, (place,)))


def _map(path: Path, bounds: Bounds, _: Instance) -> None:
    value_map = read_value_map(path, bounds=bounds)
    for place in value_map.places[:MOST_PAGES]:
        _marks(MapMarks(value_map, (place,)))


def _contours(path: Path, bounds: Bounds, instance: Instance) -> None:
    with open_stored(path, bounds=bounds) as stored:
        curves, _ = read_contours(stored.root)
    _in_space(curves, instance, exclusive=True)


def _regions(path: Path, bounds: Bounds, instance: Instance) -> None:
    with open_stored(path, bounds=bounds) as stored:
        regions = read_regions(stored.root)
    _in_space(regions.curves, instance, exclusive=False)
    _shapes({each.number: each.shapes for each in regions.drawn}, GRID.rows, GRID.columns)


def _in_space(curves: Sequence[Curve], instance: Instance, *, exclusive: bool) -> None:
    for images in ([], planes_of(instance)):
        for page in sheets(curves, images).sheets[:MOST_PAGES]:
            _shapes(page.shapes, page.grid.rows, page.grid.columns, exclusive=exclusive)


def _state(path: Path, bounds: Bounds, instance: Instance) -> None:
    layers = [layer.name for layer in instance.display.layers] if instance.display else []
    with open_stored(path, bounds=bounds) as stored:
        state = read_state(stored.root, layers)
    for index, page in enumerate(state.pages[:MOST_PAGES]):
        shapes: dict[int, list[Shape]] = defaultdict(list)
        for graphic in state.graphics.get(index, []):
            shapes[graphic.layer].append(graphic.shape)
        _, _, right, bottom = page.area or (0, 0, GRID.columns, GRID.rows)
        _shapes(shapes, max(bottom, 1.0), max(right, 1.0))


def _advised(path: Path, bounds: Bounds, _: Instance) -> None:
    """The picture of an image as another object's state would have it."""
    with open_stored(path, bounds=bounds) as stored:
        for page in read_state(stored.root, []).pages[:MOST_PAGES]:
            drawn(_image(path), advice=page.advice, bounds=bounds)


def _image(path: Path) -> Path:
    image = path.with_name("image.dcm")
    if not image.exists():
        image.write_bytes(base_bytes("ct"))
    return image


def _annotations(path: Path, bounds: Bounds, _: Instance) -> None:
    with open_stored(path, bounds=bounds) as stored:
        annotations = read_annotations(stored.root)
    shapes: dict[int, list[Shape]] = defaultdict(list)
    for each in annotations.drawn:
        flat = each.points if annotations.two_dimensional else on_page(each.points, GRID)[0]
        shapes[each.group].append(Shape(np.asarray(flat)[:, :2], closed=each.closed, filled=each.closed))
    _shapes(shapes, GRID.rows, GRID.columns)


def _shapes(shapes: dict, rows: float, columns: float, *, exclusive: bool = False) -> None:
    high, wide, scale = canvas_of(rows, columns)
    kept, _ = within_ink(shapes, scale)
    _marks(ShapeMarks(rows=high, columns=wide, scale=scale, shapes=kept, exclusive=exclusive))


def _marks(marks: Marks) -> None:
    """As the review page draws them: each thing alone, and all over the picture."""
    for style in (FILL, OUTLINE):
        for number in marks.numbers[:MOST_PAGES]:
            marks.layer(number, style, RED)
    marks.over(np.zeros((marks.rows, marks.columns), np.uint8), {})


OF_FAMILY: dict[Family, tuple[Callable[[Path, Bounds, Instance], None], ...]] = {
    Family.SEGMENTATION: (_segments,),
    Family.PARAMETRIC_MAP: (_map,),
    Family.STRUCTURE_SET: (_contours,),
    Family.STRUCTURED_REPORT: (_regions,),
    Family.KEY_OBJECTS: (_regions,),
    Family.PRESENTATION_STATE: (_state, _advised),
    Family.ANNOTATIONS: (_annotations,),
}
"""What draws each family beside its pixels."""
