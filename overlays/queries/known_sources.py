"""Finds what the registry knows of the instances that an object names as its sources: images, and versions it was derived from."""

from collections.abc import Collection, Iterator

from django.db.models.fields.json import KeyTransform

from overlays.dicom.instance import Grid, KnownSource
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION
from overlays.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.dicomweb_matching import Own

LOSSY_IMAGE_COMPRESSION = "00282110"
MATRIX_ROWS, MATRIX_COLUMNS = "00480007", "00480006"

_AT_ONCE = 500


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


def _image(source: SourceInstance) -> KnownSource:
    syntax = TRANSFER_SYNTAXES.get(source.transfer_syntax_uid)
    return KnownSource(
        sop_instance_uid=source.sop_instance_uid,
        sop_class_uid=source.sop_class_uid,
        series_instance_uid=source.series.series_instance_uid,
        study_instance_uid=source.series.study.study_instance_uid,
        patient_id=source.patient_id,
        patient_name=source.patient_name,
        frame_of_reference_uid=source.frame_of_reference_uid,
        grid=grid_from_json(source.grid),
        number_of_frames=source.number_of_frames,
        lossy=source.lossy == "01" or (syntax is not None and syntax.lossy),
        matrix=_matrix(source.matrix_rows, source.matrix_columns),
    )


def _matrix(rows: str | None, columns: str | None) -> tuple[int, int] | None:
    both = (rows or "", columns or "")
    return (int(both[0]), int(both[1])) if all(each.isdecimal() for each in both) else None


def _version(version: OverlayVersion) -> KnownSource:
    return KnownSource(
        sop_instance_uid=version.sop_instance_uid,
        sop_class_uid=version.sop_class_uid,
        series_instance_uid=version.series.series_instance_uid,
        study_instance_uid=version.study.study_instance_uid,
        patient_id=version.patient_id,
        patient_name=version.patient_name,
        frame_of_reference_uid=version.frame_of_reference_uid,
        grid=grid_from_json(version.grid),
        number_of_frames=version.number_of_frames,
        segment_numbers=_segments(version),
    )


def _segments(version: OverlayVersion) -> frozenset[int] | None:
    if version.sop_class_uid not in (SEGMENTATION, LABEL_MAP_SEGMENTATION):
        return None
    return frozenset(segment["number"] for segment in version.segments or ())


def known_sources(sop_instance_uids: Collection[str]) -> Iterator[KnownSource]:
    """Those of the named instances that the registry holds."""
    names = list(sop_instance_uids)
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        images = SourceInstance.objects.filter(sop_instance_uid__in=part).defer("attributes", "pixels")
        images = images.annotate(
            lossy=Own(LOSSY_IMAGE_COMPRESSION), matrix_rows=Own(MATRIX_ROWS), matrix_columns=Own(MATRIX_COLUMNS)
        )
        yield from map(_image, images.select_related("series__study"))
        versions = OverlayVersion.objects.filter(sop_instance_uid__in=part).defer("attributes", "content", "findings")
        versions = versions.annotate(segments=KeyTransform("segments", "content"))
        yield from map(_version, versions.select_related("series", "study"))
