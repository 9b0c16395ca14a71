"""Plans how a stored segmentation is paged through: which frames lie on which image, and which pictures that makes."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.instance import Grid
from overlays.dicom.pictures import Window, encoded, image_png
from overlays.dicom.pictures_overlay import Overlay, colour_of, coverage, layer_png, read_overlay, thumbnail_png
from overlays.dicom.placement import FramePlace, Slice, SourcePlane, slices
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.decoder import decoder
from overlays.queries.known_sources import grid_from_json
from overlays.queries.stored_bytes import path_of

FORM = 1
"""Part of every drawing's key: raise it when the same bytes come to be drawn otherwise."""

MOST_PLANES = 5000
MOST_COUNTED = 1500
MOST_COUNTED_COMPRESSED = 200
"""Frames whose pixels are counted for the overview, native and compressed; of larger objects only the presence of frames is told."""
LONGEST_SIDE = 1024
SAME_PLACE = 0.5
"""Pixels by which a frame may be off its image and still be drawn on it."""

WINDOWS: dict[str, tuple[str, Window | None]] = {
    "own": ("As stored", None),
    "soft": ("Soft tissue", Window(40, 400)),
    "lung": ("Lung", Window(-600, 1500)),
    "bone": ("Bone", Window(400, 1800)),
}
"""Window presets, in Hounsfield units; images of other modalities have their own window alone."""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One page: the digest of the image's bytes (None: dark ground) and the frames that lie on it."""

    image_sha256: str | None
    frames: tuple[FramePlace, ...]
    distance: float | None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A segmentation ready to be paged through. ``key`` changes with everything that its pictures depend on."""

    key: str
    overlay: Overlay
    planes: tuple[Plane, ...]
    colours: dict[int, tuple[int, int, int]]
    windows: tuple[str, ...]
    aspect: float
    """Width by height of a page as it lies in the patient."""
    note: str
    """What keeps the overlay off its images, for people; empty when nothing does."""

    @property
    def first(self) -> int:
        """The page to begin with: the middle one of those with most frames."""
        most = max(len(plane.frames) for plane in self.planes)
        full = [index for index, plane in enumerate(self.planes) if len(plane.frames) == most]
        return full[len(full) // 2]


def drawing_of(version: OverlayVersion) -> Drawing:
    """The drawing of a stored segmentation. Raises NoPicture, Unreadable and FileNotFoundError."""
    held = SourceInstance.objects.filter(
        sop_instance_uid__in=version.source_references.values("sop_instance_uid")
    ).count()
    # References and images are append-only: how many are held decides which, and so the drawing can be kept.
    return _drawing(version.pk, version.sha256, held, path_of(version.sha256))


@lru_cache(maxsize=16)
def _drawing(pk: int, sha256: str, held: int, path: Path) -> Drawing:
    version = OverlayVersion.objects.get(pk=pk)
    references = version.source_references.values("sop_instance_uid")
    sources = list(
        SourceInstance.objects.filter(sop_instance_uid__in=references)
        .select_related("series", "bytes")
        .defer("attributes")
    )
    overlay = read_overlay(path)
    grid = grid_from_json(version.grid)
    usable, note = _usable(sources, grid, overlay, version.source_count)
    planes = _planes(usable, overlay.places, grid)[:MOST_PLANES]
    is_ct = bool(usable) and all(source.series.modality == "CT" for source in usable)
    return Drawing(
        key=hashlib.sha256(f"{FORM}:{sha256}:{held}".encode()).hexdigest()[:16],
        overlay=overlay,
        planes=planes,
        colours={each["number"]: tuple(each["rgb"]) for each in version.content.get("segments", ()) if each["rgb"]},
        windows=tuple(WINDOWS) if is_ct else ("own",),
        aspect=_aspect(overlay, grid),
        note=note,
    )


def _usable(
    sources: Sequence[SourceInstance], grid: Grid | None, overlay: Overlay, named: int
) -> tuple[list[SourceInstance], str]:
    """The images on which frames can be drawn, and why there are not more."""
    if not sources:
        return [], "The registry does not hold the source images: the overlay is drawn on a dark ground."
    if any((source.number_of_frames or 1) > 1 for source in sources):
        return (
            [],
            "The source is a multi-frame image, which is not paged through here: the overlay is drawn on a dark ground.",
        )
    layout = overlay.layout
    grids = {source.sop_instance_uid: grid_from_json(source.grid) for source in sources}
    fitting = [
        source for source in sources if _same_form(grids[source.sop_instance_uid], grid, layout.rows, layout.columns)
    ]
    planes = slices(
        [SourcePlane(source.sop_instance_uid, grids[source.sop_instance_uid]) for source in fitting], overlay.places
    )
    aside = any(not _in_place(place, grids[each.sop_instance_uid]) for each in planes for place in each.frames)
    if not fitting or aside:
        return [], "The overlay lies on another grid than its source images: it is drawn on a dark ground."
    if len(sources) < named:
        return fitting, f"The registry holds {len(sources)} of the {named} source instances that the overlay names."
    return fitting, ""


def _same_form(image: Grid | None, overlay: Grid | None, rows: int, columns: int) -> bool:
    if image is None or (image.rows, image.columns) != (rows, columns):
        return False
    for ours, theirs in (
        (image.pixel_spacing, overlay and overlay.pixel_spacing),
        (image.orientation, overlay and overlay.orientation),
    ):
        if ours and theirs and not np.allclose(ours, theirs, atol=1e-3):
            return False
    return True


def _in_place(place: FramePlace, grid: Grid | None) -> bool:
    """Whether the frame's corner lies on the image's, seen along the normal."""
    if place.position is None or grid is None or not grid.position or not grid.orientation or not grid.pixel_spacing:
        return True
    off = np.subtract(place.position, grid.position)
    along_row, along_column = (
        float(off @ np.asarray(grid.orientation[:3])),
        float(off @ np.asarray(grid.orientation[3:])),
    )
    return (
        abs(along_row) <= SAME_PLACE * grid.pixel_spacing[1] and abs(along_column) <= SAME_PLACE * grid.pixel_spacing[0]
    )


def _planes(sources: Sequence[SourceInstance], places: Sequence[FramePlace], grid: Grid | None) -> tuple[Plane, ...]:
    digests = {source.sop_instance_uid: source.bytes.sha256 for source in sources}
    known = [SourcePlane(source.sop_instance_uid, grid_from_json(source.grid)) for source in sources]
    pages = slices(known, places) if known else ()
    on_images = {place.number for page in pages for place in page.frames}
    found = [
        Plane(image_sha256=digests[page.sop_instance_uid], frames=page.frames, distance=page.distance) for page in pages
    ]
    alone: dict[object, list[FramePlace]] = defaultdict(list)
    for place in places:
        if place.number not in on_images:
            alone[place.position or place.source_sop_instance_uids or place.number].append(place)
    found += [
        Plane(image_sha256=None, frames=tuple(frames), distance=_distance(grid, frames[0])) for frames in alone.values()
    ]
    return tuple(sorted(found, key=lambda plane: (plane.distance is None, plane.distance or 0.0)))


def _distance(grid: Grid | None, place: FramePlace) -> float | None:
    if grid is None or grid.orientation is None or place.position is None:
        return None
    return float(np.cross(grid.orientation[:3], grid.orientation[3:]) @ np.asarray(place.position))


def _aspect(overlay: Overlay, grid: Grid | None) -> float:
    down, across = grid.pixel_spacing if grid and grid.pixel_spacing else (1.0, 1.0)
    aspect = overlay.layout.columns * across / (overlay.layout.rows * down)
    return round(min(max(aspect, 0.1), 10.0), 4)


def image_of(drawing: Drawing, index: int, window: str) -> bytes:
    """The image of a page as a PNG. Raises LookupError for a page without one, and what ``image_png`` raises."""
    digest = drawing.planes[index].image_sha256
    if digest is None or window not in drawing.windows:
        raise LookupError(f"page {index} has no image in the window {window[:16]}")
    return image_png(path_of(digest), window=WINDOWS[window][1], longest=LONGEST_SIDE, sandbox=decoder())


def layer_of(drawing: Drawing, index: int, segment: int, *, outline: bool, colour: tuple[int, int, int]) -> bytes:
    """One segment on a page as a PNG of the frame's size, transparent where it is not. Raises what ``coverage`` raises."""
    plane, layout = drawing.planes[index], drawing.overlay.layout
    frames = [place for place in plane.frames if segment in place.segment_numbers]
    covered = coverage(drawing.overlay, frames, sandbox=decoder()).get(segment)
    if covered is None:
        covered = np.zeros((layout.rows, layout.columns), np.uint8)
    return layer_png(_edge(covered) if outline else covered, colour)


def together_of(drawing: Drawing, index: int, *, outline: bool) -> bytes:
    """All segments of a page in one PNG, for pages with many; where several lie, their colours are mixed. Raises as ``layer_of``."""
    layout = drawing.overlay.layout
    mixed = np.zeros((layout.rows, layout.columns, 4), np.float32)
    many = np.zeros((layout.rows, layout.columns), np.float32)
    for segment, covered in coverage(drawing.overlay, drawing.planes[index].frames, sandbox=decoder()).items():
        there = (_edge(covered) if outline else covered) >= 128
        mixed[there, :3] += colour_of(segment, drawing.colours)
        many += there
    mixed[:, :, :3] /= np.maximum(many, 1)[:, :, None]
    mixed[:, :, 3] = 255 * (many > 0)
    return encoded(Image.fromarray(mixed.round().astype(np.uint8)))


def _edge(covered: np.ndarray) -> np.ndarray:
    """The pixels of a segment that touch its outside, as coverage."""
    mask = covered >= 128
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return (mask & ~inner).astype(np.uint8) * np.uint8(255)


def counts_of(drawing: Drawing) -> list[list[tuple[int, int]]] | None:
    """For each page the segments on it with their pixels; None where counting would take too long."""
    layout = drawing.overlay.layout
    most = MOST_COUNTED_COMPRESSED if layout.encapsulated or layout.deflated else MOST_COUNTED
    if len(drawing.overlay.places) > most:
        return None
    return [
        [
            (number, int(np.count_nonzero(covered >= 128)))
            for number, covered in coverage(drawing.overlay, plane.frames, sandbox=decoder()).items()
        ]
        for plane in drawing.planes
    ]


def thumbnail_of(drawing: Drawing) -> bytes | None:
    """The page with most of the overlay, small; None when the registry holds no image for it."""
    pages = [Slice(plane.image_sha256, plane.distance, plane.frames) for plane in drawing.planes if plane.image_sha256]
    images = {page.sop_instance_uid: path_of(page.sop_instance_uid) for page in pages}
    return thumbnail_png(drawing.overlay, pages, images, drawing.colours, sandbox=decoder())
