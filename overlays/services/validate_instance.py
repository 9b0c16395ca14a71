"""Says all that storing an instance would say, and stores nothing of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Family, Instance
from overlays.governance.actor import Actor
from overlays.governance.errors import NotPermitted
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState, Verification
from overlays.services.audit import record
from overlays.services.correction import against_parent, corrected_version
from overlays.services.examine import SUBMIT, examine
from overlays.services.look_up_sources import look_up_sources
from overlays.services.outcomes import Outcome, Refusal, refuse_on_errors, rules_broken
from overlays.services.place import known_study, require_place, require_same_patient
from overlays.services.spool import Received
from overlays.services.standing import Maker, against_sources, first_state, maker_of


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """As what a result would be stored: its model version, its first review state, what the look-up of its sources shows."""

    maker: Maker
    review_state: ReviewState
    verification: Verification


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What storing would answer; ``prospect`` is None for what would be refused, is stored already, or is a source image."""

    outcome: Outcome
    prospect: Prospect | None


def validate_instance(*, actor: Actor, at: datetime, received: Received) -> Validation:
    """Take one instance through every check that storing it would.

    Nothing of it is kept but an audit entry: how an object compares with the sources tells something of their patient, and that somebody
    asked must be known. Raises NotPermitted when the actor may not post at all.
    """
    if not any(actor.may(action) for action in SUBMIT):
        raise NotPermitted(f"{actor.name} may not {Action.STORE_INSTANCES}.", action=str(Action.STORE_INSTANCES))
    prospects: list[Prospect] = []

    def keep(instance: Instance, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if instance.family is Family.IMAGE:
            return _as_source(instance, findings)
        prospect, findings = _as_version(actor, received, instance, findings)
        prospects.append(prospect)
        return findings

    found = examine(actor=actor, received=received, posted_to=None, keep=keep)
    with transaction.atomic():
        record(
            actor=actor,
            at=at,
            event=Event.INSTANCE_CHECKED,
            subject=found.sop_instance_uid[:64] if found.study_instance_uid else "",
            study=found.study_instance_uid[:64],
            rules=rules_broken(found.findings) or "nothing",
            refusal=str(found.refusal or ""),
        )
    return Validation(outcome=found, prospect=prospects[0] if prospects else None)


def _as_source(instance: Instance, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    study = known_study(instance)
    if study is not None and study.has_sources:
        require_same_patient(instance=instance, study=study, findings=findings)
    require_place(instance)
    return findings


def _as_version(
    actor: Actor, received: Received, instance: Instance, findings: tuple[Finding, ...]
) -> tuple[Prospect, tuple[Finding, ...]]:
    is_correction = actor.may(Action.STORE_CORRECTION)
    actor.require(Action.STORE_CORRECTION if is_correction else Action.STORE_INSTANCES)
    maker = Maker() if is_correction else maker_of(actor=actor, instance=instance)
    findings += maker.findings
    require_place(instance)
    parent = corrected_version(actor=actor, instance=instance) if is_correction else None
    findings += against_parent(instance, parent) if parent else ()
    found, about_sources = against_sources(
        actor=actor, instance=instance, study=known_study(instance), looked=look_up_sources(instance)
    )
    findings += about_sources
    refuse_on_errors(findings, Refusal.RULES_BROKEN)
    state = first_state(size=received.size, maker=maker, parent=parent)
    return Prospect(maker=maker, review_state=state, verification=found), findings
