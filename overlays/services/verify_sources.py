"""Looks up the source instances that a version names, at the post and again when one of them arrives."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from overlays.dicom.against_sources import compare
from overlays.dicom.findings import Finding, Severity, refuses
from overlays.dicom.instance import Family, Instance, KnownSource
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.governance.actor import Actor
from overlays.governance.errors import Unavailable
from overlays.governance.events import Event
from overlays.governance.vocabulary import Verification
from overlays.models import OverlayVersion, SourceInstance, SourceReference, Study
from overlays.queries.as_instance import instance_of, whole_instance
from overlays.queries.known_sources import known_sources
from overlays.services.audit import record
from overlays.services.locking import lock_overlays
from overlays.services.registry_findings import finding
from overlays.services.supersede import settle_accepted

log = logging.getLogger(__name__)

_NOT_NEEDED = ("attributes", "content", "claims", "findings", "pixels")
_CAPTURES = [uid for uid, row in SOP_CLASSES.items() if row.family is Family.SECONDARY_CAPTURE]
_MAY_NAME_CAPTURES = frozenset((Family.STRUCTURED_REPORT, Family.KEY_OBJECTS, Family.PRESENTATION_STATE))
"""Families that are about what was made as much as about what was acquired; all others are computed from images."""


def verification(
    instance: Instance, known: Sequence[KnownSource], *, answered: bool = True
) -> tuple[Verification, tuple[Finding, ...]]:
    """What the look-up showed, for an instance that does not contradict any known source.

    Nothing is verified of an object that names no source, nor by a secondary capture, which is no image that anything acquired
    (decision 0013). ``answered`` is False where the archive that should hold them could not tell.
    """
    names = [reference.sop_instance_uid for reference in instance.references]
    there = {source.sop_instance_uid for source in known}
    absent = [uid for uid in names if uid not in there]
    if not absent:
        drawn = (
            [] if instance.family in _MAY_NAME_CAPTURES else [each for each in known if each.sop_class_uid in _CAPTURES]
        )
        if drawn:
            told = finding(
                "REG-017", Severity.WARNING, count=len(drawn), total=len(names), first=drawn[0].sop_instance_uid
            )
            return Verification.UNVERIFIED, (told,)
        return (Verification.VERIFIED if names else Verification.UNVERIFIED), ()
    if settings.OVERLAYS_SOURCE_STORE == "none":
        return Verification.UNVERIFIED, ()
    if not answered:
        told = finding("REG-019", Severity.WARNING, count=len(absent), total=len(names))
        return Verification.UNVERIFIED, (told,)
    return Verification.MISSING, (
        finding("REG-012", Severity.WARNING, count=len(absent), total=len(names), first=absent[0]),
    )


def _all_there(version: OverlayVersion) -> bool:
    """Whether every source is known, and by what may count as one."""
    names = version.source_references.values("sop_instance_uid")
    images = SourceInstance.objects.filter(sop_instance_uid__in=names).count()
    results = OverlayVersion.objects.filter(sop_instance_uid__in=names)
    if Family(version.overlay.kind) not in _MAY_NAME_CAPTURES:
        results = results.exclude(sop_class_uid__in=_CAPTURES)
    return images + results.count() == version.source_count


def _after_arrival(version: OverlayVersion, reference: SourceReference, source: KnownSource) -> str:
    if version.verification == Verification.CONFLICT:
        return version.verification  # an arrival takes no contradiction back
    contradicts = refuses(compare(instance_of(version, [reference]), [source], policy=settings.OVERLAYS_RULES))
    if contradicts or _all_there(version):
        return _of_all(version, unread=Verification.CONFLICT.value if contradicts else version.verification)
    return version.verification


def _of_all(version: OverlayVersion, *, unread: str) -> str:
    """How the version stands to all of its sources that are known; ``unread`` where its bytes cannot be read.

    Where its frames, contours and segments lie only the bytes say, and what one source contradicts may be right beside the others: a
    report of its own study may compare with an earlier one.
    """
    try:
        instance = whole_instance(version)
    except Unavailable as fault:
        log.error("sources of %s are not verified: %s", version.sop_instance_uid, fault.sentence)
        return unread
    known = list(known_sources([each.sop_instance_uid for each in instance.references]))
    return stands(instance, known).value


def stands(instance: Instance, known: Sequence[KnownSource]) -> Verification:
    """How a whole instance stands to the sources that are known: in conflict, or as ``verification`` says."""
    if refuses(compare(instance, known, policy=settings.OVERLAYS_RULES)):
        return Verification.CONFLICT
    return verification(instance, known)[0]


def note_verification(*, actor: Actor, at: datetime, version: OverlayVersion, found: str) -> bool:
    """Write down what a look at the sources showed; whether it is news. The caller holds the lock on the version's overlay."""
    before = version.verification
    if found == before:
        return False
    version.verification = found
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
    return True


def contradicts_study(version: OverlayVersion) -> bool:
    """Whether the study's source images are of another patient, whatever images the version names."""
    return version.study.has_sources and version.patient_id != version.study.patient_id


def verify_patient(*, actor: Actor, at: datetime, study: Study) -> None:
    """Put every version of another patient in conflict, after the first source image of the study has said whose it is.

    Those too that name results alone, which no image can contradict. Runs in the caller's transaction, which holds the lock on the study.
    """
    others = study.versions.exclude(patient_id=study.patient_id).exclude(verification=Verification.CONFLICT.value)
    lock_overlays(others.values_list("overlay_id", flat=True))
    for version in others.select_related("study").defer(*_NOT_NEEDED).order_by("pk"):
        note_verification(actor=actor, at=at, version=version, found=Verification.CONFLICT.value)


def verify_again(*, actor: Actor, at: datetime, sop_instance_uid: str) -> None:
    """Look again at every version that names the instance, which has just been stored, by the rules that hold at a post.

    Runs in the caller's transaction, which holds the lock on the study; what changed gets an audit entry.
    """
    naming = SourceReference.objects.filter(sop_instance_uid=sop_instance_uid)
    overlays = list(naming.values_list("version__overlay_id", flat=True))
    if not overlays:
        return
    lock_overlays(overlays)
    (arrived,) = known_sources([sop_instance_uid])
    related = naming.select_related("version__overlay", "version__study", "version__series")
    changed = []
    for reference in related.defer(*(f"version__{name}" for name in _NOT_NEEDED)).order_by("version_id"):
        version = reference.version
        found = _after_arrival(version, reference, arrived)
        if note_verification(actor=actor, at=at, version=version, found=found):
            changed.append(version.pk)
    if changed:
        settle_accepted(actor, at, OverlayVersion.objects.filter(pk__in=changed))
