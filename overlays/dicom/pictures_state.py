"""Reads what a presentation state draws on its images and how it wants them shown (PS3.3 C.10.5, C.11.8, C.11.10, C.7.9)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from overlays.dicom.colours import srgb_of_cielab
from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import frame_numbers
from overlays.dicom.pictures import Advice, Window
from overlays.dicom.pictures_overlay import RGB
from overlays.dicom.pictures_palette import read_palette
from overlays.dicom.pictures_shapes import MOST_POINTS, Shape, are_sound, circle, ellipse
from overlays.dicom.read_parametric_map import number as finite_number
from overlays.dicom.read_presentation import transformed
from overlays.dicom.read_references import listed_sources

MOST_GRAPHICS = 5000
MOST_IMAGES = 5000
MOST_PLACED = 200_000
"""Graphics on all pages together: one may lie on each."""
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
    """The displayed area in pixels: left, top, right, bottom; None for the whole image."""


@dataclass
class State:
    """The pages in the order of the references, the graphics by page, the layers' names and colours, and what is not applied."""

    pages: list[Page] = field(default_factory=list)
    graphics: dict[int, list[Graphic]] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)
    colours: dict[int, RGB] = field(default_factory=dict)
    not_applied: list[str] = field(default_factory=list)
    dropped: int = 0


def read_state(root: DataSet, layers: list[str]) -> State:
    """The state; ``layers`` are the names of its layers, numbered from 1."""
    found = State(layers=layers)
    numbered = {name: number for number, name in reversed(list(enumerate(layers, 1)))}
    for item in root.each("GraphicLayerSequence"):
        colour = _colour(item)
        if colour and item.text("GraphicLayer") in numbered:
            found.colours[numbered[item.text("GraphicLayer")]] = colour
    areas = _areas(root)
    for part in transformed(root):
        for uid, frame in islice(_images(root, part), MOST_IMAGES - len(found.pages)):
            found.pages.append(Page(uid, frame, _advice(root, part, uid), areas.get(uid, areas.get(""))))
    _graphics(root, found, numbered)
    found.not_applied += _not_applied(root)
    return found


def _images(root: DataSet, part: DataSet) -> Iterator[tuple[str, int]]:
    """The images of a part: by series, or of an input of advanced blending one by one, else the whole series that it names."""
    for series in part.each("ReferencedSeriesSequence"):
        for item in series.each("ReferencedImageSequence"):
            yield from _frames(item)
    if part is root or "ReferencedSeriesSequence" in part:
        return
    for item in part.each("ReferencedImageSequence"):
        yield from _frames(item)
    if "ReferencedImageSequence" not in part:
        series_uid = part.text("SeriesInstanceUID")
        yield from (
            (each.sop_instance_uid, 1) for each in listed_sources(root) if each.series_instance_uid == series_uid
        )


def _frames(item: DataSet) -> Iterator[tuple[str, int]]:
    numbers = frame_numbers(item.raw("ReferencedFrameNumber"), MOST_IMAGES)
    for number in numbers or (1,):
        yield item.text("ReferencedSOPInstanceUID"), number


def _advice(root: DataSet, part: DataSet, uid: str) -> Advice:
    window = None
    for item in part.each("SoftcopyVOILUTSequence"):
        named = {each.text("ReferencedSOPInstanceUID") for each in item.each("ReferencedImageSequence")}
        center, width = finite_number(item, "WindowCenter"), finite_number(item, "WindowWidth")
        if center is not None and width is not None and width > 0 and (not named or uid in named):
            window = Window(center, width)
            break
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


def _areas(root: DataSet) -> dict[str, Area]:
    """Displayed areas by SOP Instance UID; under the empty one, that of all other images (PS3.3 C.10.4)."""
    found: dict[str, Area] = {}
    for item in islice(root.each("DisplayedAreaSelectionSequence"), MOST_IMAGES):
        first = item.numbers("DisplayedAreaTopLeftHandCorner")
        last = item.numbers("DisplayedAreaBottomRightHandCorner")
        if not first or not last or len(first) != 2 or len(last) != 2:
            continue
        # The corners count pixels from 1; a shape's points, from the upper left corner of the first.
        area = (float(first[0]) - 1, float(first[1]) - 1, float(last[0]), float(last[1]))
        if not are_sound(np.array(area)):
            continue
        named = [each.text("ReferencedSOPInstanceUID") for each in item.each("ReferencedImageSequence")]
        for uid in named or [""]:
            found.setdefault(uid, area)
    return found


def _graphics(root: DataSet, found: State, numbered: dict[str, int]) -> None:
    drawn, placed, left = 0, 0, MOST_POINTS
    by_image: dict[tuple[str, int], list[int]] = {}
    for index, page in enumerate(found.pages):
        by_image.setdefault((page.sop_instance_uid, page.frame), []).append(index)
    for annotation in root.each("GraphicAnnotationSequence"):
        layer = numbered.get(annotation.text("GraphicLayer"))
        named = islice(annotation.each("ReferencedImageSequence"), MOST_IMAGES)
        on = dict.fromkeys(place for item in named for place in islice(_frames(item), MOST_IMAGES))
        pages = [index for place in on for index in by_image.get(place, ())] if on else range(len(found.pages))
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
        shape = _shape(item)
        yield Graphic(0, shape, item.text("GraphicAnnotationUnits") == "DISPLAY") if shape else None
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
    if not text or not place or len(place) != 2 or not are_sound(np.array([*place, height])):
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


def _not_applied(root: DataSet) -> list[str]:
    """What of the advice these pages leave out, each as a sentence."""
    said = []
    rotation = root.integer("ImageRotation")
    if rotation or root.text("ImageHorizontalFlip") == "Y":
        flip = " and flipped" if root.text("ImageHorizontalFlip") == "Y" else ""
        said.append(f"The state wants its images turned by {rotation or 0}°{flip}; here they lie as stored.")
    if "ShutterShape" in root:
        said.append("The state's shutter is not drawn.")
    if any("VOILUTSequence" in item for part in transformed(root) for item in part.each("SoftcopyVOILUTSequence")):
        said.append("The state's lookup table of values of interest is not applied.")
    if "PresentationLUTSequence" in root or any("ModalityLUTSequence" in part for part in transformed(root)):
        said.append("The state's modality or presentation lookup table is not applied.")
    if "BlendingSequence" in root or "BlendingDisplaySequence" in root:
        said.append(
            "The images of the blending are shown one by one, each with its own window and colours, not blended."
        )
    return said
