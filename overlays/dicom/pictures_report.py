"""Reads the regions that a report draws in images and in space, and the images that it selects (PS3.3 C.18.4, C.18.6, C.18.9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from overlays.dicom.content_tree import ContentItem, content_items
from overlays.dicom.dataset import DataSet
from overlays.dicom.pictures_contours import Curve
from overlays.dicom.pictures_named import frames_of
from overlays.dicom.pictures_shapes import Shape, are_sound, circle, ellipse

MEASUREMENT_GROUP = ("125007", "DCM")
TRACKING_IDENTIFIER = ("112039", "DCM")
IMAGE_LIBRARY = ("111028", "DCM")
MOST_REGIONS = 1000
MOST_IMAGES = 2000
MOST_DEEP = 64
CLOSED = frozenset(("POLYGON", "CIRCLE", "ELLIPSE"))


@dataclass(frozen=True)
class Drawn:
    """A region drawn in an image: the instance, its frame (ALL where none is named), and the shapes."""

    number: int
    sop_instance_uid: str
    frame: int
    shapes: tuple[Shape, ...]
    origin: str = "FRAME"
    """Pixel Origin Interpretation: VOLUME where points count from the total pixel matrix; FRAME where nothing is said (PS3.3 C.18.6)."""


@dataclass(frozen=True)
class Regions:
    """Regions by number, from 1, with their names; those drawn in images, those drawn in space, and the images that are selected."""

    names: dict[int, str]
    drawn: tuple[Drawn, ...]
    curves: tuple[Curve, ...]
    images: tuple[tuple[str, int], ...]
    """SOP Instance UID and frame of what IMAGE items name, outside an image library and not as the ground of a region."""
    dropped: int
    ungrounded: int = 0
    """Regions drawn in images that select none."""


def read_regions(root: DataSet) -> Regions:
    """All of a report or key object selection, at most 1,000 regions."""
    names: dict[int, str] = {}
    drawn: list[Drawn] = []
    curves: list[Curve] = []
    images: dict[tuple[str, int], None] = {}
    dropped = ungrounded = 0
    items = content_items(root)
    for item in items:
        if item.value_type == "IMAGE" and len(images) < MOST_IMAGES and not _in_library(item):
            images.update(dict.fromkeys(_images(item)))
        if item.value_type not in ("SCOORD", "SCOORD3D"):
            continue
        number = len(names) + 1
        shapes = _shapes(item, 3 if item.value_type == "SCOORD3D" else 2) if number <= MOST_REGIONS else None
        if shapes is None:
            dropped += 1
            continue
        names[number] = _name(item)
        if item.value_type == "SCOORD3D":
            closed = item.data_set.text("GraphicType") in CLOSED
            space = item.data_set.text("ReferencedFrameOfReferenceUID")
            curves += [Curve(number, shape, closed, closed, frame_of_reference_uid=space) for shape in shapes]
        else:
            closed = item.data_set.text("GraphicType") in CLOSED or _returns(shapes[0])
            flat = tuple(Shape(shape, closed=closed, filled=closed) for shape in shapes)
            grounds = list(islice(_grounds(item, items[0]), MOST_IMAGES))
            origin = item.data_set.text("PixelOriginInterpretation") or "FRAME"
            drawn += [Drawn(number, uid, frame, flat, origin) for uid, frame in grounds]
            ungrounded += not grounds
    return Regions(names, tuple(drawn), tuple(curves), tuple(images), dropped, ungrounded)


def _grounds(region: ContentItem, top: ContentItem) -> Iterator[tuple[str, int]]:
    """The images that a region is selected from, by value or by reference."""
    for child in region.children:
        image = _referred(child, top)
        if image is not None and image.value_type == "IMAGE":
            yield from _images(image)


def _referred(item: ContentItem, top: ContentItem) -> ContentItem | None:
    """The item itself, or where it is a relationship by reference, its target (PS3.3 C.17.3.2.5); None where there is none."""
    path = item.data_set.numbers("ReferencedContentItemIdentifier")
    if not path:
        return item
    found = top if path[0] == 1 else None
    for number in path[1:MOST_DEEP]:
        if found is None or not 1 <= number <= len(found.children):
            return None
        found = found.children[int(number) - 1]
    return found


def _in_library(item: ContentItem) -> bool:
    """Whether it only lists an image, or is the ground of a region."""
    parent = item.parent
    while parent is not None:
        if parent.value_type == "SCOORD" or (parent.name and (parent.name.value, parent.name.scheme) == IMAGE_LIBRARY):
            return True
        parent = parent.parent
    return False


def _images(item: ContentItem) -> Iterator[tuple[str, int]]:
    for reference in islice(item.data_set.each("ReferencedSOPSequence"), MOST_IMAGES):
        for frame in frames_of(reference):
            yield reference.text("ReferencedSOPInstanceUID"), frame


def _name(item: ContentItem) -> str:
    """The tracking identifier of the measurement group that it stands in, else its own concept name."""
    parent = item.parent
    while parent is not None:
        if parent.name and (parent.name.value, parent.name.scheme) == MEASUREMENT_GROUP:
            found = parent.named(TRACKING_IDENTIFIER)
            if found and found[0].value_text():
                return found[0].value_text()
        parent = parent.parent
    return item.name.meaning if item.name else ""


def _shapes(item: ContentItem, dimensions: int) -> list[np.ndarray] | None:
    """The points of each graphic; None for what is no graphic that can be drawn."""
    numbers = item.data_set.numbers("GraphicData")
    if not numbers or len(numbers) % dimensions:
        return None
    points = np.array(numbers, float).reshape(-1, dimensions)
    if not are_sound(points):
        return None
    match item.data_set.text("GraphicType"):
        case "POINT" | "MULTIPOINT":
            return [point[None] for point in points]
        case "CIRCLE" if len(points) == 2 and dimensions == 2:
            return [circle(points[0], points[1])]
        case "ELLIPSE" if len(points) == 4:
            return [ellipse(points)]
        case "POLYLINE" | "POLYGON":
            return [points]
        case _:
            return None


def _returns(points: np.ndarray) -> bool:
    """Whether a line ends where it began: then it bounds an area (PS3.3 C.18.6.1.2)."""
    return len(points) > 3 and bool((points[0] == points[-1]).all())
