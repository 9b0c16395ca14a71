"""Says how a result stands to what the registry knows: who made it, what its sources are, where it would begin; reads only."""

from dataclasses import dataclass

from django.conf import settings

from overlays.dicom.against_sources import compare
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Instance
from overlays.dicom.model_identity import ModelClaim, claimed_model
from overlays.governance.actor import Actor
from overlays.governance.vocabulary import ReviewState, Verification
from overlays.models import AIModel, ModelVersion, OverlayVersion, Study
from overlays.queries.known_sources import known_sources
from overlays.queries.registered_models import may_post_for, model_named, version_of
from overlays.services.highdicom_reading import reads_later
from overlays.services.locking import share_model_name
from overlays.services.look_up_sources import LookedUp
from overlays.services.outcomes import Refusal, Refused
from overlays.services.registry_findings import finding
from overlays.services.verify_sources import verification


@dataclass(frozen=True, kw_only=True)
class Maker:
    """The model version that the object claims to be made by, and what of it is registered; nothing of a correction."""

    claim: ModelClaim | None = None
    model: AIModel | None = None
    model_version: ModelVersion | None = None
    findings: tuple[Finding, ...] = ()


def maker_of(*, actor: Actor, instance: Instance) -> Maker:
    """The maker; its model's name is shared until the transaction ends. Raises Refused when the client may not post for the model."""
    claim, findings = claimed_model(instance, None, policy=settings.OVERLAYS_RULES)
    if claim is None:
        return Maker(findings=findings)
    share_model_name(claim.name)
    model = model_named(claim.name, claim.manufacturer)
    if model is None:
        return Maker(claim=claim, findings=findings)
    if not may_post_for(model, actor.client_id):
        refused = finding("REG-003", client=actor.client_id or actor.name, model=model.name)
        raise Refused(Refusal.NOT_PERMITTED, (refused,))
    return Maker(claim=claim, model=model, model_version=version_of(model, claim.version), findings=findings)


def against_sources(
    *, actor: Actor, instance: Instance, study: Study | None, looked: LookedUp
) -> tuple[Verification, tuple[Finding, ...]]:
    """What looking up the sources shows; ``study`` is the object's own, None where it is new; ``looked`` what the archive told before.

    The study's patient counts even where none of the named instances is known. Of sources that the grant does not reach nothing is told
    but how many they are.
    """
    known = [*known_sources([reference.sop_instance_uid for reference in instance.references]), *looked.sources]
    reached = [source for source in known if actor.may_reach(source.study_instance_uid)]
    findings = compare(instance, reached, policy=settings.OVERLAYS_RULES)
    if len(reached) < len(known):
        beyond, total = len(known) - len(reached), len(instance.references)
        findings += (finding("REG-018", count=beyond, total=total),)
    found, about_sources = verification(instance, known, answered=looked.answered)
    if study is not None and study.patient_id != instance.patient.patient_id[:64]:
        if not study.has_sources:
            findings += (finding("REG-010", Severity.WARNING),)
        elif not known:
            findings += (finding("REG-016"),)
    return found, findings + about_sources


def first_state(*, size: int, maker: Maker, parent: OverlayVersion | None) -> ReviewState:
    """The review state in which a version of so many bytes begins."""
    if reads_later(size):
        return ReviewState.VALIDATING
    return ReviewState.PENDING if maker.model_version or parent else ReviewState.QUARANTINED
