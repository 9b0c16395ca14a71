"""Reads the section of a description that says how a presentation state wants its images shown, and what is drawn on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from overlays.dicom.encode.describe_parametric_map import WINDOW, WindowWish, read_window
from overlays.dicom.encode.json_schema import COLOUR, UID, faults_of, lines, record, text
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason

MOST_ANNOTATIONS = 1000
MOST_POINTS = 10_000
DEFAULT_LAYER, LAYER_OF_PERSON = "AI", "PERSON"
"""Of what a model drew, or helped to draw; and of what a person drew alone."""

POINTS_OF_GRAPHIC: dict[str, tuple[int, int]] = {
    "POINT": (1, 1),
    "POLYLINE": (2, MOST_POINTS),
    "INTERPOLATED": (2, MOST_POINTS),
    "CIRCLE": (2, 2),
    "ELLIPSE": (4, 4),
}
"""Graphic Type, with the fewest and most points (PS3.3 C.10.5.1.2)."""


class Form(StrEnum):
    """Which kind of presentation state."""

    GRAYSCALE = "GRAYSCALE"
    PSEUDO_COLOR = "PSEUDO_COLOR"


_PLACE = {"type": "number", "minimum": 0, "maximum": 1e6}
_POINT = {"type": "array", "items": _PLACE, "minItems": 2, "maxItems": 2}
_LAYER_NAME = {
    "type": "string",
    "pattern": r"^[A-Z0-9_][A-Z0-9_ ]{0,15}$(?!\n)",
    "description": "1 to 16 of the characters A-Z, 0-9, underscore and blank (CS)",
}
LAYER = record({"name": _LAYER_NAME, "description": text(64), "colour": COLOUR}, required=("name",))
GRAPHIC = record(
    {
        "type": {"enum": list(POINTS_OF_GRAPHIC)},
        "points": {"type": "array", "items": _POINT, "minItems": 1, "maxItems": MOST_POINTS},
        "filled": {"type": "boolean"},
        "tracking_id": text(64),
        "tracking_uid": UID,
    },
    required=("type", "points"),
)
TEXT = record({"text": lines(1024), "anchor": _POINT}, required=("text", "anchor"))
ANNOTATION = record(
    {
        "image": UID,
        "frame": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "layer": _LAYER_NAME,
        "graphics": {"type": "array", "items": GRAPHIC, "minItems": 1, "maxItems": MOST_ANNOTATIONS},
        "texts": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": MOST_ANNOTATIONS},
    },
    required=("image",),
)
STOP = record({"at": {"type": "number", "minimum": 0, "maximum": 1}, "colour": COLOUR}, required=("at", "colour"))
PRESENTATION_STATE = record(
    {
        "form": {"enum": [str(form) for form in Form]},
        "window": WINDOW,
        "palette": {"type": "array", "items": STOP, "minItems": 2, "maxItems": 256},
        "layers": {"type": "array", "items": LAYER, "minItems": 1, "maxItems": 100},
        "annotations": {"type": "array", "items": ANNOTATION, "minItems": 1, "maxItems": MOST_ANNOTATIONS},
    },
)
"""JSON Schema 2020-12 of the section ``presentation_state``."""


@dataclass(frozen=True, kw_only=True)
class LayerWish:
    """A layer of graphics; later ones lie above. ``colour`` is sRGB, 0 to 255 each."""

    name: str
    description: str = ""
    colour: tuple[int, int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class GraphicWish:
    """A shape; points are (column, row) with the outer corner of the first pixel at (0, 0)."""

    kind: str
    points: tuple[tuple[float, float], ...]
    filled: bool = False
    tracking_id: str = ""
    tracking_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class TextWish:
    """A text that stands by a point of the image, (column, row)."""

    text: str
    anchor: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class AnnotationWish:
    """What is drawn on one image, or one frame of it."""

    image: str
    frame: int | None = None
    layer: str = DEFAULT_LAYER
    graphics: tuple[GraphicWish, ...] = ()
    texts: tuple[TextWish, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PresentationWish:
    """The presentation state. ``palette`` holds where a colour stands between dark (0) and bright (1), and the colour in sRGB."""

    form: Form = Form.GRAYSCALE
    window: WindowWish | None = None
    palette: tuple[tuple[float, tuple[int, int, int]], ...] = ()
    layers: tuple[LayerWish, ...] = (LayerWish(name=DEFAULT_LAYER),)
    annotations: tuple[AnnotationWish, ...] = ()


def read_presentation(section: Mapping, layer: str = DEFAULT_LAYER) -> PresentationWish:
    """What the section says; ``layer`` is the one there is where it names none.

    Raises EncodingRefused (reason DESCRIPTION) with every fault.
    """
    section = {"layers": [{"name": layer}]} | dict(section)
    found = faults_of(PRESENTATION_STATE, dict(section), "$.presentation_state") or tuple(_across(section))
    if found:
        sentence = "The section presentation_state does not describe a presentation state."
        raise EncodingRefused(Reason.DESCRIPTION, sentence, found)
    layers = section["layers"]
    return PresentationWish(
        form=Form(section.get("form", Form.GRAYSCALE)),
        window=read_window(section.get("window")),
        palette=tuple((float(stop["at"]), _colour(stop["colour"])) for stop in section.get("palette", ())),
        layers=tuple(
            LayerWish(
                name=layer["name"],
                description=layer.get("description", ""),
                colour=_colour(layer["colour"]) if "colour" in layer else None,
            )
            for layer in layers
        ),
        annotations=tuple(_annotation(item, layers[0]["name"]) for item in section.get("annotations", ())),
    )


def _colour(text_: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text_[1:])
    return red, green, blue


def _annotation(item: Mapping, first_layer: str) -> AnnotationWish:
    return AnnotationWish(
        image=item["image"],
        frame=int(item["frame"]) if "frame" in item else None,  # JSON's 1.0 is a whole number too
        layer=item.get("layer", first_layer),
        graphics=tuple(
            GraphicWish(
                kind=each["type"],
                points=tuple((float(column), float(row)) for column, row in each["points"]),
                filled=each.get("filled", False),
                tracking_id=each.get("tracking_id", ""),
                tracking_uid=each.get("tracking_uid", ""),
            )
            for each in item.get("graphics", ())
        ),
        texts=tuple(
            TextWish(text=each["text"], anchor=(float(each["anchor"][0]), float(each["anchor"][1])))
            for each in item.get("texts", ())
        ),
    )


def _across(section: Mapping) -> Iterator[DescriptionFault]:
    path = "$.presentation_state"
    coloured = section.get("form", Form.GRAYSCALE) == Form.PSEUDO_COLOR
    if coloured != ("palette" in section):
        yield DescriptionFault(f"{path}.palette", "A palette belongs to the form PSEUDO_COLOR, and to no other.")
    places = [stop["at"] for stop in section.get("palette", ())]
    if places and (places[0] != 0 or places[-1] != 1 or any(a >= b for a, b in pairwise(places))):
        yield DescriptionFault(f"{path}.palette", "The colours of a palette stand at rising places from 0 to 1.")
    if not {"window", "palette", "annotations"} & set(section):
        yield DescriptionFault(path, "A presentation state says something: a window, a palette or annotations.")
    names = [layer["name"] for layer in section["layers"]]
    if len(set(names)) != len(names):
        yield DescriptionFault(f"{path}.layers", "Two layers have the same name.")
    for number, item in enumerate(section.get("annotations", ())):
        where = f"{path}.annotations[{number}]"
        if item.get("layer", names[0]) not in names:
            yield DescriptionFault(f"{where}.layer", f"There is no layer {item['layer']}.")
        if not {"graphics", "texts"} & set(item):
            yield DescriptionFault(where, "An annotation has graphics or texts.")
        for index, graphic in enumerate(item.get("graphics", ())):
            yield from _graphic(graphic, f"{where}.graphics[{index}]")


def _graphic(graphic: Mapping, path: str) -> Iterator[DescriptionFault]:
    fewest, most = POINTS_OF_GRAPHIC[graphic["type"]]
    if not fewest <= len(graphic["points"]) <= most:
        wanted = f"{fewest}" if fewest == most else f"at least {fewest}"
        said = f"{graphic['type']} has {wanted} points, not {len(graphic['points'])}."
        yield DescriptionFault(f"{path}.points", said)
    if ("tracking_id" in graphic) != ("tracking_uid" in graphic):
        yield DescriptionFault(path, "tracking_id and tracking_uid come together.")
    if graphic.get("filled") and graphic["type"] == "POINT":
        yield DescriptionFault(f"{path}.filled", "A POINT is not filled.")
