"""Plans the pages of what is made of frames in space: segmentations and parametric maps, frame by frame on their source images."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from overlays.dicom.instance import Grid
from overlays.dicom.laying import Laid, laid
from overlays.dicom.pictures_map import MapMarks
from overlays.dicom.pictures_marks import Marks, SegmentMarks
from overlays.dicom.pictures_overlay import PALETTE, colour_of, read_overlay
from overlays.dicom.pictures_values import MIDDLE, Quantity, ValueMap, read_value_map
from overlays.dicom.placement import FramePlace
from overlays.models import OverlayVersion
from overlays.queries.decoder import decoder
from overlays.queries.drawing import (
    MOST_PLANES,
    OWN_ALONE,
    PRESETS,
    Drawing,
    Named,
    Picture,
    Plane,
    aspect_of,
)
from overlays.queries.known_sources import grid_from_json
from overlays.queries.source_images import SourceImage

SAME_PLACE = 0.5
"""Pixels by which a frame may be off its image and still be drawn on it."""
BACKGROUND = "125040"
"""The property type of a label map's background (PS3.16 CID 7151): none to look at."""
Frames = tuple[FramePlace, ...]


def of_segmentation(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """Each segment on each slice. Raises NoPicture, Unreadable and FileNotFoundError."""
    overlay = read_overlay(path)
    layout = overlay.layout
    found = _Frames(version, sources, layout.rows, layout.columns, overlay.places)
    return Drawing(
        key=key,
        planes=found.planes(lambda frames: SegmentMarks(overlay, frames)),
        legend=tuple(
            Named(
                number=segment["number"],
                label=segment["label"],
                detail=" · ".join(
                    filter(None, ((segment["property_type"] or {}).get("meaning"), segment["algorithm_type"].lower()))
                ),
                colour=_colour(segment),
            )
            for segment in version.content.get("segments", ())
            if not _is_ground(segment, overlay.segmentation_type)
        ),
        title="Segments",
        windows=found.windows,
        note=found.note,
        gathers=overlay.segmentation_type != "FRACTIONAL",
        by_pixels=overlay.segmentation_type == "LABELMAP",
        is_compressed=layout.encapsulated or layout.deflated,
    )


def _colour(segment: dict) -> tuple[int, int, int]:
    """The colour that the object recommends; black, which OHIF writes where it knows none, cannot be seen on an image."""
    given = segment["rgb"]
    return tuple(given if given and any(given) else colour_of(segment["number"], {}))


def _is_ground(segment: dict, segmentation_type: str) -> bool:
    """Whether it is the ground of a label map: by its type, or by the number 0, where a viewer does not say what its segments are."""
    is_nought = segmentation_type == "LABELMAP" and segment["number"] == 0
    return is_nought or (segment["property_type"] or {}).get("value") == BACKGROUND


def of_map(version: OverlayVersion, path: Path, sources: Sequence[SourceImage], key: str) -> Drawing:
    """Each quantity in colours on each slice. Raises as for a segmentation, and what decoding raises."""
    value_map = read_value_map(path, sandbox=decoder())
    layout = value_map.layout
    found = _Frames(version, sources, layout.rows, layout.columns, value_map.places)
    planes = found.planes(lambda frames: MapMarks(value_map, frames))
    return Drawing(
        key=key,
        planes=planes,
        legend=tuple(
            Named(number=number, label=each.label, detail=_unit(each), colour=PALETTE[number % len(PALETTE)])
            for number, each in value_map.quantities.items()
        ),
        title="Quantities",
        windows=found.windows,
        note=" ".join(filter(None, (found.note, *_told(value_map, planes)))),
        opacity=70,
        scales=value_map.ranges,
        units={number: _unit(each) for number, each in value_map.quantities.items()},
        gathers=False,
        is_compressed=layout.encapsulated or layout.deflated,
    )


def _unit(quantity: Quantity) -> str:
    """The unit; of what has none, UCUM says 1."""
    return "" if quantity.unit == "1" else quantity.unit


def _told(value_map: ValueMap, planes: Sequence[Plane]) -> list[str]:
    """What of a map is transparent, is not drawn, or was not looked at."""
    if not value_map.ranges[MIDDLE]:
        notes = ["The frames that were looked at hold no number at all."]
    else:
        notes = ["Zero and what is no number are transparent; under “Lowest to highest”, only what is no number."]
    frames = len(value_map.of_frame)
    if value_map.looked_at < frames:
        notes.append(f"The ends of the scales are those of {value_map.looked_at} of the {frames} frames.")
    if value_map.unmapped:
        least = "at least " if value_map.looked_at < frames else ""
        notes.append(
            f"The table maps {least}{value_map.unmapped:,} of the stored values to nothing: they are transparent."
        )
    if any(line.several for _, line in value_map.of_frame):
        notes.append("Frames have several mappings of their values: the first is drawn.")
    doubled = sum(plane.marks.amount > len(plane.marks.numbers) for plane in planes)
    if doubled:
        notes.append(f"On {doubled} pages several frames of one quantity lie: the first is drawn.")
    return notes


class _Frames:
    """Where the frames of one version lie."""

    def __init__(
        self, version: OverlayVersion, sources: Sequence[SourceImage], rows: int, columns: int, places: Frames
    ) -> None:
        self.grid = grid_from_json(version.grid)
        self.rows, self.columns, self.places = rows, columns, places
        self.space = version.frame_of_reference_uid
        self.usable, self.laid, notes = self._usable(sources, version.source_count)
        self.note = " ".join(notes)
        is_ct = bool(self.usable) and all(source.modality == "CT" for source in self.usable)
        self.windows = PRESETS if is_ct else OWN_ALONE

    def _usable(self, sources: Sequence[SourceImage], named: int) -> tuple[list[SourceImage], Laid, list[str]]:
        """The images on which frames can be drawn, what lies on them, and why there is not more."""
        nothing = Laid((), (), ())
        if not sources:
            return [], nothing, ["The registry does not hold the source images: the overlay is drawn on a dark ground."]
        if any(source.number_of_frames > 1 for source in sources):
            return (
                [],
                nothing,
                [
                    "The source is a multi-frame image, which is not paged through here: the overlay is drawn on a dark ground."
                ],
            )
        near = [source for source in sources if self._shares_space(source)]
        grids = {source.sop_instance_uid: source.grid for source in near}
        fitting = [source for source in near if self._fits(grids[source.sop_instance_uid])]
        found = laid([source.plane for source in fitting], self.places)
        aside = any(
            not _in_place(place, grids[each.sop_instance_uid]) for each in found.slices for place in each.frames
        )
        notes = []
        if len(near) < len(sources):
            notes.append(
                f"{len(sources) - len(near)} of the images have another frame of reference: nothing is drawn on them."
            )
        if not fitting or aside:
            if near:
                notes.append("The overlay lies on another grid than its source images: it is drawn on a dark ground.")
            return [], nothing, notes
        if len(sources) < named:
            notes.append(f"The registry holds {len(sources)} of the {named} source instances that the overlay names.")
        return fitting, found, notes + self._told(found)

    def _told(self, found: Laid) -> list[str]:
        """What to say of the frames that a reader may look for on other pages."""
        notes = []
        if found.contradicting:
            notes.append(
                f"{len(found.contradicting)} frames name an image that does not lie where they do: they are drawn where they lie,"
                " not on that image."
            )
        if found.strange:
            notes.append(
                f"{len(found.strange)} frames name only images that are not held here or cannot be drawn on: they are drawn on"
                " a dark ground."
            )
        drawn = {place.number for each in found.slices for place in each.frames}
        bare = len(self.places) - len(drawn.union(found.strange))
        if bare:
            notes.append(
                f"{bare} frames lie in the plane of no image that is held here: they are drawn on a dark ground."
            )
        return notes

    def _shares_space(self, source: SourceImage) -> bool:
        """Whether positions mean the same in both (PS3.3 C.7.4.1), as far as both say."""
        return not self.space or source.frame_of_reference_uid in ("", self.space)

    def _fits(self, image: Grid | None) -> bool:
        if image is None or (image.rows, image.columns) != (self.rows, self.columns):
            return False
        for ours, theirs in (
            (image.pixel_spacing, self.grid and self.grid.pixel_spacing),
            (image.orientation, self.grid and self.grid.orientation),
        ):
            if ours and theirs and not np.allclose(ours, theirs, atol=1e-3):
                return False
        return True

    def planes(self, marks: Callable[[Frames], Marks]) -> tuple[Plane, ...]:
        """The pages: the images with what lies on them, and what lies on none by itself, along the normal."""
        places = {source.sop_instance_uid: source.place for source in self.usable}
        pages = self.laid.slices
        on_images = {place.number for page in pages for place in page.frames}
        aspect = aspect_of(self.rows, self.columns, self.grid)
        found = [
            Plane(
                picture=Picture(place=places[page.sop_instance_uid]),
                marks=marks(page.frames),
                aspect=aspect,
                distance=page.distance,
            )
            for page in pages
        ]
        alone: dict[object, list[FramePlace]] = defaultdict(list)
        for place in self.places:
            if place.number not in on_images:
                alone[place.position or place.source_sop_instance_uids or place.number].append(place)
        found += [
            Plane(picture=None, marks=marks(tuple(frames)), aspect=aspect, distance=self._distance(frames[0]))
            for frames in alone.values()
        ]
        return tuple(sorted(found, key=lambda plane: (plane.distance is None, plane.distance or 0.0)))[:MOST_PLANES]

    def _distance(self, place: FramePlace) -> float | None:
        if self.grid is None or self.grid.orientation is None or place.position is None:
            return None
        return float(np.cross(self.grid.orientation[:3], self.grid.orientation[3:]) @ np.asarray(place.position))


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
