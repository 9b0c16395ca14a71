"""Says which overlays and versions an actor may read about, apart from drawing them."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.governance.permissions import Action, Scope
from overlays.governance.vocabulary import Purpose
from overlays.models import Overlay, OverlayVersion
from overlays.queries.gate import permitted

_READS_ALL = frozenset({Scope.REVIEW, Scope.MANAGE, Scope.AUDIT})


def readable_versions(actor: Actor) -> QuerySet[OverlayVersion]:
    """Reviewers, stewards and auditors read of all; clinicians of what they may be shown; a pipeline of what it posted.

    A narrowed grant sees its own studies alone. Raises NotPermitted.
    """
    actor.require(Action.READ_OVERLAYS)
    reach = Q() if actor.studies is None else Q(study__study_instance_uid__in=actor.studies)
    if not actor.scopes & _READS_ALL:
        own = Q(pk__in=[])
        if Scope.STORE in actor.scopes:
            own |= Q(stored_by_key=actor.key)
        if Scope.VIEW in actor.scopes:
            own |= Q(pk__in=permitted(actor=actor, purpose=Purpose.CLINICAL).order_by().values("pk"))
        reach &= own
    return OverlayVersion.objects.filter(reach)


def readable_overlays(actor: Actor) -> QuerySet[Overlay]:
    """The overlays of which the actor may read at least one version."""
    some = readable_versions(actor).filter(overlay=OuterRef("pk"))
    return Overlay.objects.filter(Exists(some)).select_related("study", "model")


def readable_overlay(actor: Actor, pk: UUID) -> Overlay:
    """One overlay. Raises NotFound, also where the actor may not read of it."""
    found = readable_overlays(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no overlay {pk}.")
    return found


def readable_version(actor: Actor, sop_instance_uid: str) -> OverlayVersion:
    """One version with its overlay, study, series and model version. Raises NotFound, also where the actor may not read of it."""
    related = ("overlay", "study", "series", "model_version__model", "parent")
    found = readable_versions(actor).select_related(*related).filter(sop_instance_uid=sop_instance_uid).first()
    if found is None:
        raise NotFound(f"There is no version {sop_instance_uid}.")
    return found


def may_read_content(actor: Actor, version: OverlayVersion) -> bool:
    """Whether the actor may read what the object says of the patient (segments, measured values), not only of its history."""
    return (
        Scope.AUDIT in actor.scopes
        or version.stored_by_key == actor.key
        or any(
            permitted(actor=actor, purpose=purpose).filter(pk=version.pk).exists()
            for scope, purpose in ((Scope.REVIEW, Purpose.REVIEW), (Scope.VIEW, Purpose.CLINICAL))
            if scope in actor.scopes
        )
    )
