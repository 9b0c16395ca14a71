"""Holds what drawing asks of the images below a result, wherever their bytes lie."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Protocol

from overlays.dicom.instance import Grid
from overlays.dicom.laying import SourcePlane
from overlays.dicom.pictures import LINEAR
from overlays.dicom.placement import thinnest
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.dicomweb_matching import Own
from overlays.queries.known_sources import MATRIX_COLUMNS, grid_from_json
from overlays.queries.stored_bytes import path_of

SLICE_THICKNESS, SPACING_BETWEEN_SLICES, VOI_LUT_FUNCTION = "00180050", "00180088", "00281056"


class Place(Protocol):
    """Where the bytes of an image are."""

    def path(self) -> Path:
        """A file that holds them. Raises FileNotFoundError, and ArchiveFailed for what has to be fetched."""


@dataclass(frozen=True)
class Stored:
    """In the registry itself, under this digest."""

    sha256: str

    def path(self) -> Path:
        """The stored file."""
        return path_of(self.sha256)


@dataclass(frozen=True, kw_only=True)
class SourceImage:
    """One image: ``rows`` and ``columns`` of its frames, 0 without pixels; ``thickness`` of what it shows, in millimetres."""

    sop_instance_uid: str
    modality: str
    frame_of_reference_uid: str
    number_of_frames: int
    grid: Grid | None
    rows: int
    columns: int
    is_tiled: bool
    """Whether its frames are tiles of one matrix."""
    thickness: float | None
    voi_lut_function: str
    place: Place

    @property
    def plane(self) -> SourcePlane:
        """Where it lies."""
        return SourcePlane(self.sop_instance_uid, self.grid, self.thickness, self.frame_of_reference_uid)


def stored_images(version: OverlayVersion) -> list[SourceImage]:
    """Those of the images that a version names which the registry holds. One query."""
    names = version.source_references.values("sop_instance_uid")
    found = SourceInstance.objects.filter(sop_instance_uid__in=names).select_related("series", "bytes")
    found = found.defer("attributes").annotate(
        slice_thickness=Own(SLICE_THICKNESS),
        spacing_between_slices=Own(SPACING_BETWEEN_SLICES),
        voi_lut_function=Own(VOI_LUT_FUNCTION),
        matrix_columns=Own(MATRIX_COLUMNS),
    )
    return [_image(each) for each in found]


def _image(source: SourceInstance) -> SourceImage:
    pixels = source.pixels or {}
    return SourceImage(
        sop_instance_uid=source.sop_instance_uid,
        modality=source.series.modality,
        frame_of_reference_uid=source.frame_of_reference_uid,
        number_of_frames=source.number_of_frames or 1,
        grid=grid_from_json(source.grid),
        rows=pixels.get("rows") or 0,
        columns=pixels.get("columns") or 0,
        is_tiled=source.matrix_columns is not None,
        thickness=thickness_of((source.slice_thickness, source.spacing_between_slices)),
        voi_lut_function=source.voi_lut_function or LINEAR,
        place=Stored(source.bytes.sha256),
    )


def thickness_of(said: Iterable[str | None]) -> float | None:
    """The least of what is said of it, in millimetres; None where nothing is."""
    return thinnest(_number(each) for each in said)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return nan
