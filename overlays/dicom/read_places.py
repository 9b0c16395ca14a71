"""Reads where an object says that its frames, contours and marks lie."""

from collections.abc import Iterator
from math import inf, isfinite

import numpy as np

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.dataset import DataSet
from overlays.dicom.element_table import Place
from overlays.dicom.functional_groups import FunctionalGroups
from overlays.dicom.graphics_of_group import COORDINATES, graphics_of
from overlays.dicom.instance import Point
from overlays.dicom.long_values import binary_pieces
from overlays.dicom.places import FramePlane, PixelMarks
from overlays.dicom.read_extent import is_point
from overlays.dicom.structure import Structure

MAX_MARKED = 1000
"""Images of one object on which marks are looked at."""
TEXT_POINTS = {
    "BoundingBoxAnnotationUnits": ("BoundingBoxTopLeftHandCorner", "BoundingBoxBottomRightHandCorner"),
    "AnchorPointAnnotationUnits": ("AnchorPoint",),
}
"""Units of a place of a text, and the points that are in them (PS3.3 C.10.5)."""

Box = tuple[float, float, float, float]
"""Least column and row, greatest column and row."""
Found = dict[str, tuple[Box, Place, bool]]


def read_frame_planes(groups: FunctionalGroups) -> tuple[FramePlane, ...]:
    """The frames that have a place in space and name sources in Derivation Image (PS3.3 C.7.6.16.2.6)."""
    found = []
    for number, frame in enumerate(groups.per_frame, 1):
        sources = frame.source_uids or groups.shared.source_uids
        position, orientation = groups.position(frame), groups.orientation(frame)
        if not sources or not is_point(position) or orientation is None or len(orientation) != 6:
            continue
        measures = groups.measures(frame)
        between = next((each for each in (measures.between or ()) if isfinite(each)), None) if measures else None
        found.append(
            FramePlane(
                number=number,
                position=tuple(position),  # type: ignore[arg-type]
                orientation=tuple(orientation),
                between=between,
                sources=sources,
            )
        )
    return tuple(found)


def read_spaces(items: list[ContentItem]) -> tuple[str, ...]:
    """The frames of reference of coordinates in space, once each (PS3.3 C.18.9)."""
    uids = (item.data_set.text("ReferencedFrameOfReferenceUID") for item in items if item.value_type == "SCOORD3D")
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def read_contour_extremes(structure: Structure) -> tuple[Point, ...]:
    """Middles of the planar contours that lie farthest along each axis, either way: six or fewer."""
    centres = [plane.centre for plane in structure.planes.values()]
    if not centres:
        return ()
    points = np.array(centres)
    farthest = {int(at) for at in (*points.argmin(axis=0), *points.argmax(axis=0))}
    return tuple(centres[at] for at in sorted(farthest))


def marks_of_graphics(root: DataSet) -> tuple[PixelMarks, ...]:
    """What a presentation state draws in units of pixels or of the total pixel matrix, on each image that it names for it."""
    found: Found = {}
    for annotation in root.each("GraphicAnnotationSequence"):
        images = [item.text("ReferencedSOPInstanceUID") for item in annotation.each("ReferencedImageSequence")]
        if not images:
            continue
        whole: Found = {}
        for holder, keyword, units in _drawn(annotation):
            box = _box(holder, keyword) if units in ("PIXEL", "MATRIX") else None
            if box is not None:
                _widen(whole, "", box, holder.place(keyword), units == "MATRIX")
        for box, place, on_matrix in whole.values():
            for uid in images:
                _widen(found, uid, box, place, on_matrix)
    return _marks(found)


def _drawn(annotation: DataSet) -> Iterator[tuple[DataSet, str, str]]:
    for graphic in annotation.each("GraphicObjectSequence"):
        yield graphic, "GraphicData", graphic.text("GraphicAnnotationUnits")
    for text in annotation.each("TextObjectSequence"):
        for units, points in TEXT_POINTS.items():
            for keyword in points:
                yield text, keyword, text.text(units)


def marks_of_annotations(root: DataSet) -> tuple[PixelMarks, ...]:
    """The coordinates on an image of bulk annotations, on the one image that they name (PS3.3 C.37.1.2)."""
    image = root.first("ReferencedImageSequence")
    if image is None or root.text("AnnotationCoordinateType") != "2D":
        return ()
    uid, on_matrix = image.text("ReferencedSOPInstanceUID"), root.text("PixelOriginInterpretation") == "VOLUME"
    found: Found = {}
    for graphics in graphics_of(root):
        if len(graphics.elements) == 1 and graphics.coordinates():
            (keyword,) = graphics.elements
            box = _box(graphics.item, keyword, COORDINATES[keyword])
            if box is not None:
                _widen(found, uid, box, graphics.item.place(keyword), on_matrix)
    return _marks(found)


def _marks(found: Found) -> tuple[PixelMarks, ...]:
    return tuple(
        PixelMarks(sop_instance_uid=uid, low=box[:2], high=box[2:], path=str(place), on_matrix=on_matrix)
        for uid, (box, place, on_matrix) in found.items()
    )


def _box(holder: DataSet, keyword: str, kind: str = "<f4") -> Box | None:
    """Least and greatest column and row; None without any, or with one that is no finite number."""
    row = holder.row_of(keyword)
    least, most = [inf, inf], [-inf, -inf]
    for piece in binary_pieces(holder.scan, row, kind) if row is not None else ():
        for axis in (0, 1):
            values = piece[axis::2]
            if len(values):
                least[axis] = min(least[axis], float(values.min()))
                most[axis] = max(most[axis], float(values.max()))
    box = (*least, *most)
    return box if all(map(isfinite, box)) else None


def _widen(found: Found, uid: str, box: Box, place: Place, on_matrix: bool) -> None:
    """The place is that of what reaches farthest out, as far as one does alone."""
    if uid not in found and len(found) == MAX_MARKED:
        return
    known, at, before = found.get(uid, (box, place, on_matrix))
    (left, top, right, bottom), (a, b, c, d) = known, box
    wide = (min(left, a), min(top, b), max(right, c), max(bottom, d))
    found[uid] = (wide, at if wide == known else place, before or on_matrix)
