"""Puts an instance's study and series into the registry's tables, under a lock on the study."""

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Family, Instance
from overlays.models import Series, Study
from overlays.services.outcomes import Refusal, Refused
from overlays.services.registry_findings import finding

_STUDY_WIDTHS = {field.name: field.max_length for field in Study._meta.concrete_fields if field.max_length}
_SERIES_WIDTHS = {field.name: field.max_length for field in Series._meta.concrete_fields if field.max_length}


def _study_values(instance: Instance) -> dict[str, str]:
    values = {
        "patient_id": instance.patient.patient_id,
        "issuer_of_patient_id": instance.patient.issuer,
        "patient_name": instance.patient.name,
        "patient_birth_date": instance.patient.birth_date,
        "patient_sex": instance.patient.sex,
        "study_date": instance.study.date,
        "study_time": instance.study.time,
        "accession_number": instance.study.accession_number,
        "study_id": instance.study.study_id,
        "study_description": instance.study.description,
        "referring_physician": instance.study.referring_physician,
    }
    # Over-long values were found and told by the rules; a search index keeps what fits.
    return {name: value[: _STUDY_WIDTHS[name]] for name, value in values.items()}


def place_study(instance: Instance) -> Study:
    """The study, made when it is new, its row locked for the transaction.

    The first source image of a study sets its patient and study attributes, whatever overlays that came before it said.
    """
    values = _study_values(instance)
    is_source = instance.family is Family.IMAGE
    uid = instance.study_instance_uid
    locked = Study.objects.select_for_update()
    study, _ = locked.get_or_create(study_instance_uid=uid, defaults=values | {"has_sources": is_source})
    if is_source and not study.has_sources:
        for name, value in values.items():
            setattr(study, name, value)
        study.has_sources = True
        study.save()
    return study


def place_series(instance: Instance, study: Study) -> Series:
    """The series, made when it is new. Raises Refused when it is known as part of another study.

    As of the study, the first source image sets its attributes, whatever overlays that came before it said.
    """
    values = {
        "modality": instance.modality,
        "series_description": instance.series.description,
        "series_date": instance.series.date,
        "series_time": instance.series.time,
        "body_part": instance.series.body_part,
    }
    values = {name: value[: _SERIES_WIDTHS[name]] for name, value in values.items()}
    values["series_number"] = instance.series.number
    series, made = Series.objects.get_or_create(
        series_instance_uid=instance.series_instance_uid, defaults=values | {"study": study}
    )
    if series.study_id != study.pk:
        raise _of_another_study(instance)
    if not made and instance.family is Family.IMAGE and not series.source_instances.exists():
        for name, value in values.items():
            setattr(series, name, value)
        series.save()
    return series


def known_study(instance: Instance) -> Study | None:
    """The instance's study, where it is known."""
    return Study.objects.filter(study_instance_uid=instance.study_instance_uid).first()


def require_place(instance: Instance) -> None:
    """Raise Refused when the series is known as part of another study; writes nothing."""
    series = Series.objects.filter(series_instance_uid=instance.series_instance_uid)
    if series.exclude(study__study_instance_uid=instance.study_instance_uid).exists():
        raise _of_another_study(instance)


def require_same_patient(*, instance: Instance, study: Study, findings: tuple[Finding, ...]) -> None:
    """Raise Refused when a source image is of another patient than the source images of its study; ``findings`` are told with it."""
    if study.patient_id != instance.patient.patient_id[:64]:
        raise Refused(Refusal.RULES_BROKEN, (*findings, finding("REG-011")))


def _of_another_study(instance: Instance) -> Refused:
    found = finding("REG-006", series=instance.series_instance_uid, study=instance.study_instance_uid)
    return Refused(Refusal.RULES_BROKEN, (found,))
