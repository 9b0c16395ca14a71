"""Reads what a presentation state draws on its images and how it wants them shown (PS3.3 C.10.5, C.11.8, C.11.10, C.7.9)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from overlays.dicom.colours import srgb_of_cielab
from overlays.dicom.dataset import DataSet
from overlays.dicom.pictures import FUNCTIONS, LINEAR, Advice, Window
from overlays.dicom.pictures_named import ALL, MOST_IMAGES, ByImage, Named, frames_of, named_by
from overlays.dicom.pictures_overlay import RGB
from overlays.dicom.pictures_palette import read_palette
from overlays.dicom.pictures_shapes import MOST_POINTS, Shape, are_sound, circle, ellipse
from overlays.dicom.pictures_turn import Turn, read_turn
from overlays.dicom.read_parametric_map import number as finite_number
from overlays.dicom.read_presentation import transformed
from overlays.dicom.read_references import listed_sources

MOST_GRAPHICS = 5000
MOST_PLACED = 200_000
"""Graphics on all pages together: one may lie on each."""
UNITS = ("PIXEL", "DISPLAY")
"""Of coordinates that lie in a frame or a displayed area; those in the total pixel matrix of tiles are not drawn."""
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Graphic:
    """One shape of a layer, by the layer's number. With ``relative`` its points are shares of the displayed area (DISPLAY units)."""

    layer: int
    shape: Shape
    relative: bool


@dataclass(frozen=True)
class Page:
    """One image of a presentation state, of one frame of it, and what is advised for it."""

    sop_instance_uid: str
    frame: int
    advice: Advice
    area: Area | None
    """The displayed area in pixels of the image as stored, None where none is stated: the corner that is the upper left one when the image
    is turned, then the lower right one.
    """


@dataclass
class State:
    """The pages in the order of the references, the graphics by page, the layers' names and colours, and what is not applied."""

    pages: list[Page] = field(default_factory=list)
    graphics: dict[int, list[Graphic]] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)
    colours: dict[int, RGB] = field(default_factory=dict)
    not_applied: list[str] = field(default_factory=list)
    dropped: int = 0
    turn: Turn | None = None
    """How the images are turned; None where that cannot be known."""


def read_state(root: DataSet, layers: list[str], *, frames: Mapping[str, int] | None = None) -> State:
    """The state; ``layers`` are the names of its layers, numbered from 1, ``frames`` the number of frames of images that are known."""
    found = State(layers=layers, turn=read_turn(root))
    numbered = {name: number for number, name in reversed(list(enumerate(layers, 1)))}
    for item in root.each("GraphicLayerSequence"):
        colour = _colour(item)
        if colour and item.text("GraphicLayer") in numbered:
            found.colours[numbered[item.text("GraphicLayer")]] = colour
    areas = ByImage(_areas(root))
    for part in transformed(root):
        windows = ByImage(_windows(part))
        for uid, frame in islice(_images(root, part, frames or {}), MOST_IMAGES - len(found.pages)):
            advice = _advice(root, part, windows.of(uid, frame))
            found.pages.append(Page(uid, frame, advice, areas.of(uid, frame)))
    _graphics(root, found, numbered)
    if len(found.pages) == MOST_IMAGES:
        found.not_applied.append(f"The first {MOST_IMAGES} images of the state are shown.")
    found.not_applied += _not_applied(root, found.turn)
    return found


def _images(root: DataSet, part: DataSet, frames: Mapping[str, int]) -> Iterator[Named]:
    """The images of a part, frame by frame: by series, or of an input of advanced blending one by one, else the whole series that it
    names.
    """
    for uid, frame in _named(root, part):
        if frame == ALL:
            yield from ((uid, number) for number in range(1, max(frames.get(uid, 1), 1) + 1))
        else:
            yield uid, frame


def _named(root: DataSet, part: DataSet) -> Iterator[Named]:
    for series in part.each("ReferencedSeriesSequence"):
        for item in series.each("ReferencedImageSequence"):
            yield from ((item.text("ReferencedSOPInstanceUID"), frame) for frame in frames_of(item))
    if part is root or "ReferencedSeriesSequence" in part:
        return
    yield from named_by(part)
    if "ReferencedImageSequence" not in part:
        series_uid = part.text("SeriesInstanceUID")
        yield from (
            (each.sop_instance_uid, ALL) for each in listed_sources(root) if each.series_instance_uid == series_uid
        )


def _windows(part: DataSet) -> Iterator[tuple[DataSet, Window]]:
    for item in part.each("SoftcopyVOILUTSequence"):
        center, width = finite_number(item, "WindowCenter"), finite_number(item, "WindowWidth")
        if center is not None and width is not None and width > 0:
            yield item, Window(center, width, item.text("VOILUTFunction") or LINEAR)


def _advice(root: DataSet, part: DataSet, window: Window | None) -> Advice:
    palette = read_palette(part.first("PaletteColorLookupTableSequence") or root)
    return Advice(
        window=window,
        slope=finite_number(part, "RescaleSlope"),
        intercept=finite_number(part, "RescaleIntercept"),
        inverse=_inverse(root, palette is not None),
        palette=palette,
    )


def _inverse(root: DataSet, has_palette: bool) -> bool | None:
    """The polarity by Presentation LUT Shape (PS3.3 C.11.6); a palette or a lookup table takes the values as they come."""
    shape = root.text("PresentationLUTShape")
    if shape in ("IDENTITY", "INVERSE"):
        return shape == "INVERSE"
    return False if has_palette or "PresentationLUTSequence" in root else None


def _areas(root: DataSet) -> Iterator[tuple[DataSet, Area]]:
    """The displayed areas (PS3.3 C.10.4)."""
    for item in islice(root.each("DisplayedAreaSelectionSequence"), MOST_IMAGES):
        first = item.numbers("DisplayedAreaTopLeftHandCorner")
        last = item.numbers("DisplayedAreaBottomRightHandCorner")
        if not first or not last or len(first) != 2 or len(last) != 2:
            continue
        # The corners count pixels from 1; a shape's points, from the upper left corner of the first. Of a turned image the first corner
        # may lie right of the other one, or below it: it is the outer edges of both pixels that bound the area.
        first, last = np.array(first, float), np.array(last, float)
        area = (*np.where(first <= last, first - 1, first), *np.where(first <= last, last, last - 1))
        area = tuple(map(float, area))
        if are_sound(np.array(area)):
            yield item, area


def _graphics(root: DataSet, found: State, numbered: dict[str, int]) -> None:
    drawn, placed, left = 0, 0, MOST_POINTS
    by_image: dict[Named, list[int]] = {}
    for index, page in enumerate(found.pages):
        for place in ((page.sop_instance_uid, page.frame), (page.sop_instance_uid, ALL)):
            by_image.setdefault(place, []).append(index)
    for annotation in root.each("GraphicAnnotationSequence"):
        layer = numbered.get(annotation.text("GraphicLayer"))
        pages = range(len(found.pages))
        if annotation.count("ReferencedImageSequence"):
            on = dict.fromkeys(islice(named_by(annotation), MOST_IMAGES))
            pages = list(dict.fromkeys(index for place in on for index in by_image.get(place, ())))
        if layer is None:
            found.dropped += annotation.count("GraphicObjectSequence") + annotation.count("TextObjectSequence")
            continue
        for shape in _shapes(annotation):
            too_many = drawn == MOST_GRAPHICS or placed + len(pages) > MOST_PLACED
            if shape is None or too_many or not pages or len(shape.shape.points) > left:
                found.dropped += 1
                continue
            drawn, placed, left = drawn + 1, placed + len(pages), left - len(shape.shape.points)
            graphic = Graphic(layer, shape.shape, shape.relative)
            for index in pages:
                found.graphics.setdefault(index, []).append(graphic)
        found.dropped += annotation.count("CompoundGraphicSequence")


def _shapes(annotation: DataSet) -> Iterator[Graphic | None]:
    for item in annotation.each("GraphicObjectSequence"):
        shape, units = _shape(item), item.text("GraphicAnnotationUnits")
        yield Graphic(0, shape, units == "DISPLAY") if shape and units in UNITS else None
    for item in annotation.each("TextObjectSequence"):
        yield _text(item)


def _shape(item: DataSet) -> Shape | None:
    numbers = item.numbers("GraphicData")
    if not numbers or len(numbers) % 2 or not are_sound(np.array(numbers, float)):
        return None
    points = np.array(numbers, float).reshape(-1, 2)
    filled = item.text("GraphicFilled") == "Y"
    match item.text("GraphicType"):
        case "POINT":
            return Shape(points[:1])
        case "POLYLINE" | "INTERPOLATED":
            return Shape(points, closed=filled, filled=filled)
        case "CIRCLE" if len(points) == 2:
            return Shape(circle(points[0], points[1]), closed=True, filled=filled)
        case "ELLIPSE" if len(points) == 4:
            return Shape(ellipse(points), closed=True, filled=filled)
        case _:
            return None


def _text(item: DataSet) -> Graphic | None:
    text = item.text("UnformattedTextValue").replace("\r\n", "\n").replace("\r", "\n")
    box, end = item.numbers("BoundingBoxTopLeftHandCorner"), item.numbers("BoundingBoxBottomRightHandCorner")
    anchor = item.numbers("AnchorPoint")
    place, units, height = (
        (box, "BoundingBoxAnnotationUnits", abs(float(end[1]) - float(box[1])))
        if box and end and len(box) == len(end) == 2
        else (anchor, "AnchorPointAnnotationUnits", 0.0)
    )
    if (
        not text
        or item.text(units) not in UNITS
        or not place
        or len(place) != 2
        or not are_sound(np.array([*place, height]))
    ):
        return None
    lines = text.count("\n") + 1
    return Graphic(
        0, Shape(np.array([place], float), text=text, text_height=height / lines), item.text(units) == "DISPLAY"
    )


def _colour(layer: DataSet) -> RGB | None:
    """Recommended Display CIELab Value, else grey (PS3.3 C.10.7)."""
    lab = layer.numbers("GraphicLayerRecommendedDisplayCIELabValue")
    if lab and len(lab) == 3 and np.isfinite(lab).all():
        return srgb_of_cielab(tuple(int(part) for part in lab))
    return None


def _not_applied(root: DataSet, turn: Turn | None) -> list[str]:
    """What of the advice these pages leave out, and how their images are turned, each as a sentence."""
    said = []
    if turn is None:
        said.append("The state turns its images in a way that there is none of; here they lie as stored.")
    elif turn:
        said.append(f"As the state says, the images are turned by {turn}.")
    if "ShutterShape" in root:
        said.append("The state's shutter is not drawn.")
    if any("VOILUTSequence" in item for part in transformed(root) for item in part.each("SoftcopyVOILUTSequence")):
        said.append("The state's lookup table of values of interest is not applied.")
    functions = {
        item.text("VOILUTFunction") for part in transformed(root) for item in part.each("SoftcopyVOILUTSequence")
    }
    for function in sorted(functions - {"", *FUNCTIONS})[:3]:
        said.append(
            f"The function {function[:16]} of the state's window is not applied; the window is, as a straight line."
        )
    if "PresentationLUTSequence" in root or any("ModalityLUTSequence" in part for part in transformed(root)):
        said.append("The state's modality or presentation lookup table is not applied.")
    if "BlendingSequence" in root or "BlendingDisplaySequence" in root:
        said.append(
            "The images of the blending are shown one by one, each with its own window and colours, not blended."
        )
    return said
