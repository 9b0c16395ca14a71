"""Finds the images in the archive that a version names, checked against what it says of them."""

import hashlib
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

from django.conf import settings

from overlays.archive.connection import archive
from overlays.archive.elements import Element
from overlays.archive.holdings import HOLDINGS, MODALITY
from overlays.archive.images import DESCRIBING_SECONDS, described
from overlays.archive.sources import MOST_SERIES, known
from overlays.archive.values import text
from overlays.dicom.against_sources import compare
from overlays.dicom.findings import refuses
from overlays.dicom.instance import Family, Grid, KnownSource
from overlays.dicom.pictures import LINEAR
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.governance.errors import ArchiveFailed
from overlays.models import OverlayVersion, SourceReference, StoredInstance
from overlays.queries.archive_files import Archived
from overlays.queries.archive_objects import in_use
from overlays.queries.as_instance import instance_of
from overlays.queries.known_sources import MATRIX_COLUMNS
from overlays.queries.source_images import (
    SLICE_THICKNESS,
    SPACING_BETWEEN_SLICES,
    VOI_LUT_FUNCTION,
    SourceImage,
    thickness_of,
)

MOST_IMAGES = 5000
LARGEST_SIDE = 1 << 16
KNOWN_SECONDS = 120.0
FAILED_SECONDS = 5.0
"""How long it is relied on what the archive said, and that it did not answer."""
MOST_VERSIONS = 64
NEED_NONE = frozenset({"SC"})
"""Families that are drawn from their own pixels alone."""


@dataclass(frozen=True, kw_only=True)
class ArchiveImages:
    """What was found; two are the same where ``digest`` is. ``note`` is what readers should know of it."""

    digest: str = ""
    found: tuple[SourceImage, ...] = field(default=(), compare=False)
    note: str = field(default="", compare=False)


NONE = ArchiveImages()
_lock = threading.Lock()
_known: OrderedDict[tuple[str, int], tuple[float, ArchiveImages | ArchiveFailed]] = OrderedDict()


def without_archive(sentence: str) -> ArchiveImages:
    """What is drawn with while the archive fails, with the reason."""
    return ArchiveImages(
        digest=sentence, note=f"Images of the archive are missing here. {sentence} Load the page again."
    )


def archive_images(version: OverlayVersion) -> ArchiveImages:
    """The images that the version names and the registry does not hold; nothing where no archive is in use.

    Asked of the archive with the registry's own credentials, and known for two minutes. Raises ArchiveFailed, ArchiveTooSlow.
    """
    if not in_use() or version.overlay.kind in NEED_NONE:
        return NONE
    key = (archive().url, version.pk)
    with _lock:
        until, found = _known.get(key, (0.0, NONE))
    if time.monotonic() >= until:
        try:
            found, seconds = _asked(version), KNOWN_SECONDS
        except ArchiveFailed as fault:
            found, seconds = fault, FAILED_SECONDS
        with _lock:
            _known[key] = time.monotonic() + seconds, found
            _known.move_to_end(key)
            while len(_known) > MOST_VERSIONS:
                _known.popitem(last=False)
    if isinstance(found, ArchiveFailed):
        raise type(found)(found.sentence)
    return found


def forget() -> None:
    """Ask anew for every version."""
    with _lock:
        _known.clear()


def _asked(version: OverlayVersion) -> ArchiveImages:
    stored = StoredInstance.objects.values("sop_instance_uid")
    references = list(version.source_references.exclude(sop_instance_uid__in=stored).order_by("pk")[: MOST_IMAGES + 1])
    notes = []
    if len(references) > MOST_IMAGES:
        references = references[:MOST_IMAGES]
        notes.append(f"The first {MOST_IMAGES} of the images in the archive are taken.")
    elements = _elements(references, version.study.study_instance_uid)
    sources = [source for element in elements if (source := _source(element)) is not None]
    fitting = _fitting(version, references, sources)
    if len(fitting) < len(sources):
        notes.append(
            f"{len(sources) - len(fitting)} images of the archive are of another patient or study, or lie elsewhere, than the object "
            "says: nothing is drawn on them."
        )
    images = {text(element, "00080018"): element for element in elements}
    found = tuple(_image(source, images[source.sop_instance_uid]) for source in fitting)
    said = "\n".join(repr((each.sop_instance_uid, each.grid, each.number_of_frames, each.thickness)) for each in found)
    return ArchiveImages(digest=hashlib.sha256(said.encode()).hexdigest(), found=found, note=" ".join(notes))


def _elements(references: Sequence[SourceReference], study: str) -> list[Element]:
    """What the archive says of them, series by series."""
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in references:
        of_study = each.study_instance_uid or study
        series = each.series_instance_uid or _series_of(of_study, each.sop_instance_uid)
        if series:
            wanted[of_study, series].add(each.sop_instance_uid)
    if len(wanted) > MOST_SERIES:
        raise ArchiveFailed(f"More than {MOST_SERIES} series are named, too many to ask for.")
    ends = time.monotonic() + DESCRIBING_SECONDS
    found: list[Element] = []
    for (of_study, series), names in wanted.items():
        found += described(archive(), of_study, series, names, ends=ends).values()
    return found


def _series_of(study: str, instance: str) -> str:
    """Of an instance that is named without its series."""
    return next((each.series for each in HOLDINGS.of_study(archive(), study) if each.instance == instance), "")


def _source(element: Element) -> KnownSource | None:
    """The image; None for what is none, or has a size that none can have."""
    source = known(element)
    row = SOP_CLASSES.get(source.sop_class_uid)
    if row is None or row.family is not Family.IMAGE:
        return None
    grid = source.grid
    if grid is None or not (0 < grid.rows < LARGEST_SIDE and 0 < grid.columns < LARGEST_SIDE):
        return None
    if not 1 <= (source.number_of_frames or 1) <= 100_000:
        return None
    return replace(source, grid=grid if _is_finite(grid) else Grid(rows=grid.rows, columns=grid.columns))


def _is_finite(grid: Grid) -> bool:
    numbers = (*(grid.pixel_spacing or ()), *(grid.orientation or ()), *(grid.position or ()))
    return all(map(isfinite, numbers)) and min(grid.pixel_spacing or (1,)) > 0


def _fitting(
    version: OverlayVersion, references: Sequence[SourceReference], sources: list[KnownSource]
) -> list[KnownSource]:
    """Those that a post would not have been refused for."""
    instance = instance_of(version, references)
    if not refuses(compare(instance, sources, policy=settings.OVERLAYS_RULES)):
        return sources
    return [each for each in sources if not refuses(compare(instance, [each], policy=settings.OVERLAYS_RULES))]


def _image(source: KnownSource, element: Element) -> SourceImage:
    return SourceImage(
        sop_instance_uid=source.sop_instance_uid,
        modality=text(element, MODALITY),
        frame_of_reference_uid=source.frame_of_reference_uid,
        number_of_frames=source.number_of_frames or 1,
        grid=source.grid,
        rows=source.grid.rows,
        columns=source.grid.columns,
        is_tiled=bool(text(element, MATRIX_COLUMNS)),
        thickness=thickness_of(text(element, tag) for tag in (SLICE_THICKNESS, SPACING_BETWEEN_SLICES)),
        voi_lut_function=text(element, VOI_LUT_FUNCTION) or LINEAR,
        place=Archived(source),
    )
