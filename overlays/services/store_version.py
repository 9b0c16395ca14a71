"""Stores a result as the next version of its line."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Instance
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState, Verification
from overlays.models import Overlay, OverlayVersion, Series, SourceReference, Study
from overlays.queries.unverified import OPEN
from overlays.services.audit import record
from overlays.services.background import enqueue
from overlays.services.correction import against_parent, corrected_version
from overlays.services.keep_bytes import keep_bytes
from overlays.services.line import line_of, next_number
from overlays.services.locking import lock_overlays
from overlays.services.look_up_sources import LookedUp, looks_in_archive
from overlays.services.outcomes import Refusal, refuse_on_errors
from overlays.services.place import place_series, place_study
from overlays.services.said import said_by
from overlays.services.spool import Received
from overlays.services.standing import Maker, against_sources, first_state, maker_of
from overlays.services.take_uid import take_uid
from overlays.services.verify_sources import verify_again


def store_version(
    *,
    actor: Actor,
    at: datetime,
    received: Received,
    post: UUID,
    instance: Instance,
    findings: tuple[Finding, ...],
    looked: LookedUp,
) -> tuple[Finding, ...]:
    """Store the instance; a reviewer's is a correction.

    ``looked`` is what the archive has of its sources. Returns every finding; raises Refused.

    Runs in the caller's transaction.
    """
    is_correction = actor.may(Action.STORE_CORRECTION)
    actor.require(Action.STORE_CORRECTION if is_correction else Action.STORE_INSTANCES)
    maker = Maker() if is_correction else maker_of(actor=actor, instance=instance)
    findings += maker.findings
    study = place_study(instance)
    take_uid(instance, received)
    series = place_series(instance, study)
    parent = corrected_version(actor=actor, instance=instance, post=post) if is_correction else None
    findings += against_parent(instance, parent) if parent else ()
    found, about_sources = against_sources(actor=actor, instance=instance, study=study, looked=looked)
    findings += about_sources
    refuse_on_errors(findings, Refusal.RULES_BROKEN)
    if parent:
        lock_overlays([parent.overlay_id])
        overlay = Overlay.objects.get(pk=parent.overlay_id)
    else:
        overlay = line_of(instance=instance, claim=maker.claim, model=maker.model, study=study, at=at)
    claim = maker.claim
    version = _create(
        actor=actor,
        at=at,
        received=received,
        post=post,
        instance=instance,
        study=study,
        series=series,
        overlay=overlay,
        parent=parent,
        maker=maker,
        found=found,
        findings=findings,
    )
    record(
        actor=actor,
        at=at,
        event=Event.VERSION_STORED,
        subject=version.sop_instance_uid,
        study=study.study_instance_uid,
        number=version.number,
        modality=version.modality,
        model=f"{claim.name} {claim.version}" if claim else ("a correction" if parent else "unknown model"),
        sha256=version.sha256,
        overlay=str(overlay.pk),
        review_state=version.review_state,
        verification=version.verification,
    )
    verify_again(actor=actor, at=at, sop_instance_uid=version.sop_instance_uid)
    if looks_in_archive():
        _look_up_later(version)
    return findings


def _look_up_later(version: OverlayVersion) -> None:
    """Itself, where its sources are not all known, and those that name it and wait for others."""
    naming = OverlayVersion.objects.filter(source_references__sop_instance_uid=version.sop_instance_uid)
    uids = set(naming.filter(verification__in=OPEN).values_list("sop_instance_uid", flat=True))
    if version.verification in OPEN and version.source_count:
        uids.add(version.sop_instance_uid)
    for uid in sorted(uids):
        enqueue("recheck_sources", uid)


def _content(instance: Instance) -> dict:
    return {
        "schema": 1,
        "segmentation_type": instance.segmentation_type,
        "segments": [asdict(segment) for segment in instance.segments],
        "title": instance.document_title.meaning if instance.document_title else "",
        "groups": [asdict(group) for group in instance.measurement_groups],
        "tree": [asdict(line) for line in instance.content_tree],
        "regions": [asdict(region) for region in instance.regions],
        "annotations": [asdict(group) for group in instance.annotation_groups],
        "mappings": [asdict(mapping) for mapping in instance.value_mappings],
        "display": asdict(instance.display) if instance.display else None,
        "approval_status": instance.approval_status,
        "description": instance.content_description,
        "creator": instance.content_creator,
        "qualification": instance.content_qualification,
        "equipment": asdict(instance.equipment),
    }


def _create(
    *,
    actor: Actor,
    at: datetime,
    received: Received,
    post: UUID,
    instance: Instance,
    study: Study,
    series: Series,
    overlay: Overlay,
    parent: OverlayVersion | None,
    maker: Maker,
    found: Verification,
    findings: tuple[Finding, ...],
) -> OverlayVersion:
    claim = maker.claim
    state = first_state(size=received.size, maker=maker, parent=parent)
    if state is ReviewState.VALIDATING:
        enqueue("finish_validation", instance.sop_instance_uid)
    version = OverlayVersion.objects.create(
        overlay=overlay,
        number=next_number(overlay),
        study=study,
        series=series,
        bytes=keep_bytes(received=received, at=at),
        sha256=received.sha256,
        size=received.size,
        **said_by(instance),
        modality=instance.modality,
        content=_content(instance),
        claims=[asdict(named) for named in instance.algorithms],
        claimed_name=claim.name[:64] if claim else "",
        claimed_version=claim.version[:64] if claim else "",
        claimed_manufacturer=claim.manufacturer[:64] if claim else "",
        source_count=len(instance.references),
        findings=[each.as_json() for each in findings],
        parent=parent,
        author=actor.name if parent else "",
        post=post,
        stored_at=at,
        stored_by=actor.name,
        stored_by_key=actor.key,
        stored_by_client=actor.client_id,
        model_version=maker.model_version,
        review_state=state.value,
        verification=found.value,
    )
    SourceReference.objects.bulk_create(
        SourceReference(
            version=version,
            sop_instance_uid=reference.sop_instance_uid,
            sop_class_uid=reference.sop_class_uid,
            series_instance_uid=reference.series_instance_uid,
            study_instance_uid=reference.study_instance_uid,
            frame_numbers=list(reference.frame_numbers),
        )
        for reference in instance.references
    )
    return version
