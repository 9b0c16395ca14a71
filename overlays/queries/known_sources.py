"""Finds what the registry knows of the instances that an object names as its sources: images, and versions it was derived from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from functools import cache, partial

from django.db import connection
from django.db.models import F
from django.db.models.fields.json import KeyTransform

from overlays.dicom.instance import Grid, KnownSource
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION
from overlays.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.compiled import Compiled, ask_of_many, compiled, parsed, slot
from overlays.queries.dicomweb_matching import Own

LOSSY_IMAGE_COMPRESSION = "00282110"
MATRIX_ROWS, MATRIX_COLUMNS = "00480007", "00480006"


def grid_from_json(stored: dict | None) -> Grid | None:
    """The grid as the DICOM core knows it, from its stored form."""
    if stored is None:
        return None

    def triple(name: str) -> tuple | None:
        return tuple(stored[name]) if stored.get(name) is not None else None

    return Grid(
        rows=stored["rows"],
        columns=stored["columns"],
        pixel_spacing=triple("pixel_spacing"),
        orientation=triple("orientation"),
        position=triple("position"),
    )


_COMMON = (
    "sop_instance_uid",
    "sop_class_uid",
    F("series__series_instance_uid"),
    F("series__study__study_instance_uid"),
    "patient_id",
    "patient_name",
    "frame_of_reference_uid",
    "grid",
    "number_of_frames",
)
"""What is told of images and versions alike, in the order in which KnownSource names it."""


def _common(row: Sequence) -> dict:
    names = (field.name for field in fields(KnownSource))
    return dict(zip(names, row, strict=False)) | {"grid": grid_from_json(parsed(row[_COMMON.index("grid")]))}


@cache
def _images(vendor: str, many: int) -> Compiled:
    found = SourceInstance.objects.filter(sop_instance_uid__in=[slot(number) for number in range(many)]).order_by("pk")
    own = (Own(LOSSY_IMAGE_COMPRESSION), Own(MATRIX_ROWS), Own(MATRIX_COLUMNS))
    return compiled(found.values_list(*_COMMON, "transfer_syntax_uid", *own))


def _image(row: Sequence) -> KnownSource:
    *common, syntax_uid, lossy, rows, columns = row
    syntax = TRANSFER_SYNTAXES.get(syntax_uid)
    is_lossy = lossy == "01" or (syntax is not None and syntax.lossy)
    return KnownSource(**_common(common), lossy=is_lossy, matrix=_matrix(rows, columns))


def _matrix(rows: str | None, columns: str | None) -> tuple[int, int] | None:
    both = (rows or "", columns or "")
    return (int(both[0]), int(both[1])) if all(each.isdecimal() for each in both) else None


@cache
def _versions(vendor: str, many: int) -> Compiled:
    found = OverlayVersion.objects.filter(sop_instance_uid__in=[slot(number) for number in range(many)]).order_by("pk")
    return compiled(found.values_list(*_COMMON, KeyTransform("segments", "content")))


def _version(row: Sequence) -> KnownSource:
    *common, segments = row
    return KnownSource(**_common(common), segment_numbers=_segments(common[_COMMON.index("sop_class_uid")], segments))


def _segments(sop_class_uid: str, segments: str | list | None) -> frozenset[int] | None:
    if sop_class_uid not in (SEGMENTATION, LABEL_MAP_SEGMENTATION):
        return None
    return frozenset(segment["number"] for segment in parsed(segments) or ())


def known_sources(sop_instance_uids: Collection[str]) -> Iterator[KnownSource]:
    """Those of the named instances that the registry holds. Two queries for each 500 of them."""
    names = list(dict.fromkeys(sop_instance_uids))
    for read, question in ((_image, _images), (_version, _versions)):
        yield from map(read, ask_of_many(partial(question, connection.vendor), names))
