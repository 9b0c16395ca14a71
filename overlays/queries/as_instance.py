"""Gives a stored version back to the DICOM core, as far as rules about its sources ask."""

from collections.abc import Iterable

from overlays.dicom.instance import (
    Equipment,
    Family,
    Instance,
    Patient,
    Reference,
    SeriesAttributes,
    StudyAttributes,
)
from overlays.models import OverlayVersion, SourceReference
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


def instance_of(version: OverlayVersion, references: Iterable[SourceReference]) -> Instance:
    """What the version says of patient, study, frame of reference and grid, with these of its references."""
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
