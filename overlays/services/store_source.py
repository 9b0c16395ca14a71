"""Stores a source image, where the registry itself holds the sources."""

from datetime import datetime

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Instance
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.models import SourceInstance, Study
from overlays.services.audit import record
from overlays.services.keep_bytes import keep_bytes
from overlays.services.place import place_series, place_study, require_same_patient
from overlays.services.said import said_by
from overlays.services.spool import Received
from overlays.services.take_uid import take_uid
from overlays.services.verify_sources import verify_again, verify_patient


def store_source(
    *, actor: Actor, at: datetime, received: Received, instance: Instance, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Store the image and look again at the versions that name it. Returns the findings; raises Refused.

    Runs in the caller's transaction.
    """
    actor.require(Action.STORE_SOURCES)
    had_sources = Study.objects.filter(study_instance_uid=instance.study_instance_uid, has_sources=True).exists()
    study = place_study(instance)
    if had_sources:
        require_same_patient(instance=instance, study=study, findings=findings)
    take_uid(instance, received)
    source = SourceInstance.objects.create(
        series=place_series(instance, study),
        bytes=keep_bytes(received=received, at=at),
        **said_by(instance),
        stored_at=at,
        stored_by=actor.name,
    )
    record(
        actor=actor,
        at=at,
        event=Event.SOURCE_STORED,
        subject=source.sop_instance_uid,
        study=study.study_instance_uid,
        sha256=received.sha256,
    )
    if not had_sources:
        verify_patient(actor=actor, at=at, study=study)
    verify_again(actor=actor, at=at, sop_instance_uid=source.sop_instance_uid)
    return findings
