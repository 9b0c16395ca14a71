"""Plans the pages of what is made of shapes: structure sets and reports on their images."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from overlays.dicom.instance import Grid
from overlays.dicom.pictures_contours import Curve, Sheet, Spread, read_contours, sheets
from overlays.dicom.pictures_overlay import colour_of
from overlays.dicom.pictures_report import Drawn, read_regions
from overlays.dicom.pictures_shapes import Shape, ShapeMarks, canvas_of, within_ink
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
from overlays.queries.drawing_grounds import frame_ground, numbers_of_frames, slide_ground
from overlays.queries.drawing_pictures import pages_of_images
from overlays.queries.source_images import SourceImage

NOT_HELD = "The registry does not hold the source images: the shapes are drawn on a dark ground."


def of_structure_set(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
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


def windows_of(sources: Sequence[SourceImage]) -> tuple[str, ...]:
    """The windows of images of these: the presets where all are CT."""
    return PRESETS if sources and all(source.modality == "CT" for source in sources) else OWN_ALONE


def _in_space(
    curves: Sequence[Curve], sources: Sequence[SourceImage], dropped: int, *, exclusive: bool
) -> tuple[list[Plane], list[str]]:
    """The pages of curves in patient space, and what is to be said of them."""
    grids = {source.sop_instance_uid: source.grid for source in sources}
    usable = {
        source.sop_instance_uid: source
        for source in sources
        if source.number_of_frames == 1 and is_placed(grids[source.sop_instance_uid])
    }
    found = sheets(curves, [source.plane for source in usable.values()])
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


def _plane(sheet: Sheet, images: Mapping[str, SourceImage], *, exclusive: bool) -> tuple[Plane, int]:
    rows, columns, scale = canvas_of(sheet.grid.rows, sheet.grid.columns)
    shapes, tangled = within_ink(sheet.shapes, scale)
    marks = ShapeMarks(rows=rows, columns=columns, scale=scale, shapes=shapes, exclusive=exclusive)
    image = images.get(sheet.sop_instance_uid or "")
    picture = Picture(place=image.place) if image else None
    aspect = aspect_of(sheet.grid.rows, sheet.grid.columns, sheet.grid)
    return Plane(picture=picture, marks=marks, aspect=aspect, distance=sheet.distance), tangled


def is_placed(grid: Grid | None) -> bool:
    """Whether points in space can be told apart on the image."""
    placed = grid is not None and bool(grid.position and grid.orientation and grid.pixel_spacing)
    return placed and min(grid.pixel_spacing) > 0 and 0 < grid.rows < 1 << 16 and 0 < grid.columns < 1 << 16


def of_report(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """The regions that a report draws; where it draws none, the images that it selects. No page where it does neither."""
    with open_stored(path) as stored:
        regions = read_regions(stored.root)
    if not regions.names:
        return pages_of_images(regions.images, sources, key)
    planes, notes = _in_space(regions.curves, sources, regions.dropped, exclusive=False)
    planes = [plane for plane in planes if plane.marks.amount or not regions.drawn]
    held = {source.sop_instance_uid: source for source in sources}
    on_images, lost = _on_images(regions.drawn, held)
    lost += regions.ungrounded
    notes += told_outside(on_images)
    if lost:
        notes.append(
            f"{lost} regions are not drawn: their images are not held here, it is not told in which frame they lie, or they have too "
            "many points."
        )
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


def _on_images(drawn: Sequence[Drawn], held: Mapping[str, SourceImage]) -> tuple[list[Plane], int]:
    """A page for each frame or matrix that regions are drawn in, and how many regions are left out on some page."""
    by_ground: dict[tuple[str, int], dict[int, list[Shape]]] = defaultdict(lambda: defaultdict(list))
    planes, lost = [], 0
    for each in drawn:
        source = held.get(each.sop_instance_uid)
        numbers = numbers_of_frames(source, each.frame, each.origin) if source else ()
        new = [number for number in numbers if (each.sop_instance_uid, number) not in by_ground]
        if not numbers or len(by_ground) + len(new) > MOST_PLANES:
            lost += 1
            continue
        for number in numbers:
            by_ground[each.sop_instance_uid, number][each.number] += each.shapes
    for (uid, number), shapes in by_ground.items():
        ground = frame_ground(held[uid], number) if number else slide_ground(held[uid])[0]
        if ground is None:
            lost += len(shapes)
            continue
        plane, tangled = ground.plane(shapes)
        planes.append(plane)
        lost += tangled
    return planes, lost
