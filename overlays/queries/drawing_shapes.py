"""Plans the pages of what is made of shapes: structure sets and reports on their images, annotations on their slide."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from overlays.dicom.faults import Unreadable
from overlays.dicom.instance import Grid
from overlays.dicom.pictures_annotations import Annotations, read_annotations
from overlays.dicom.pictures_contours import Curve, Sheet, Spread, read_contours, sheets
from overlays.dicom.pictures_overlay import colour_of
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_report import read_regions
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, on_page, within_ink
from overlays.dicom.pictures_slide import Slide, read_slide
from overlays.dicom.stored import open_stored
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.drawing import (
    MOST_PLANES,
    OWN_ALONE,
    PRESETS,
    Drawing,
    Named,
    Picture,
    Plane,
    aspect_of,
    plane_of_source,
    told_outside,
)
from overlays.queries.drawing_pictures import pages_of_images
from overlays.queries.known_sources import grid_from_json
from overlays.queries.stored_bytes import path_of

NOT_HELD = "The registry does not hold the source images: the shapes are drawn on a dark ground."
MARGIN = 0.04


def of_structure_set(version: OverlayVersion, path: Path, sources: Sequence[SourceInstance], key: str) -> Drawing:
    """Each region on each slice. Raises NoPicture, Unreadable and FileNotFoundError."""
    with open_stored(path) as stored:
        curves, dropped = read_contours(stored.root)
    planes, notes = _in_space(curves, sources, dropped, exclusive=True)
    regions = version.content.get("regions", ())
    return Drawing(
        key=key,
        planes=tuple(planes),
        legend=tuple(
            Named(
                number=region["number"],
                label=region["name"],
                detail=_region(region),
                colour=tuple(region["rgb"] or colour_of(region["number"], {})),
            )
            for region in regions
        ),
        title="Regions",
        outlined=True,
        opacity=100,
        windows=windows_of(sources),
        note=" ".join(notes),
    )


def _region(region: Mapping) -> str:
    said = (
        (region["property_type"] or {}).get("meaning"),
        region["interpreted_type"].lower(),
        region["generation_algorithm"].lower(),
    )
    return " · ".join(filter(None, said))


def windows_of(sources: Sequence[SourceInstance]) -> tuple[str, ...]:
    """The windows of images of these: the presets where all are CT."""
    return PRESETS if sources and all(source.series.modality == "CT" for source in sources) else OWN_ALONE


def _in_space(
    curves: Sequence[Curve], sources: Sequence[SourceInstance], dropped: int, *, exclusive: bool
) -> tuple[list[Plane], list[str]]:
    """The pages of curves in patient space, and what is to be said of them."""
    grids = {source.sop_instance_uid: grid_from_json(source.grid) for source in sources}
    usable = {
        source.sop_instance_uid: source
        for source in sources
        if (source.number_of_frames or 1) == 1 and is_placed(grids[source.sop_instance_uid])
    }
    found = sheets(curves, [plane_of_source(source) for source in usable.values()])
    pages, notes = found.sheets, []
    if curves and not usable:
        notes.append(NOT_HELD if not sources else "The source images have no place of their own: dark ground.")
    planes = []
    for sheet in pages[:MOST_PLANES]:
        plane, tangled = _plane(sheet, usable, exclusive=exclusive)
        dropped += tangled
        planes.append(plane)
    bare = sum(plane.picture is None and plane.marks.amount > 0 for plane in planes)
    if usable:
        notes += _told(found)
    if usable and bare:
        notes.append(f"{bare} pages lie in the plane of no image that is held here: they are drawn on a dark ground.")
    if len(pages) > MOST_PLANES:
        notes.append(f"The first {MOST_PLANES} of {len(pages)} pages are shown.")
    if dropped:
        notes.append(f"{dropped} contours are not drawn: too many points, or no numbers.")
    return planes, notes + told_outside(planes)


def _told(found: Spread) -> list[str]:
    """What to say of the shapes that a reader may look for on other pages."""
    notes = []
    if found.contradicting:
        notes.append(
            f"{found.contradicting} shapes name an image that does not lie where they do: they are drawn where they lie, not on that"
            " image."
        )
    if found.strange:
        notes.append(
            f"{found.strange} shapes name only images that are not held here or cannot be drawn on: they are drawn on a dark ground."
        )
    if found.foreign:
        notes.append(
            f"{found.foreign} shapes lie in a frame of reference of no image that is held here: they are drawn on a dark ground."
        )
    return notes


def _plane(sheet: Sheet, images: Mapping[str, SourceInstance], *, exclusive: bool) -> tuple[Plane, int]:
    rows, columns, scale = canvas_of(sheet.grid.rows, sheet.grid.columns)
    shapes, tangled = within_ink(sheet.shapes, scale)
    marks = ShapeMarks(rows=rows, columns=columns, scale=scale, shapes=shapes, exclusive=exclusive)
    image = images.get(sheet.sop_instance_uid or "")
    picture = Picture(sha256=image.bytes.sha256) if image else None
    aspect = aspect_of(sheet.grid.rows, sheet.grid.columns, sheet.grid)
    return Plane(picture=picture, marks=marks, aspect=aspect, distance=sheet.distance), tangled


def is_placed(grid: Grid | None) -> bool:
    """Whether points in space can be told apart on the image."""
    placed = grid is not None and bool(grid.position and grid.orientation and grid.pixel_spacing)
    return placed and min(grid.pixel_spacing) > 0 and 0 < grid.rows < 1 << 16 and 0 < grid.columns < 1 << 16


def of_report(version: OverlayVersion, path: Path, sources: Sequence[SourceInstance], key: str) -> Drawing:
    """The regions that a report draws; where it draws none, the images that it selects. No page where it does neither."""
    with open_stored(path) as stored:
        regions = read_regions(stored.root)
    if not regions.names:
        return pages_of_images(regions.images, sources, key)
    planes, notes = _in_space(regions.curves, sources, regions.dropped, exclusive=False)
    planes = [plane for plane in planes if plane.marks.amount or not regions.drawn]
    held = {source.sop_instance_uid: source for source in sources}
    by_image: dict[tuple[str, int], dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    on_images, lost = [], 0
    for each in regions.drawn:
        if each.sop_instance_uid in held:
            by_image[each.sop_instance_uid, each.frame][each.number] += each.shapes
        else:
            lost += 1
    for (uid, frame), shapes in list(by_image.items())[:MOST_PLANES]:
        plane, tangled = plane_on_image(held[uid], frame, shapes)
        on_images.append(plane)
        lost += tangled
    notes += told_outside(on_images)
    if lost:
        notes.append(f"{lost} regions are not drawn: their images are not held here, or they have too many points.")
    return Drawing(
        key=key,
        planes=(*planes, *on_images),
        legend=tuple(
            Named(number=number, label=name, detail="", colour=colour_of(number, {}))
            for number, name in regions.names.items()
        ),
        title="Regions",
        outlined=True,
        opacity=100,
        page="Image",
        windows=windows_of(sources),
        note=" ".join(notes),
    )


def plane_on_image(source: SourceInstance, frame: int, shapes: Mapping[int, Sequence[Shape]]) -> tuple[Plane, int]:
    """The page of one image with shapes in its pixels, and how many of them are left out."""
    grid = grid_from_json(source.grid)
    rows, columns = (grid.rows, grid.columns) if grid and grid.rows > 0 and grid.columns > 0 else (512, 512)
    high, wide, scale = canvas_of(rows, columns)
    kept, tangled = within_ink(shapes, scale)
    marks = ShapeMarks(rows=high, columns=wide, scale=scale, shapes=kept)
    picture = Picture(sha256=source.bytes.sha256, number=frame)
    return Plane(picture=picture, marks=marks, aspect=aspect_of(rows, columns, grid)), tangled


def of_annotations(version: OverlayVersion, path: Path, sources: Sequence[SourceInstance], key: str) -> Drawing:
    """All groups on one page: the slide, where it is held and small enough, else a ground as large as they reach."""
    with open_stored(path) as stored:
        annotations = read_annotations(stored.root)
    slide, source, notes = _slide(sources)
    plane, tangled = None, 0
    if slide is not None and (annotations.two_dimensional or slide.grid is not None):
        plane, tangled = _on_slide(annotations, slide, source)
        if plane.marks.amount and plane.marks.outside == plane.marks.amount:
            plane, notes = (
                None,
                ["All annotations lie outside the slide that they name: they are drawn on a dark ground."],
            )
    if plane is None:
        plane, tangled = _on_ground(annotations)
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


def _on_slide(annotations: Annotations, slide: Slide, source: SourceInstance) -> tuple[Plane, int]:
    flat = [
        each.points if annotations.two_dimensional else on_page(each.points, slide.grid)[0]
        for each in annotations.drawn
    ]
    picture = Picture(sha256=source.bytes.sha256, slide=slide)
    return _page(annotations, flat, slide.rows, slide.columns, picture, slide.grid)


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


def _slide(sources: Sequence[SourceInstance]) -> tuple[Slide | None, SourceInstance | None, list[str]]:
    if not sources:
        return None, None, ["The registry does not hold the slide: the annotations are drawn on a dark ground."]
    for source in sources:
        try:
            return read_slide(path_of(source.bytes.sha256)), source, []
        except (NoPicture, Unreadable, FileNotFoundError) as error:
            said = str(error)
    return None, None, [f"{said} The annotations are drawn on a dark ground."]


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
