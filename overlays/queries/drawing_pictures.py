"""Plans the pages of what shows pictures as they are: secondary captures, presentation states, key objects."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.pictures_marks import NoMarks
from overlays.dicom.pictures_named import ALL
from overlays.dicom.pictures_overlay import colour_of
from overlays.dicom.pictures_pixels import layout_of
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, within_ink
from overlays.dicom.pictures_state import Graphic, Page, State, read_state
from overlays.dicom.pictures_turn import Turn
from overlays.dicom.stored import open_stored
from overlays.models import OverlayVersion
from overlays.queries.drawing import (
    MOST_PLANES,
    OWN_ALONE,
    PRESETS,
    Drawing,
    Named,
    Picture,
    Plane,
    aspect_of,
    told_outside,
)
from overlays.queries.known_sources import grid_from_json
from overlays.queries.source_images import SourceImage, Stored


def of_capture(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """Each frame. Raises NoPicture, Unreadable and FileNotFoundError."""
    with open_stored(path) as stored:
        layout = layout_of(stored.root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=Bounds())
    aspect = aspect_of(layout.rows, layout.columns, grid_from_json(version.grid))
    frames = max(1, min(layout.frames, MOST_PLANES))
    note = f"The first {frames} of {layout.frames} frames are shown." if layout.frames > frames else ""
    return Drawing(
        key=key,
        planes=tuple(
            Plane(
                picture=Picture(place=Stored(version.sha256), number=number),
                marks=NoMarks(layout.rows, layout.columns),
                aspect=aspect,
            )
            for number in range(1, frames + 1)
        ),
        legend=(),
        title="",
        page="Frame",
        note=note,
    )


def pages_of_images(images: Sequence[tuple[str, int]], sources: Sequence[SourceImage], key: str) -> Drawing:
    """Those of the named images that are held here, each as it is."""
    held = {source.sop_instance_uid: source for source in sources}
    planes, lost, more = [], 0, 0
    for uid, frame in images:
        source = held.get(uid)
        if source is None:
            lost += 1
            continue
        numbers = range(1, source.number_of_frames + 1) if frame == ALL else (frame,)
        room = MOST_PLANES - len(planes)
        more += max(len(numbers) - room, 0)
        grid = source.grid
        rows, columns = (grid.rows, grid.columns) if grid else (512, 512)
        planes += [
            Plane(
                picture=Picture(place=source.place, number=number),
                marks=NoMarks(max(rows, 1), max(columns, 1)),
                aspect=aspect_of(rows, columns, grid),
            )
            for number in numbers[:room]
        ]
    notes = [f"{lost} of the {len(images)} images that it names are not held here as images."] if lost else []
    notes += [f"{more} more frames are not shown."] if more else []
    return Drawing(
        key=key,
        planes=tuple(planes),
        legend=(),
        title="",
        page="Image",
        windows=PRESETS if _are_ct(sources) else OWN_ALONE,
        note=" ".join(notes),
    )


def _are_ct(sources: Sequence[SourceImage]) -> bool:
    return bool(sources) and all(source.modality == "CT" for source in sources)


def of_presentation_state(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """Its layers on the images that are held, shown as it says; on a dark ground the graphics of the others."""
    layers = [layer["name"] for layer in (version.content.get("display") or {}).get("layers", ())]
    held = {source.sop_instance_uid: source for source in sources}
    with open_stored(path) as stored:
        state = read_state(stored.root, layers, frames={uid: source.number_of_frames for uid, source in held.items()})
    planes, bare, tangled = [], 0, 0
    for index, page in enumerate(state.pages[:MOST_PLANES]):
        source, graphics = held.get(page.sop_instance_uid), state.graphics.get(index, [])
        if source is None and not graphics:
            bare += 1
            continue
        plane, left_out = _plane(page, source, graphics, state.turn)
        planes.append(plane)
        tangled += left_out
    notes = list(state.not_applied)
    lost = sum(page.sop_instance_uid not in held for page in state.pages)
    if lost:
        notes.insert(0, f"The registry does not hold {lost} of the {len(state.pages)} images that the state is for.")
    if state.dropped + tangled:
        notes.append(
            f"{state.dropped + tangled} graphics are not drawn: of a kind, or so many, that this page does not, "
            "or in an area that is not known."
        )
    notes += told_outside(planes)
    details = (version.content.get("display") or {}).get("layers", ())
    return Drawing(
        key=key,
        planes=tuple(planes),
        legend=tuple(
            Named(
                number=number,
                label=layer["name"],
                detail=f"{layer['graphics']} graphics, {len(layer['texts'])} texts",
                colour=_colour(state, number),
            )
            for number, layer in enumerate(details, 1)
        ),
        title="Layers",
        opacity=100,
        page="Image",
        windows=("state", *(PRESETS if _are_ct(sources) else OWN_ALONE)),
        note=" ".join(notes),
    )


def _colour(state: State, number: int) -> tuple[int, int, int]:
    """The layer's own colour, unless it is too dark to be seen on a radiograph."""
    own = state.colours.get(number)
    return own if own and max(own) > 80 else colour_of(number, {})


def _plane(page: Page, source: SourceImage | None, graphics: Sequence[Graphic], turn: Turn | None) -> tuple[Plane, int]:
    """The page of one image, turned, and how many graphics are left out; of an unknown turn, all that lie in shares of the screen."""
    grid = source.grid if source else None
    if grid and grid.rows > 0 and grid.columns > 0:
        rows, columns = float(grid.rows), float(grid.columns)
    else:
        rows, columns = _reach(page, graphics)
    screen = None if turn is None else _screen(page, turn, rows, columns)
    turn = turn or Turn()
    high, wide, scale = canvas_of(*turn.size(rows, columns))
    shapes: dict[int, list[Shape]] = defaultdict(list)
    lost = 0
    for graphic in graphics:
        points, height = graphic.shape.points, graphic.shape.text_height
        if not graphic.relative:
            points = turn.points(points, rows, columns)
        elif screen is not None:
            size = screen[1] - screen[0]
            points, height = points * size + screen[0], height * float(size[1])
        else:
            lost += 1
            continue
        shapes[graphic.layer].append(replace(graphic.shape, points=points, text_height=height))
    kept, tangled = within_ink(shapes, scale)
    marks = ShapeMarks(rows=high, columns=wide, scale=scale, shapes=kept)
    picture = Picture(place=source.place, number=page.frame, advice=page.advice, turn=turn) if source else None
    aspect = aspect_of(rows, columns, grid)
    return Plane(picture=picture, marks=marks, aspect=round(1 / aspect, 4) if turn.swaps else aspect), lost + tangled


def _screen(page: Page, turn: Turn, rows: float, columns: float) -> np.ndarray | None:
    """The displayed area on the turned image, by its upper left and lower right corner; None where others are its corners, or none."""
    if page.area is None:
        return None
    corners = turn.points(np.array(page.area).reshape(2, 2), rows, columns)
    return corners if (corners[0] < corners[1]).all() else None


def _reach(page: Page, graphics: Sequence[Graphic]) -> tuple[float, float]:
    """Rows and columns of an image that is not held: as far as its displayed area or its graphics go."""
    if page.area:
        return max(page.area[1], page.area[3], 1.0), max(page.area[0], page.area[2], 1.0)
    ends = [graphic.shape.points.max(axis=0) for graphic in graphics if not graphic.relative]
    right = max((float(end[0]) for end in ends), default=512.0)
    bottom = max((float(end[1]) for end in ends), default=512.0)
    return max(bottom * 1.1, 1.0), max(right * 1.1, 1.0)
