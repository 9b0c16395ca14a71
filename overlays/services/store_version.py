"""Stores a result as the next version of its line."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from overlays.dicom.against_sources import compare
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Instance
from overlays.dicom.model_identity import ModelClaim, claimed_model
from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState, Verification
from overlays.models import AIModel, ModelVersion, Overlay, OverlayVersion, Series, SourceReference, Study
from overlays.queries.known_sources import known_sources
from overlays.queries.registered_models import may_post_for, model_named, version_of
from overlays.services.audit import record
from overlays.services.background import enqueue
from overlays.services.correction import corrected_version
from overlays.services.highdicom_reading import reads_later
from overlays.services.keep_bytes import keep_bytes
from overlays.services.line import line_of, next_number
from overlays.services.locking import lock_overlays, share_model_name
from overlays.services.outcomes import Refusal, Refused, refuse_on_errors
from overlays.services.place import place_series, place_study
from overlays.services.registry_findings import finding
from overlays.services.said import said_by
from overlays.services.spool import Received
from overlays.services.take_uid import take_uid
from overlays.services.verify_sources import verification, verify_again


def store_version(
    *, actor: Actor, at: datetime, received: Received, post: UUID, instance: Instance, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Store the instance; a reviewer's is a correction. Returns every finding; raises Refused.

    Runs in the caller's transaction.
    """
    is_correction = actor.may(Action.STORE_CORRECTION)
    actor.require(Action.STORE_CORRECTION if is_correction else Action.STORE_INSTANCES)
    parent, claim, model, model_version = None, None, None, None
    if not is_correction:
        claim, about_model = claimed_model(instance, None)
        findings += about_model
        model, model_version = _registered(actor, claim)
    study = place_study(instance)
    take_uid(instance, received)
    series = place_series(instance, study)
    if is_correction:
        parent = corrected_version(actor=actor, instance=instance)
    found, about_sources = _against_sources(instance, study)
    findings += about_sources
    refuse_on_errors(findings, Refusal.RULES_BROKEN)
    if parent:
        lock_overlays([parent.overlay_id])
        overlay = Overlay.objects.get(pk=parent.overlay_id)
    else:
        overlay = line_of(instance=instance, claim=claim, model=model, study=study, at=at)
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
        claim=claim,
        model_version=model_version,
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
    return findings


def _registered(actor: Actor, claim: ModelClaim | None) -> tuple[AIModel | None, ModelVersion | None]:
    """The registered model and version that the object claims. Raises Refused when the client may not post for the model."""
    if claim is None:
        return None, None
    share_model_name(claim.name)
    model = model_named(claim.name, claim.manufacturer)
    if model is None:
        return None, None
    if not may_post_for(model, actor.client_id):
        refused = finding("REG-003", client=actor.client_id or actor.name, model=model.name)
        raise Refused(Refusal.NOT_PERMITTED, (refused,))
    return model, version_of(model, claim.version)


def _against_sources(instance: Instance, study: Study) -> tuple[Verification, tuple[Finding, ...]]:
    """What looking up the sources shows; the study's own patient counts even where none of the named instances is known."""
    known = list(known_sources([reference.sop_instance_uid for reference in instance.references]))
    findings = compare(instance, known)
    found, about_sources = verification(instance, known)
    if study.patient_id != instance.patient.patient_id[:64]:
        if not study.has_sources:
            findings += (finding("REG-010", Severity.WARNING),)
        elif not known:
            findings += (finding("REG-016"),)
    return found, findings + about_sources


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
    claim: ModelClaim | None,
    model_version: ModelVersion | None,
    found: Verification,
    findings: tuple[Finding, ...],
) -> OverlayVersion:
    if reads_later(received.size):
        state = ReviewState.VALIDATING
        enqueue("finish_validation", instance.sop_instance_uid)
    else:
        state = ReviewState.PENDING if model_version or parent else ReviewState.QUARANTINED
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
        model_version=model_version,
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
