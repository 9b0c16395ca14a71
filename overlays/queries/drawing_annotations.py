"""Plans the page of annotations: the slide that they lie on, or the frame of it, else a ground as large as they reach."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from overlays.dicom.instance import Grid
from overlays.dicom.pictures_annotations import Annotations, read_annotations
from overlays.dicom.pictures_overlay import colour_of
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, on_page, within_ink
from overlays.dicom.stored import open_stored
from overlays.models import OverlayVersion
from overlays.queries.drawing import Drawing, Named, Picture, Plane, aspect_of, told_outside
from overlays.queries.drawing_grounds import Ground, frame_ground, slide_ground
from overlays.queries.source_images import SourceImage

MARGIN = 0.04
DARK = "the annotations are drawn on a dark ground."


def of_annotations(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """All groups on one page."""
    with open_stored(path) as stored:
        annotations = read_annotations(stored.root)
    ground, note = _ground(annotations, sources)
    plane, tangled = None, 0
    if ground is not None:
        plane, tangled = _on_picture(annotations, ground)
        if plane.marks.amount and plane.marks.outside == plane.marks.amount:
            plane, note = None, f"All annotations lie outside the slide that they name: {DARK}"
    if plane is None:
        plane, tangled = _on_ground(annotations)
    notes = [note] if note else []
    dropped = annotations.dropped + tangled
    if dropped:
        notes.append(f"{len(annotations.drawn) - tangled} annotations are drawn; {dropped} are not.")
    return Drawing(
        key=key,
        planes=(plane,),
        legend=tuple(
            Named(
                number=group["number"],
                label=group["label"],
                detail=f"{group['annotations']:,} × {group['graphic_type'].lower() or 'annotation'}",
                colour=tuple(group["rgb"] or colour_of(group["number"], {})),
            )
            for group in version.content.get("annotations", ())
        ),
        title="Groups",
        outlined=True,
        opacity=100,
        page="Slide",
        note=" ".join(notes + told_outside([plane])),
    )


def _on_picture(annotations: Annotations, ground: Ground) -> tuple[Plane, int]:
    flat = [
        each.points if annotations.two_dimensional else on_page(each.points, ground.grid)[0]
        for each in annotations.drawn
    ]
    return _page(annotations, flat, ground.rows, ground.columns, ground.picture, ground.grid)


def _on_ground(annotations: Annotations) -> tuple[Plane, int]:
    rows, columns, corner = _extent(annotations)
    flat = [each.points[:, :2] - corner for each in annotations.drawn]
    return _page(annotations, flat, rows, columns, None, None)


def _page(
    annotations: Annotations,
    flat: Sequence[np.ndarray],
    rows: float,
    columns: float,
    picture: Picture | None,
    grid: Grid | None,
) -> tuple[Plane, int]:
    shapes: dict[int, list[Shape]] = defaultdict(list)
    for each, points in zip(annotations.drawn, flat, strict=True):
        shapes[each.group].append(Shape(points, closed=each.closed, filled=each.closed))
    high, wide, scale = canvas_of(rows, columns)
    kept, tangled = within_ink(shapes, scale)
    marks = ShapeMarks(rows=high, columns=wide, scale=scale, shapes=kept)
    return Plane(picture=picture, marks=marks, aspect=aspect_of(rows, columns, grid)), tangled


def _ground(annotations: Annotations, sources: Sequence[SourceImage]) -> tuple[Ground | None, str]:
    """What they lie on, or why it is not shown."""
    held = {source.sop_instance_uid: source for source in sources}
    if not annotations.two_dimensional:
        return _in_space(annotations, held)
    source = held.get(annotations.image)
    if not held:
        return None, f"The registry does not hold the slide: {DARK}"
    if source is None:
        return None, f"The registry does not hold the image in whose pixels coordinates are given: {DARK}"
    frames = source.number_of_frames
    if annotations.origin == "VOLUME":
        return _slide(source)
    if frames > 1 and annotations.origin != "FRAME":
        return None, f"(0048,0301) PixelOriginInterpretation does not tell what coordinates count from: {DARK}"
    named = annotations.frames or ((1,) if frames == 1 else ())
    if len(named) != 1 or not 1 <= named[0] <= frames:
        return None, f"Coordinates count from a frame, and no frame of the image is named as the only one: {DARK}"
    ground = frame_ground(source, named[0])
    return ground, "" if ground else f"The image has no pixels: {DARK}"


def _in_space(annotations: Annotations, held: Mapping[str, SourceImage]) -> tuple[Ground | None, str]:
    """The first slide of their frame of reference that can be drawn, the one that they refer to before all others."""
    space = annotations.frame_of_reference_uid
    found = [each for each in held.values() if space and each.frame_of_reference_uid == space]
    said = f"The registry holds no slide of their frame of reference: {DARK}"
    for source in sorted(found, key=lambda each: (each.sop_instance_uid != annotations.image, each.sop_instance_uid)):
        ground, said = _slide(source)
        if ground is not None and ground.grid is not None:
            return ground, ""
        said = said or f"The slide does not tell its place: {DARK}"
    return None, said


def _slide(source: SourceImage) -> tuple[Ground | None, str]:
    ground, said = slide_ground(source)
    return ground, f"{said} {DARK.capitalize()}" if said else ""


def _extent(annotations: Annotations) -> tuple[float, float, np.ndarray]:
    """Rows and columns that hold all points with a margin, and where their corner is."""
    if not annotations.drawn:
        return 512.0, 512.0, np.zeros(2)
    ends = [(each.points[:, :2].min(axis=0), each.points[:, :2].max(axis=0)) for each in annotations.drawn]
    low, high = np.min([end[0] for end in ends], axis=0), np.max([end[1] for end in ends], axis=0)
    size = high - low
    # No side is less than half the other one: a row of cells is still looked at on a page.
    wanted = np.maximum(size, max(float(size.max()), 1e-3) / 2) * (1 + 2 * MARGIN)
    return float(wanted[1]), float(wanted[0]), low - (wanted - size) / 2
