"""Reads the contours of a structure set and lays curves in patient space on the images whose planes they lie in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Grid
from overlays.dicom.pictures_shapes import MOST_POINTS, Shape, are_sound, on_page

MOST_CURVES = 50_000
BYTES_OF_NUMBER = 17
"""A DS value has 16 characters, then the backslash."""
TOLERANCE = 0.5
"""Millimetres by which a curve may lie off the only image there is."""
BESIDE = 0.01
"""Millimetres within which curves lie in one plane where there are no images."""
MARGIN = 0.08
"""Of the curves' extent, around them."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One contour or graphic: points in millimetres, shape (n, 3), and the images that it names."""

    number: int
    points: np.ndarray
    closed: bool
    filled: bool
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One page of curves: the image in whose plane they lie (None: no image), the page's grid, and the shapes by number."""

    sop_instance_uid: str | None
    grid: Grid
    distance: float
    shapes: dict[int, list[Shape]]


def read_contours(root: DataSet) -> tuple[list[Curve], int]:
    """The contours of ROI Contour Sequence (PS3.3 C.8.8.6), and how many are left out: beyond the bounds, or no numbers."""
    found, dropped, left = [], 0, MOST_POINTS
    for region in root.each("ROIContourSequence"):
        number = region.integer("ReferencedROINumber")
        for item in region.each("ContourSequence"):
            points = _points(item, left) if number is not None and len(found) < MOST_CURVES else None
            if points is None:
                dropped += 1
                continue
            left -= len(points)
            kind = item.text("ContourGeometricType")
            images = (each.text("ReferencedSOPInstanceUID") for each in item.each("ContourImageSequence"))
            closed = kind.startswith("CLOSED")
            found.append(Curve(number, points, closed, closed, tuple(images)))
    return found, dropped


def _points(item: DataSet, most: int) -> np.ndarray | None:
    row = item.row_of("ContourData")
    if row is None or item.scan.lengths[row] > most * 3 * BYTES_OF_NUMBER:
        return None
    parts = item.scan.value(row).strip(b" \x00").split(b"\\")
    if len(parts) % 3 or len(parts) > most * 3:
        return None
    try:
        points = np.array([float(part) for part in parts]).reshape(-1, 3)
    except ValueError:
        return None
    return points if are_sound(points) else None


def sheets(curves: Sequence[Curve], images: dict[str, Grid]) -> list[Sheet]:
    """Every curve on a page: on the image in whose plane it lies, else on one without image, as large as the images.

    ``images`` are those with a place in space, by SOP Instance UID; their pages come in the order along their normal. Curves in
    other planes than theirs, and all curves where there are no images, have pages as large as the curves reach.
    """
    if not curves:
        return []
    if not images:
        return _without_images(curves)
    first = next(iter(images.values()))
    normal = np.cross(first.orientation[:3], first.orientation[3:])
    placed = sorted((float(normal @ np.asarray(grid.position)), uid) for uid, grid in images.items())
    heights = np.array([height for height, _ in placed])
    gaps = np.diff(heights)
    gaps = gaps[gaps > BESIDE]
    reach = (float(gaps.min()) / 2 if gaps.size else TOLERANCE) + BESIDE
    on_images: dict[str, dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    between: dict[int, dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    askew = []
    for curve in curves:
        levels = curve.points @ normal
        middle = float(levels.mean())
        nearest = placed[int(np.abs(heights - middle).argmin())][1]
        for uid in dict.fromkeys((*(named for named in curve.images[:1] if named in images), nearest)):
            pixels, off = on_page(curve.points, images[uid])
            if np.abs(off).max() <= reach:
                on_images[uid][curve.number].append(Shape(pixels, closed=curve.closed, filled=curve.filled))
                break
        else:
            if np.abs(levels - middle).max() <= reach:
                shape = Shape(on_page(curve.points, first)[0], closed=curve.closed, filled=curve.filled)
                between[round(middle / BESIDE)][curve.number].append(shape)
            else:
                askew.append(curve)
    found = [Sheet(uid, images[uid], height, dict(on_images[uid])) for height, uid in placed]
    found += [Sheet(None, first, level * BESIDE, dict(shapes)) for level, shapes in between.items()]
    return sorted(found, key=lambda sheet: sheet.distance) + (_without_images(askew) if askew else [])


def _without_images(curves: Sequence[Curve]) -> list[Sheet]:
    """Pages of one size over the extent of all curves, in the plane of the first one that spans a plane."""
    down, along = _axes(curves)
    normal = np.cross(along, down)
    flat = np.concatenate([np.stack((each.points @ along, each.points @ down), axis=1) for each in curves])
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = max(float((high - low).max()), 1.0) * MARGIN
    corner, size = low - room, high - low + 2 * room
    step = float(size.max()) / 512
    rows, columns = max(1, round(float(size[1]) / step)), max(1, round(float(size[0]) / step))
    pages: dict[int, list[Curve]] = defaultdict(list)
    for curve in curves:
        pages[round(float((curve.points @ normal).mean()) / BESIDE)].append(curve)
    made = []
    for height, lying in sorted(pages.items()):
        shapes: dict[int, list[Shape]] = defaultdict(list)
        position = along * corner[0] + down * corner[1] + normal * height * BESIDE
        grid = Grid(
            rows=rows,
            columns=columns,
            pixel_spacing=(step, step),
            orientation=(*map(float, along), *map(float, down)),
            position=tuple(map(float, position)),
        )
        for curve in lying:
            shapes[curve.number].append(Shape(on_page(curve.points, grid)[0], closed=curve.closed, filled=curve.filled))
        made.append(Sheet(None, grid, height * BESIDE, dict(shapes)))
    return made


def _axes(curves: Sequence[Curve]) -> tuple[np.ndarray, np.ndarray]:
    """Down and along: of an axial page, and of any other plane two directions in it."""
    normal = np.array((0.0, 0.0, 1.0))
    for curve in curves:
        if len(curve.points) > 2:
            sides = curve.points - curve.points.mean(axis=0)
            with np.errstate(all="ignore"):
                found = np.linalg.svd(sides[:1000], full_matrices=False)[2][-1]
            if np.isfinite(found).all() and abs(float(np.linalg.norm(found)) - 1) < 1e-3:
                normal = found
                break
    main = int(np.abs(normal).argmax())
    along = np.array(((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (1.0, 0.0, 0.0))[main])
    along -= normal * (along @ normal)
    along /= np.linalg.norm(along)
    down = np.cross(normal, along)
    # Feet lie below, as on a radiologist's screen; of an axial page, the back.
    wished = np.array(((0.0, 0.0, -1.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))[main])
    return (down if down @ wished >= 0 else -down), along
