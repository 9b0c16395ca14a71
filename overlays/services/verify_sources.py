"""Looks up the source instances that a version names, at the post and again when one of them arrives."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Instance, KnownSource
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.vocabulary import Verification
from overlays.models import OverlayVersion, SourceInstance, SourceReference
from overlays.queries.known_sources import known_sources
from overlays.services.audit import record
from overlays.services.registry_findings import finding


def verification(instance: Instance, known: Sequence[KnownSource]) -> tuple[Verification, tuple[Finding, ...]]:
    """What the look-up showed, for an instance that does not contradict any known source."""
    names = [reference.sop_instance_uid for reference in instance.references]
    there = {source.sop_instance_uid for source in known}
    absent = [uid for uid in names if uid not in there]
    if not absent:
        return Verification.VERIFIED, ()
    if settings.OVERLAYS_SOURCE_STORE == "none":
        return Verification.UNVERIFIED, ()
    return Verification.MISSING, (
        finding("REG-012", Severity.WARNING, count=len(absent), total=len(names), first=absent[0]),
    )


def contradicts(version: OverlayVersion, source: KnownSource) -> bool:
    """Whether the source belongs to another patient, study or frame of reference than the version says."""
    other_frame = (
        version.frame_of_reference_uid
        and source.frame_of_reference_uid
        and version.frame_of_reference_uid != source.frame_of_reference_uid
    )
    return bool(
        other_frame
        or version.study.study_instance_uid != source.study_instance_uid
        or version.patient_id != source.patient_id
    )


def _all_there(version: OverlayVersion) -> bool:
    names = version.source_references.values("sop_instance_uid")
    images = SourceInstance.objects.filter(sop_instance_uid__in=names).count()
    return images + OverlayVersion.objects.filter(sop_instance_uid__in=names).count() == version.source_count


def _after_arrival(version: OverlayVersion, source: KnownSource) -> str:
    if contradicts(version, source):
        return Verification.CONFLICT.value
    if version.verification == Verification.CONFLICT or not _all_there(version):
        return version.verification  # one arrival neither takes a contradiction back nor completes the set
    return Verification.VERIFIED.value


def verify_again(*, actor: Actor, at: datetime, sop_instance_uid: str) -> None:
    """Look again at every version that names the instance, which has just arrived.

    Runs in the caller's transaction, which holds the lock on the study; what changed gets an audit entry.
    """
    naming = SourceReference.objects.filter(sop_instance_uid=sop_instance_uid).values("version")
    versions = list(OverlayVersion.objects.filter(pk__in=naming).select_related("study"))
    arrived = list(known_sources([sop_instance_uid])) if versions else []
    for version in versions:
        before, version.verification = version.verification, _after_arrival(version, arrived[0])
        if version.verification == before:
            continue
        version.save(update_fields=["verification"])
        record(
            actor=actor,
            at=at,
            event=Event.VERSION_VERIFICATION,
            subject=version.sop_instance_uid,
            study=version.study.study_instance_uid,
            before=before,
            verification=version.verification,
        )
