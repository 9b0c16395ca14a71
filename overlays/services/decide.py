"""Answers what may be rendered, and remembers each answer before it is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from overlays.governance.actor import Actor
from overlays.governance.permissions import Action
from overlays.governance.policy import DEFAULT_POLICY, Policy
from overlays.governance.vocabulary import Purpose
from overlays.models import RenderDecision
from overlays.queries.gate import Ruling, rulings_for_instances, rulings_for_study
from overlays.services.soon_durable import insert_soon_durable

ACTION_OF_PURPOSE: dict[Purpose, Action] = {
    Purpose.CLINICAL: Action.DECIDE_CLINICAL,
    Purpose.REVIEW: Action.DECIDE_REVIEW,
    Purpose.RESEARCH: Action.DECIDE_RESEARCH,
}
"""What an actor must be allowed, to ask for each purpose."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A render decision: the rulings, under which policy, from when to when."""

    decision_id: UUID
    purpose: Purpose
    policy: Policy
    evaluated_at: datetime
    expires_at: datetime
    rulings: tuple[Ruling, ...]


def decide_for_study(*, actor: Actor, at: datetime, decision_id: UUID, study: str, purpose: Purpose) -> Answer:
    """The decision on every version of a study. Raises NotPermitted."""
    actor.require(ACTION_OF_PURPOSE[purpose])
    rulings = rulings_for_study(actor=actor, study=study, purpose=purpose)
    return _answer(actor, at, decision_id, study, purpose, rulings)


def decide_for_instances(
    *, actor: Actor, at: datetime, decision_id: UUID, wanted: Sequence[tuple[str, str | None]], purpose: Purpose
) -> Answer:
    """The decision on named instances, of any study, each with the digest the asker holds or None. Raises NotPermitted."""
    actor.require(ACTION_OF_PURPOSE[purpose])
    rulings = rulings_for_instances(actor=actor, wanted=wanted, purpose=purpose)
    return _answer(actor, at, decision_id, "", purpose, rulings)


def _answer(
    actor: Actor, at: datetime, decision_id: UUID, study: str, purpose: Purpose, rulings: list[Ruling]
) -> Answer:
    answer = Answer(
        decision_id=decision_id,
        purpose=purpose,
        policy=DEFAULT_POLICY,
        evaluated_at=at,
        expires_at=at + timedelta(seconds=settings.OVERLAYS_DECISION_SECONDS),
        rulings=tuple(rulings),
    )
    insert_soon_durable(
        RenderDecision(
            id=decision_id,
            purpose=purpose.value,
            study_instance_uid=study,
            policy=DEFAULT_POLICY.name,
            policy_version=DEFAULT_POLICY.version,
            rulings=[
                [
                    ruling.sop_instance_uid,
                    ruling.verdict.value,
                    [code for code, _ in ruling.reasons],
                    ruling.version.sha256 if ruling.version else "",
                ]
                for ruling in rulings
            ],
            evaluated_at=answer.evaluated_at,
            expires_at=answer.expires_at,
            actor_key=actor.key,
            actor_name=actor.name,
            client_id=actor.client_id,
            correlation_id=actor.correlation_id,
        )
    )
    return answer
