"""Shows on the review page how far a segmentation agrees with another version of it."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from overlays.admin.actor import actor_of
from overlays.admin.drawings import may_draw
from overlays.admin.read_only import asking
from overlays.dicom.compare.figures import DEFINITIONS, SENTENCES
from overlays.governance.actor import Actor
from overlays.governance.errors import NotComparable, NotFound, Unavailable
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.models import OverlayVersion
from overlays.queries.comparisons import comparison_of
from overlays.queries.gate import rulings_for_instances
from overlays.queries.review_page import VersionPage, find_version, ruling_for_review

NAMES = {
    "dice": "Dice",
    "jaccard": "Jaccard",
    "volume_ml": "Volume",
    "volume_change_ml": "Change",
    "volume_change_percent": "Change in percent",
    "hausdorff_95_mm": "Hausdorff 95 %",
    "hausdorff_mm": "Hausdorff, largest",
}
"""What each figure is called on the page."""


def comparison_card(actor: Actor, shown: VersionPage) -> dict | None:
    """What the card needs: the versions to compare with, the parent or the one before chosen; None where there is no earlier one.

    Only versions that a reader may see are offered.
    """
    version, parent = shown.version, shown.parent
    if version.overlay.kind != "SEG" or not shown.drawn or not actor.may(Action.DECIDE_REVIEW):
        return None
    uids = [ruling.sop_instance_uid for ruling in shown.line]
    if parent is not None and parent.sop_instance_uid not in uids:
        uids.append(parent.sop_instance_uid)
    rulings = rulings_for_instances(actor=actor, wanted=[(uid, None) for uid in uids], purpose=Purpose.REVIEW)
    others = [each.version for each in rulings if each.version and may_draw(each) and each.version.pk != version.pk]
    earlier = [each for each in others if each.overlay_id == version.overlay_id and each.number < version.number]
    corrected = next((each for each in others if parent is not None and each.pk == parent.pk), None)
    chosen = corrected or max(earlier, key=lambda each: each.number, default=None)
    if chosen is None:
        return None
    found = [
        {
            "address": reverse("admin:overlays_overlayversion_comparison", args=[version.pk, other.pk]),
            "name": f"version {other.number}",
            "who": other.author or f"{other.claimed_name} {other.claimed_version}".strip() or "unknown model",
            "corrected": other is corrected,
            "chosen": other is chosen,
        }
        for other in others
    ]
    definitions = [(NAMES[figure], sentence) for figure, sentence in DEFINITIONS.items()]
    return {"others": found, "definitions": definitions}


def _seen(request: HttpRequest, pk: int) -> OverlayVersion:
    """The version, which the policy lets this reader see. Raises NotFound otherwise: the two are not told apart."""
    actor = actor_of(request)
    version = find_version(actor, pk)
    if not may_draw(ruling_for_review(actor, version)):
        raise NotFound(f"There is no version {pk} to compare.")
    return version


@require_safe
@asking(Action.DECIDE_REVIEW)
def comparison(request: HttpRequest, pk: int, other: int) -> JsonResponse:
    """The figures from the other version to this one; a sentence with 409 where there are none, with 503 while it has to wait."""
    after, before = _seen(request, pk), _seen(request, other)
    try:
        found = comparison_of(before, after)
    except NotComparable as refused:
        return JsonResponse({"sentence": refused.sentence}, status=409)
    except Unavailable as refused:
        return JsonResponse({"sentence": refused.sentence}, status=503, headers={"Retry-After": "3"})
    return JsonResponse(asdict(found) | {"sentences": SENTENCES})


def urls() -> list:
    """The address of this module, below the worklist's."""
    name = "overlays_overlayversion_comparison"
    return [path("<int:pk>/comparison/<int:other>.json", comparison, name=name)]
