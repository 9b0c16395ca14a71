"""Rules about the graphics and texts of presentation states (PS3.3 C.10.5, C.10.7)."""

from collections.abc import Iterator

from overlays.dicom.dataset import DataSet
from overlays.dicom.long_values import binary_pieces
from overlays.dicom.read_places import marks_of_graphics
from overlays.dicom.rules.rule import PRESENTATION_STATES, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject

OBJECTS = ("TextObjectSequence", "GraphicObjectSequence", "CompoundGraphicSequence")
UNITS = ("PIXEL", "DISPLAY", "MATRIX")
POINTS: dict[str, tuple[int, int | None]] = {
    "POINT": (1, 1),
    "POLYLINE": (2, None),
    "INTERPOLATED": (2, None),
    "CIRCLE": (2, 2),
    "ELLIPSE": (4, 4),
}
"""Graphic Type, and the least and the most points it has."""
FLOAT_BYTES = 4
BOX = ("BoundingBoxTopLeftHandCorner", "BoundingBoxBottomRightHandCorner")
PLACES = {"BoundingBoxAnnotationUnits": BOX, "AnchorPointAnnotationUnits": ("AnchorPoint",)}
"""Where a text may stand: the attribute that gives the units, and those that give points."""


def _layers(subject: Subject) -> Iterator[Breach]:
    declared = {item.text("GraphicLayer") for item in subject.data_set.each("GraphicLayerSequence")}
    for annotation in subject.data_set.each("GraphicAnnotationSequence"):
        layer = annotation.text("GraphicLayer")
        if not layer or layer not in declared:
            yield annotation.place("GraphicLayer"), f"The graphic layer {layer[:16]!r} is not declared."


def _objects(subject: Subject) -> Iterator[Breach]:
    for annotation in subject.data_set.each("GraphicAnnotationSequence"):
        if not any(annotation.count(keyword) for keyword in OBJECTS):
            yield (
                annotation.place("GraphicObjectSequence"),
                "A graphic annotation has a graphic or a text; found neither.",
            )


def _of(subject: Subject, keyword: str) -> Iterator[DataSet]:
    for annotation in subject.data_set.each("GraphicAnnotationSequence"):
        yield from annotation.each(keyword)


def _points(subject: Subject) -> Iterator[Breach]:
    for graphic in _of(subject, "GraphicObjectSequence"):
        kind, points = graphic.text("GraphicType"), graphic.integer("NumberOfGraphicPoints")
        if kind not in POINTS:
            yield graphic.place("GraphicType"), f"Graphic Type is one of {', '.join(POINTS)}; found {kind[:16]!r}."
            continue
        least, most = POINTS[kind]
        if points is None or points < least or points > (most or points):
            wanted = f"{least}" if most else f"at least {least}"
            yield graphic.place("NumberOfGraphicPoints"), f"The points of a {kind} are {wanted}; found {points}."
            continue
        row = graphic.row_of("GraphicData")
        length = graphic.scan.lengths[row] if row is not None else 0
        if length != points * 2 * FLOAT_BYTES:
            yield (
                graphic.place("GraphicData"),
                f"{points} points have {2 * points} coordinates; found {length // FLOAT_BYTES}.",
            )


def _unit(holder: DataSet, keyword: str) -> Iterator[Breach]:
    found = holder.text(keyword)
    if found not in UNITS:
        yield holder.place(keyword), f"Units of annotations are {', '.join(UNITS)}; found {found[:16]!r}."


def _units(subject: Subject) -> Iterator[Breach]:
    for graphic in _of(subject, "GraphicObjectSequence"):
        yield from _unit(graphic, "GraphicAnnotationUnits")
        yield from _range(graphic, "GraphicData", graphic.text("GraphicAnnotationUnits"))
    for text in _of(subject, "TextObjectSequence"):
        for units, points in PLACES.items():
            if any(keyword in text for keyword in points):
                yield from _unit(text, units)
                for keyword in points:
                    yield from _range(text, keyword, text.text(units))


def _range(holder: DataSet, keyword: str, units: str) -> Iterator[Breach]:
    """Finite coordinates, of the displayed area from 0 to 1."""
    row = holder.row_of(keyword)
    if row is None:
        return
    for piece in binary_pieces(holder.scan, row, "<f4"):
        least, most = float(piece.min()), float(piece.max())
        if not (most - least < float("inf")):
            yield holder.place(keyword), "A coordinate is no finite number."
            return
        if units == "DISPLAY" and (least < 0 or most > 1):
            yield (
                holder.place(keyword),
                f"Coordinates in units of the display lie from 0 to 1; found {least if least < 0 else most:g}.",
            )
            return


def _texts(subject: Subject) -> Iterator[Breach]:
    for text in _of(subject, "TextObjectSequence"):
        if text.is_empty("UnformattedTextValue"):
            yield text.place("UnformattedTextValue"), "A text object has a text."
        corners = [keyword for keyword in BOX if len(text.numbers(keyword) or ()) == 2]
        anchored = len(text.numbers("AnchorPoint") or ()) == 2
        if len(corners) == 1 or (not corners and not anchored):
            yield text.place(), "A text stands in a bounding box of two corners or at an anchor point; found neither."


def _flat(subject: Subject) -> Iterator[Breach]:
    for graphic in _of(subject, "GraphicObjectSequence"):
        dimensions, filled = graphic.integer("GraphicDimensions"), graphic.text("GraphicFilled")
        if dimensions != 2:
            yield graphic.place("GraphicDimensions"), f"Graphics have two dimensions; found {dimensions}."
        if "GraphicFilled" in graphic and filled not in ("Y", "N"):
            yield graphic.place("GraphicFilled"), f"A graphic is filled, Y, or not, N; found {filled[:16]!r}."


def _on_image(subject: Subject) -> Iterator[Breach]:
    """That they end on the image, only a known source can tell."""
    for marks in marks_of_graphics(subject.data_set):
        if min(marks.low) < -1:
            yield (
                marks.path,
                f"Pixels of an image count from its corner; found {min(marks.low):g}, left of it or above it.",
            )


def _layers_once(subject: Subject) -> Iterator[Breach]:
    seen: set[str] = set()
    for item in subject.data_set.each("GraphicLayerSequence"):
        name = item.text("GraphicLayer")
        if name in seen:
            yield item.place("GraphicLayer"), f"The graphic layer {name[:16]!r} is declared twice."
        seen.add(name)


RULES: tuple[Rule, ...] = rules(
    (error, "PR-008", "Graphics lie on declared layers.", "PS3.3 C.10.5, C.10.7", _layers),
    (error, "PR-009", "A graphic annotation has a graphic or a text.", "PS3.3 C.10.5", _objects),
    (error, "PR-010", "Graphics have as many points as their type demands and they state.", "PS3.3 C.10.5", _points),
    (
        error,
        "PR-011",
        "Coordinates are finite, in known units, and of the display from 0 to 1.",
        "PS3.3 C.10.5",
        _units,
    ),
    (error, "PR-012", "Texts are not empty and have a place.", "PS3.3 C.10.5", _texts),
    (error, "PR-028", "Graphics have two dimensions, and are filled or not.", "PS3.3 C.10.5", _flat),
    (warning, "PR-029", "Graphics in pixels begin on their image.", "PS3.3 C.10.5.1.2", _on_image),
    (warning, "PR-030", "No graphic layer is declared twice.", "PS3.3 C.10.7", _layers_once),
    applies=PRESENTATION_STATES,
)
