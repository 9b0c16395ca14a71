"""Makes the pictures through which a stored version is looked at, whatever family it is of."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from overlays.dicom.pictures import FUNCTIONS, encoded, png, scaled
from overlays.dicom.pictures_marks import FILL
from overlays.dicom.pictures_overlay import HALF, THUMBNAIL, colour_of
from overlays.governance.errors import ArchiveFailed
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.archive_images import ArchiveImages, archive_images, without_archive
from overlays.queries.decoder import decoder
from overlays.queries.drawing import Drawing, Plane
from overlays.queries.drawing_annotations import of_annotations
from overlays.queries.drawing_frames import of_map, of_segmentation
from overlays.queries.drawing_pictures import of_capture, of_presentation_state
from overlays.queries.drawing_shapes import of_report, of_structure_set
from overlays.queries.source_images import SourceImage, stored_images
from overlays.queries.stored_bytes import path_of

FORM = 3
"""Part of every drawing's key: raise it when the same bytes come to be drawn otherwise."""

MOST_COUNTED = 1500
MOST_COUNTED_COMPRESSED = 200
"""Frames or shapes that are counted for the overview, native and compressed; of larger objects only their presence is told."""
SAMPLED_PAGES = 9
GROUND = (11, 15, 22)
"""The dark ground where no image is held."""

Plan = Callable[[OverlayVersion, Path, Sequence[SourceImage], str], Drawing]
PLANS: dict[str, Plan] = {
    "SEG": of_segmentation,
    "PM": of_map,
    "PR": of_presentation_state,
    "SC": of_capture,
    "RTSTRUCT": of_structure_set,
    "ANN": of_annotations,
    "SR": of_report,
    "KO": of_report,
}
"""How the pages of each family are found."""


def drawing_of(version: OverlayVersion, *, strict: bool = False) -> Drawing:
    """The drawing of a stored version; it may have no page.

    Where images are in an archive that does not answer, it is drawn without them, and says so; ``strict`` raises ArchiveFailed then.
    Raises NoPicture, Unreadable, FrameBroken, FileNotFoundError and, for a compressed map, what ``Sandbox.run`` raises.
    """
    held = SourceInstance.objects.filter(
        sop_instance_uid__in=version.source_references.values("sop_instance_uid")
    ).count()
    # References and images are append-only: how many are held decides which, and so the drawing can be kept.
    drawn = partial(_drawing, version.pk, version.sha256, held, path_of(version.sha256))
    try:
        return drawn(archive_images(version))
    except ArchiveFailed as fault:
        if strict:
            raise
        return drawn(without_archive(fault.sentence))


@lru_cache(maxsize=16)
def _drawing(pk: int, sha256: str, held: int, path: Path, there: ArchiveImages) -> Drawing:
    version = OverlayVersion.objects.select_related("overlay").get(pk=pk)
    sources = [*stored_images(version), *there.found]
    key = hashlib.sha256(f"{FORM}:{sha256}:{held}:{there.digest}".encode()).hexdigest()[:16]
    found = PLANS[version.overlay.kind](version, path, sources, key)
    notes = [there.note, found.note]
    unknown = sum(source.voi_lut_function not in FUNCTIONS for source in sources)
    if unknown:
        notes.append(
            f"The windows of {unknown} images have a function that is not known here: they are drawn as a straight line."
        )
    return replace(found, note=" ".join(filter(None, notes)))


def image_of(drawing: Drawing, index: int, window: str) -> bytes:
    """The image of a page as a PNG. Raises LookupError for a page without one, and what ``image_png`` raises."""
    picture = drawing.planes[index].picture
    if picture is None or window not in drawing.windows:
        raise LookupError(f"page {index} has no image in the window {window[:16]}")
    return picture.png(window, decoder())


def layer_of(drawing: Drawing, index: int, number: int, style: str) -> bytes:
    """One thing on a page as a PNG, transparent where it is not. Raises what ``Marks.layer`` raises."""
    return drawing.planes[index].marks.layer(number, style, colour_of(number, drawing.colours), sandbox=decoder())


def together_of(drawing: Drawing, index: int, style: str) -> bytes:
    """All things of a page in one PNG, for pages with many; where several lie, their colours are mixed. Raises as ``layer_of``."""
    marks = drawing.planes[index].marks
    mixed = np.zeros((marks.rows, marks.columns, 4), np.float32)
    many = np.zeros((marks.rows, marks.columns), np.float32)
    for number, covered in marks.covered(style, sandbox=decoder()).items():
        there = covered >= HALF
        mixed[there, :3] += colour_of(number, drawing.colours)
        many += there
    mixed[:, :, :3] /= np.maximum(many, 1)[:, :, None]
    mixed[:, :, 3] = 255 * (many > 0)
    return encoded(Image.fromarray(mixed.round().astype(np.uint8)))


def counts_of(drawing: Drawing) -> list[list[tuple[int, int]]] | None:
    """For each page the things on it with their pixels; None where counting would take too long."""
    most = MOST_COUNTED_COMPRESSED if drawing.is_compressed else MOST_COUNTED
    if sum(plane.marks.amount for plane in drawing.planes) > most:
        return None
    return [
        [
            (number, int(np.count_nonzero(covered >= HALF)))
            for number, covered in plane.marks.covered(FILL, sandbox=decoder()).items()
        ]
        for plane in drawing.planes
    ]


def thumbnail_of(drawing: Drawing) -> bytes:
    """The page with most on it, among a few spread over those with an image (else over all), small. Raises as ``layer_of``."""
    pages = [plane for plane in drawing.planes if plane.picture] or list(drawing.planes)
    marked = [plane for plane in pages if plane.marks.amount]
    plane = max(_spread(marked), key=_amount) if marked else drawing.planes[drawing.first]
    rows, columns = plane.marks.rows, plane.marks.columns
    base = np.full((rows, columns, 3), GROUND, np.uint8)
    if plane.picture:
        drawn = plane.picture.drawn(drawing.windows[0], decoder())
        base = np.asarray(Image.fromarray(np.ascontiguousarray(drawn)).resize((columns, rows)))
    return png(scaled(plane.marks.over(base, drawing.colours, sandbox=decoder()), THUMBNAIL))


def _amount(plane: Plane) -> int:
    covered = plane.marks.covered(FILL, sandbox=decoder())
    return sum(int(np.count_nonzero(values)) for values in covered.values())


def _spread(planes: Sequence[Plane]) -> list[Plane]:
    """A few of the pages, evenly over all."""
    if len(planes) <= SAMPLED_PAGES:
        return list(planes)
    chosen = {round((len(planes) - 1) * step / (SAMPLED_PAGES - 1)) for step in range(SAMPLED_PAGES)}
    return [planes[index] for index in sorted(chosen)]
