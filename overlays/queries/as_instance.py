"""Gives a stored version back to the DICOM core, for the rules about its sources."""

from collections.abc import Iterable

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import (
    Equipment,
    Family,
    Instance,
    Patient,
    Reference,
    SeriesAttributes,
    StudyAttributes,
)
from overlays.governance.errors import Unavailable
from overlays.models import OverlayVersion, SourceReference
from overlays.queries.dicomweb_objects import on_disk
from overlays.queries.known_sources import grid_from_json


def reference_of(row: SourceReference) -> Reference:
    """The reference as the object made it."""
    return Reference(
        sop_instance_uid=row.sop_instance_uid,
        sop_class_uid=row.sop_class_uid,
        series_instance_uid=row.series_instance_uid,
        study_instance_uid=row.study_instance_uid,
        frame_numbers=tuple(row.frame_numbers),
    )


def whole_instance(version: OverlayVersion) -> Instance:
    """Everything that the version says, read from its bytes: where its frames lie is kept nowhere else.

    Raises Unavailable where the bytes cannot be read any more.
    """
    try:
        with on_disk(version.sha256) as path:
            found = inspect(path, bounds=Bounds(max_bytes=version.size), passed=True).instance
    except OSError:
        found = None
    if found is None:
        raise Unavailable(f"The stored bytes of version {version.sop_instance_uid} cannot be read.")
    return found


def instance_of(version: OverlayVersion, references: Iterable[SourceReference]) -> Instance:
    """What is kept beside the bytes of the version: patient, study, frame of reference and grid, with these of its references."""
    return Instance(
        family=Family(version.overlay.kind),
        sop_class_uid=version.sop_class_uid,
        sop_instance_uid=version.sop_instance_uid,
        study_instance_uid=version.study.study_instance_uid,
        series_instance_uid=version.series.series_instance_uid,
        transfer_syntax_uid=version.transfer_syntax_uid,
        modality=version.modality,
        patient=Patient(patient_id=version.patient_id, name=version.patient_name),
        study=StudyAttributes(),
        series=SeriesAttributes(),
        equipment=Equipment(),
        frame_of_reference_uid=version.frame_of_reference_uid,
        number_of_frames=version.number_of_frames,
        grid=grid_from_json(version.grid),
        references=tuple(reference_of(row) for row in references),
    )
