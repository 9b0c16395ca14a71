"""Reads the contours of a structure set and lays curves in patient space on the images whose planes they lie in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Grid
from overlays.dicom.laying import EDGE, EXACT, Planes, SourcePlane, half_gap
from overlays.dicom.pictures_shapes import MOST_POINTS, Shape, are_sound, on_page
from overlays.dicom.read_structure_set import frame_of_reference

MOST_CURVES = 50_000
BYTES_OF_NUMBER = 17
"""A DS value has 16 characters, then the backslash."""
BESIDE = 0.01
"""Millimetres within which curves lie in one plane where there are no images."""
FARTHEST_BESIDE = 10.0
"""Millimetres by which a curve may lie beside its image, however thick that is: it bounds the planes on one page."""
MOST_NAMED = 8
"""Images of one curve that are tried: a contour lies in one plane."""
MARGIN = 0.08
"""Of the curves' extent, around them."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One contour or graphic: points in millimetres, shape (n, 3), the images that it names, and the space that they lie in."""

    number: int
    points: np.ndarray
    closed: bool
    filled: bool
    images: tuple[str, ...] = ()
    frame_of_reference_uid: str = ""


@dataclass(frozen=True)
class Sheet:
    """One page of curves: the image in whose plane they lie (None: no image), the page's grid, and the shapes by number."""

    sop_instance_uid: str | None
    grid: Grid
    distance: float
    shapes: dict[int, list[Shape]]


@dataclass
class Spread:
    """The pages, and how many curves a reader may look for elsewhere.

    ``contradicting`` curves name an image that lies in another plane than they do, ``strange`` ones only images not given, and
    ``foreign`` ones lie in a frame of reference that no image shares.
    """

    sheets: list[Sheet]
    contradicting: int = 0
    strange: int = 0
    foreign: int = 0


def read_contours(root: DataSet) -> tuple[list[Curve], int]:
    """The contours of ROI Contour Sequence (PS3.3 C.8.8.6), and how many are left out: beyond the bounds, or no numbers."""
    found, dropped, left = [], 0, MOST_POINTS
    spaces = {
        item.integer("ROINumber"): item.text("ReferencedFrameOfReferenceUID")
        for item in root.each("StructureSetROISequence")
    }
    common = frame_of_reference(root)
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
            found.append(Curve(number, points, closed, closed, tuple(images), spaces.get(number) or common))
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


def sheets(curves: Sequence[Curve], images: Sequence[SourcePlane]) -> Spread:
    """Every curve on a page: on the image in whose plane it lies, else on one without image.

    ``images`` are those with a place in space; their pages come in the order along their normal. A curve lies on the image that it
    names if that image's slab holds it and no other image its very plane; one that names none, on the nearest whose slab holds it,
    and by less than half the distance to the next curves: how far the given images are apart says nothing, for others may be
    missing. Curves of an image that is not given, of no image's plane or of another frame of reference lie on a dark ground.
    """
    if not curves or not images:
        return Spread(_without_images(curves))
    room, found = _Room(curves, images), Spread([])
    on_images: dict[str, dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    between: dict[tuple[int, int], dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    askew = []
    for curve in curves:
        if (first := room.first_of(curve)) is None:
            found.foreign += 1
            askew.append(curve)
            continue
        at = room.image_of(curve, found)
        if at is not None:
            plane = images[at]
            on_images[plane.sop_instance_uid][curve.number].append(_flat(curve, plane.grid))
            continue
        levels = curve.points @ room.normal(first)
        middle = float(levels.mean())
        if np.abs(levels - middle).max() <= EXACT:
            between[first, round(middle / BESIDE)][curve.number].append(_flat(curve, images[first].grid))
        else:
            askew.append(curve)
    by_uid = {plane.sop_instance_uid: at for at, plane in enumerate(images)}
    pages = [
        (room.rank(by_uid[uid]), Sheet(uid, images[by_uid[uid]].grid, height, dict(on_images[uid])))
        for uid, height in room.planes.order
    ]
    pages += [
        (room.rank(first), Sheet(None, images[first].grid, level * BESIDE, dict(shapes)))
        for (first, level), shapes in between.items()
    ]
    in_order = sorted(pages, key=lambda page: (page[0], page[1].distance))
    found.sheets = [sheet for _, sheet in in_order] + _without_images(askew)
    return found


def _flat(curve: Curve, grid: Grid) -> Shape:
    pixels, off = on_page(curve.points, grid)
    return Shape(pixels, closed=curve.closed, filled=curve.filled, level=float(off.mean()))


class _Room:
    """The images of each frame of reference, and how far the curves in it reach."""

    def __init__(self, curves: Sequence[Curve], images: Sequence[SourcePlane]) -> None:
        self.images, self.planes = images, Planes(images)
        self._spaces = np.array([image.frame_of_reference_uid for image in images])
        self._shared: dict[str, np.ndarray] = {}
        heights: dict[int, list[float]] = defaultdict(list)
        for curve in curves:
            if (first := self.first_of(curve)) is not None:
                heights[first].append(float((curve.points @ self.normal(first)).mean()))
        self._reach = {first: half_gap(each) for first, each in heights.items()}

    def rank(self, at: int) -> int:
        """Of an image's frame of reference among those of all images: distances in two of them have nothing to do with each other."""
        return int((self._spaces == self._spaces[at]).argmax())

    def normal(self, at: int) -> np.ndarray:
        orientation = self.images[at].grid.orientation
        return np.cross(orientation[:3], orientation[3:])

    def shared(self, curve: Curve) -> np.ndarray:
        """Which images lie in the curve's space; of a curve that tells none, those of a single one, else those that it names."""
        space = curve.frame_of_reference_uid
        if space not in self._shared:
            found = np.isin(self._spaces, ["", space])
            self._shared[space] = found if space else np.full(len(found), len(set(self._spaces) - {""}) <= 1)
        if space or self._shared[space].all():
            return self._shared[space]
        mask = np.zeros(len(self.images), bool)
        mask[self._named(curve)] = True
        return mask

    def first_of(self, curve: Curve) -> int | None:
        """The first image in the curve's space."""
        shared = self.shared(curve)
        return int(shared.argmax()) if shared.any() else None

    def image_of(self, curve: Curve, told: Spread) -> int | None:
        """The image that the curve lies on."""
        named = self._named(curve)
        if curve.images and not named:
            told.strange += 1
            return None
        shared = self.shared(curve)
        off = np.where(shared, self.planes.off(tuple(curve.points.mean(axis=0))), np.inf)
        nearest = int(off.argmin())
        in_plane = self._off(curve, nearest) <= EXACT
        if named:
            lying = [at for at in named if shared[at] and self._off(curve, at) <= self._half(at)]
            if lying and (not in_plane or any(self._off(curve, at) <= EXACT for at in lying)):
                return min(lying, key=lambda at: self._off(curve, at))
            told.contradicting += 1
            return nearest if in_plane else None
        reach = min(self._half(nearest), self._reach[self.first_of(curve)])
        return nearest if self._off(curve, nearest) <= reach else None

    def _named(self, curve: Curve) -> list[int]:
        found = (self.planes.index.get(uid) for uid in curve.images[:MOST_NAMED])
        return [at for at in found if at is not None]

    def _off(self, curve: Curve, at: int) -> float:
        return float(np.abs(on_page(curve.points, self.images[at].grid)[1]).max())

    def _half(self, at: int) -> float:
        thickness = self.images[at].thickness
        return EXACT if thickness is None else min(max(thickness / 2 - EDGE, EXACT), FARTHEST_BESIDE)


def _without_images(curves: Sequence[Curve]) -> list[Sheet]:
    """For each frame of reference, pages of one size over the extent of its curves, in the plane of the first that spans one."""
    spaces: dict[str, list[Curve]] = defaultdict(list)
    for curve in curves:
        spaces[curve.frame_of_reference_uid].append(curve)
    return [page for each in spaces.values() for page in _of_one_space(each)]


def _of_one_space(curves: Sequence[Curve]) -> list[Sheet]:
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
