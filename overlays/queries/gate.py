"""Asks the render policy about stored versions: the one function behind decisions, searches and retrieval."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from overlays.governance.actor import Actor
from overlays.governance.labels import Naming, label, reason_text, warning
from overlays.governance.policy import DEFAULT_POLICY, Facts, Policy, Reason, rule
from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification
from overlays.models import OverlayVersion
from overlays.queries.governed import Governed, governed_by_uid, governed_of_study, newer_waits
from overlays.queries.showable import sound_behind, words_shown

log = logging.getLogger(__name__)

_NOT_NEEDED = ("attributes", "content", "claims", "findings", "grid", "pixels")


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The policy's answer for one instance; ``version`` is None where the registry does not know it, or must not say so."""

    sop_instance_uid: str
    version: Governed | None
    verdict: Verdict
    reasons: tuple[tuple[str, str], ...]
    """Code and sentence of each."""
    label: str
    warning: str | None


def with_facts(versions: QuerySet[OverlayVersion]) -> QuerySet[OverlayVersion]:
    """The versions as model instances, with all that the policy asks about, in one query."""
    return (
        versions.select_related("overlay", "study", "series", "model_version__model")
        .defer(*_NOT_NEEDED)
        .annotate(newer_waits=newer_waits())
        .order_by("overlay_id", "number")
    )


def facts_of(version: Governed, *, digest: str | None = None) -> Facts:
    """The facts of a version. Raises ValueError for a word the vocabularies do not know."""
    return Facts(
        review_state=ReviewState(version.review_state),
        model_status=ModelStatus(version.model_status) if version.model_status is not None else None,
        verification=Verification(version.verification),
        human_author=bool(version.author),
        newer_waits=version.newer_waits,
        digest_matches=digest is None or digest == version.sha256,
    )


def naming_of(version: Governed) -> Naming:
    """What a label says of the version."""
    return Naming(
        model_name=version.claimed_name,
        model_version=version.claimed_version,
        review_state=ReviewState(version.review_state),
        author=version.author,
        reviewer=version.reviewed_by,
        reviewed=localdate(version.reviewed_at) if version.reviewed_at else None,
    )


def _withheld(uid: str, version: Governed | None, code: str) -> Ruling:
    nobody = Naming(model_name="", model_version="", review_state=ReviewState.PENDING)
    text = reason_text(Reason(code=code, allows=Verdict.WITHHOLD), nobody)
    return Ruling(
        sop_instance_uid=uid,
        version=version,
        verdict=Verdict.WITHHOLD,
        reasons=((code, text),),
        label="AI · unknown · withheld",
        warning=None,
    )


def _rule(version: Governed, purpose: Purpose, policy: Policy, digest: str | None) -> Ruling:
    try:
        verdict, reasons = rule(facts_of(version, digest=digest), purpose, policy)
        naming = naming_of(version)
        sentences = tuple((reason.code, reason_text(reason, naming)) for reason in reasons)
        return Ruling(
            sop_instance_uid=version.sop_instance_uid,
            version=version,
            verdict=verdict,
            reasons=sentences,
            label=label(naming),
            warning=warning(verdict, [text for _, text in sentences]),
        )
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong here, the gate fails closed
        log.error("withheld %s: %s", version.sop_instance_uid, type(error).__name__)
        return _withheld(version.sop_instance_uid, version, "internal_fault")


def rulings_for_study(*, actor: Actor, study: str, purpose: Purpose, policy: Policy = DEFAULT_POLICY) -> list[Ruling]:
    """The ruling on every version of the study, by overlay and number; none where the actor's grant does not reach it."""
    if not actor.may_reach(study):
        return []
    return [_rule(version, purpose, policy, None) for version in governed_of_study(study)]


def rulings_for_instances(
    *,
    actor: Actor,
    wanted: Sequence[tuple[str, str | None]],
    purpose: Purpose,
    policy: Policy = DEFAULT_POLICY,
) -> list[Ruling]:
    """The ruling on each named instance, in the order asked; with a digest, the bytes that the asker holds must be the stored ones.

    An instance that the registry does not know, or that the grant does not reach, is withheld as not registered.
    """
    found = governed_by_uid([uid for uid, _ in wanted])
    known = {uid: version for uid, version in found.items() if actor.may_reach(version.study_instance_uid)}
    return [
        _rule(known[uid], purpose, policy, digest) if uid in known else _withheld(uid, None, "not_registered")
        for uid, digest in wanted
    ]


def permitted_for(purpose: Purpose, policy: Policy = DEFAULT_POLICY) -> QuerySet[OverlayVersion]:
    """The versions that ``rule`` does not withhold for the purpose, of whatever study.

    The same ceilings as a condition in SQL, so that searches, counts and retrieval need not load what they must not show.
    """
    ceilings = policy.purposes[purpose]
    # An expression of the state, or SQLite walks every accepted version by the worklist's index, for the sake of one study.
    found = OverlayVersion.objects.alias(state=Coalesce("review_state", Value(""))).filter(
        sound_behind(ceilings), state__in=words_shown(ceilings.states)
    )
    if ceilings.newer_waits is Verdict.WITHHOLD:
        found = found.alias(waits=newer_waits()).exclude(review_state=ReviewState.ACCEPTED.value, waits=True)
    return found


def permitted(*, actor: Actor, purpose: Purpose, policy: Policy = DEFAULT_POLICY) -> QuerySet[OverlayVersion]:
    """The versions that the actor may search and retrieve for the purpose: those permitted for it that the grant reaches."""
    found = permitted_for(purpose, policy)
    return found if actor.studies is None else found.filter(study__study_instance_uid__in=actor.studies)
