"""Finds the version that a reader's object corrects."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from overlays.dicom.findings import Finding, Severity
from overlays.dicom.instance import Instance
from overlays.dicom.rules.rule import IMAGES
from overlays.governance.actor import Actor
from overlays.governance.policy import DEFAULT_POLICY
from overlays.governance.vocabulary import Purpose, ReviewState
from overlays.models import OverlayVersion
from overlays.queries.showable import sound_behind, words_shown
from overlays.queries.shown import offered_to, seen_by
from overlays.services.line import content_set, source_series, targets
from overlays.services.outcomes import Refusal, Refused
from overlays.services.registry_findings import finding

_REVIEW = DEFAULT_POLICY.purposes[Purpose.REVIEW]
_CORRECTABLE = [*words_shown(_REVIEW.states), ReviewState.SUPERSEDED.value]
"""Superseded ones too: a reader may still have the one on the screen that gave way in the meantime."""
_SAYS_NOTHING = frozenset({"", "T-D0050", "85756007"})
"""Codes of what something is that viewers write where they do not know it: Tissue, in SRT and in SCT."""
_GROUND = frozenset({"", "Background"})
"""Labels of what is no segment."""
_NOT_NEEDED = ("attributes", "claims", "content", "findings", "grid", "pixels")


def _labels(content: Iterable[list[str]]) -> set[str]:
    return {label for label, _ in content} - _GROUND


def _codes(content: Iterable[list[str]]) -> set[str]:
    return {code for _, code in content} - _SAYS_NOTHING


def _on_images_of(instance: Instance, candidate: OverlayVersion) -> bool:
    """Whether the two have a source series in common, or neither names one: else one would take the other's place on other images."""
    mine, theirs = set(source_series(instance)), set(candidate.overlay.source_series)
    return bool(mine & theirs) or not (mine or theirs)


def _alike(instance: Instance, candidate: OverlayVersion) -> bool:
    """Whether the two are about the same thing: same source series and targets, and something in common of what they say, by
    code or by name.

    Two that say nothing of what they are about, as presentation states without graphics, are alike.
    """
    mine, theirs = content_set(instance), _content_of(candidate)
    common = (_codes(mine) & _codes(theirs)) | (_labels(mine) & _labels(theirs))
    same_content = bool(common) or not (mine or theirs)
    same_targets = candidate.overlay.about in ("", targets(instance))
    return candidate.overlay.source_series == source_series(instance) and same_targets and same_content


def _content_of(candidate: OverlayVersion) -> list[list[str]]:
    """As ``content_set``: that of its line, unless it is a correction, in which segments may have come, gone or been renamed."""
    if candidate.parent_id is None:
        return candidate.overlay.segments
    named = [each for part in ("segments", "annotations", "regions") for each in candidate.content.get(part, ())]
    own = [
        [each.get("label", each.get("name", "")), (each.get("property_type") or {}).get("value", "")] for each in named
    ]
    return own or candidate.overlay.segments


def corrected_version(*, actor: Actor, instance: Instance, post: UUID | None = None) -> OverlayVersion:
    """The version that the object names as its predecessor; else the newest one like it that its author was shown.

    One that the author fetched, opened or stored goes before one that was only offered, then one of just the same labels before
    another; what came in the same ``post`` nobody was shown before. Only versions of the same kind that a reader may see can be
    corrected: none of a recalled model, none that contradicts its sources. Raises Refused where none is found.
    """
    versions = OverlayVersion.objects.select_related("overlay").filter(
        sound_behind(_REVIEW),
        study__study_instance_uid=instance.study_instance_uid,
        overlay__kind=str(instance.family),
        review_state__in=_CORRECTABLE,
    )
    parent = None
    if instance.predecessors:
        named = versions.filter(sop_instance_uid__in=instance.predecessors).order_by("-number")
        parent = next((each for each in named if _on_images_of(instance, each)), None)
    else:
        newest_first = versions.exclude(post=post).defer(*_NOT_NEEDED).order_by("-stored_at", "-number")
        parent = _shown_parent(actor, instance, [each for each in newest_first if _alike(instance, each)])
    if parent is None:
        raise Refused(Refusal.RULES_BROKEN, (finding("REG-007"),))
    return parent


def _shown_parent(actor: Actor, instance: Instance, alike: list[OverlayVersion]) -> OverlayVersion | None:
    study = instance.study_instance_uid
    seen = seen_by(
        actor_key=actor.key,
        study_instance_uid=study,
        sop_instance_uids=[each.sop_instance_uid for each in alike],
        has_pixels=instance.family in IMAGES,
    ) | {each.sop_instance_uid for each in alike if each.stored_by_key == actor.key}
    offered = offered_to(actor_key=actor.key, study_instance_uid=study)
    labels = _labels(content_set(instance))

    def distance(candidate: OverlayVersion) -> tuple[bool, bool]:
        return candidate.sop_instance_uid not in seen, _labels(_content_of(candidate)) != labels

    shown = [each for each in alike if each.sop_instance_uid in seen | offered]
    return min(shown, key=distance, default=None)


def against_parent(instance: Instance, parent: OverlayVersion) -> tuple[Finding, ...]:
    """How a correction differs from the corrected version in what it should not, or not unnoticed."""
    return _other_patient(instance, parent) + _lost_segments(instance, parent)


def _other_patient(instance: Instance, parent: OverlayVersion) -> tuple[Finding, ...]:
    """Asked of the parent too, for where no source is known nothing else tells."""
    return () if parent.patient_id == instance.patient.patient_id[:64] else (finding("REG-022"),)


def _lost_segments(instance: Instance, parent: OverlayVersion) -> tuple[Finding, ...]:
    """What tells that segments of the corrected version are not in the correction, by their labels.

    Viewers lose segments that overlap; a reader may also have deleted them.
    """
    before = Counter(segment["label"] for segment in parent.content["segments"] if segment["label"] not in _GROUND)
    lost = before - Counter(segment.label for segment in instance.segments)
    if not lost:
        return ()
    return (finding("REG-021", Severity.WARNING, count=lost.total(), total=before.total()),)
