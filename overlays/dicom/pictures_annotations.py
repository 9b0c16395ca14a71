"""Reads the shapes of bulk annotations, as many as a page can show (PS3.3 C.37.1.2)."""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import frame_numbers
from overlays.dicom.pictures_shapes import MOST_POINTS, are_sound, ellipse

MOST_DRAWN = 20_000
MOST_FRAMES = 100
FIXED = {"POINT": 1, "ELLIPSE": 4, "RECTANGLE": 4}
"""Points of one annotation; of polylines and polygons the index list says where each begins."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """One annotation of a group: its points, shape (n, 2) in pixels or (n, 3) in millimetres on the slide."""

    group: int
    points: np.ndarray
    closed: bool


@dataclass(frozen=True)
class Annotations:
    """What is drawn of all groups; ``two_dimensional``: points are pixels of an image. ``dropped`` are not drawn."""

    drawn: tuple[Annotation, ...]
    two_dimensional: bool
    dropped: int
    image: str = ""
    """SOP Instance UID of the one image to which the object refers (PS3.3 C.37.1.2); empty where it is not one."""
    frames: tuple[int, ...] = ()
    """Those of the image that are named."""
    origin: str = ""
    """Pixel Origin Interpretation: FRAME, or VOLUME for the total pixel matrix."""
    frame_of_reference_uid: str = ""


def read_annotations(root: DataSet) -> Annotations:
    """The shapes in the order written, at most 20,000; broken groups are left out."""
    flat = root.text("AnnotationCoordinateType") == "2D"
    drawn: list[Annotation] = []
    dropped, left = 0, MOST_POINTS
    for item in root.each("AnnotationGroupSequence"):
        number, kind = item.integer("AnnotationGroupNumber"), item.text("GraphicType")
        total = max(item.integer("NumberOfAnnotations") or 0, 0)
        points = _points(item, flat, left) if number is not None else None
        if points is None or not len(points):
            dropped += total
            continue
        begun = len(drawn)
        width = 2 if flat or "CommonZCoordinateValue" in item else 3
        for start, end in _spans(item, kind, len(points), width, whole=len(points) < left):
            if len(drawn) == MOST_DRAWN:
                break
            part = points[start:end]
            if not len(part) or not are_sound(part):
                continue
            left -= len(part)
            corners = ellipse(part) if kind == "ELLIPSE" and len(part) == 4 else part
            drawn.append(Annotation(number, corners, kind in ("POLYGON", "ELLIPSE", "RECTANGLE")))
        dropped += max(0, total - (len(drawn) - begun))
    named = list(islice(root.each("ReferencedImageSequence"), 2))
    (image,) = named if len(named) == 1 else (None,)
    return Annotations(
        drawn=tuple(drawn),
        two_dimensional=flat,
        dropped=dropped,
        image=image.text("ReferencedSOPInstanceUID") if image else "",
        frames=frame_numbers(image.raw("ReferencedFrameNumber"), MOST_FRAMES) if image else (),
        origin=root.text("PixelOriginInterpretation"),
        frame_of_reference_uid=root.text("FrameOfReferenceUID"),
    )


def _points(item: DataSet, flat: bool, most: int) -> np.ndarray | None:
    """The first points of a group, at most so many."""
    for keyword, kind in (("DoublePointCoordinatesData", "<f8"), ("PointCoordinatesData", "<f4")):
        row = item.row_of(keyword)
        if row is None:
            continue
        common = item.numbers("CommonZCoordinateValue")
        width = 2 if flat or common else 3
        size = np.dtype(kind).itemsize * width
        count = min(item.scan.lengths[row] // size, most)
        offset = item.scan.offsets[row]
        numbers = np.frombuffer(item.scan.data[offset : offset + count * size], kind)
        with np.errstate(invalid="ignore"):  # a signalling NaN is no number either
            points = numbers.reshape(-1, width).astype(float)
        if not flat and common:
            points = np.concatenate((points, np.full((len(points), 1), common[0])), axis=1)
        return points
    return None


def _spans(item: DataSet, kind: str, count: int, width: int, *, whole: bool) -> list[tuple[int, int]]:
    """Where each annotation's points begin and end; ``whole``: those are all the points of the group."""
    if kind in FIXED:
        step = FIXED[kind]
        return [(start, start + step) for start in range(0, count - step + 1, step)][:MOST_DRAWN]
    row = item.row_of("LongPrimitivePointIndexList")
    if kind not in ("POLYLINE", "POLYGON") or row is None:
        return []
    offset, length = item.scan.offsets[row], min(item.scan.lengths[row], 4 * (MOST_DRAWN + 1))
    # Counted from 1, in numbers and not in points.
    starts = (np.frombuffer(item.scan.data[offset : offset + length - length % 4], "<u4").astype(int) - 1) // width
    ends = np.append(
        starts[1:], count if whole else -1
    )  # of points that were cut, the last annotation has no known end
    sound = (starts >= 0) & (ends > starts) & (ends <= count)
    return list(zip(starts[sound].tolist(), ends[sound].tolist(), strict=True))[:MOST_DRAWN]
