"""The gate in SQL and the policy in Python give one answer, over the whole product of facts."""

import itertools
from dataclasses import replace

import pytest

from overlays.governance.policy import DEFAULT_POLICY, rule
from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification
from overlays.models import ModelVersion, OverlayVersion
from overlays.queries.gate import facts_of, permitted
from overlays.queries.governed import governed_by_uid

pytestmark = pytest.mark.django_db

PRODUCT = list(itertools.product(ReviewState, [None, *ModelStatus], Verification))


def _put(version: OverlayVersion, state: ReviewState, status: ModelStatus | None, verification: Verification) -> None:
    """Writes derived state past the services: here the gate is on trial, not how a state came about."""
    model_version = ModelVersion.objects.get()
    if status:
        ModelVersion.objects.update(status=status.value)
    OverlayVersion.objects.filter(pk=version.pk).update(
        review_state=state.value,
        verification=verification.value,
        model_version=model_version if status else None,
        reviewed_by="R. Lee",
    )


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("waits", [False, True], ids=["newest", "a newer one waits"])
def test_searches_show_what_the_policy_does_not_withhold(posted, radiologist, purpose, waits):
    version = posted("first")
    if waits:
        posted("second")
    differ = []
    for state, status, verification in PRODUCT:
        _put(version, state, status, verification)
        facts = facts_of(governed_by_uid([version.sop_instance_uid])[version.sop_instance_uid])
        verdict, _ = rule(facts, purpose, DEFAULT_POLICY)
        shown = permitted(actor=radiologist, purpose=purpose).filter(pk=version.pk).exists()
        if shown is not (verdict is not Verdict.WITHHOLD):
            differ.append((facts, verdict, shown))
    assert not differ


def test_a_correction_is_permitted_without_a_model(posted, post, sources, radiologist, now):
    from overlays.services.review import accept
    from tests.builders import segmentation, to_bytes

    posted("first")
    mine = segmentation(sources=sources, uid_seed="mine", predecessor=segmentation(sources=sources, uid_seed="first"))
    post(to_bytes(mine), actor=radiologist)
    child = OverlayVersion.objects.exclude(author="").get()
    accept(actor=radiologist, at=now, sop_instance_uid=child.sop_instance_uid, seen_sha256=child.sha256)
    assert list(permitted(actor=radiologist, purpose=Purpose.CLINICAL)) == [child]


def test_a_narrowed_grant_finds_nothing_elsewhere(posted, radiologist):
    posted()
    narrowed = replace(radiologist, studies=frozenset({"1.2.3"}))
    assert not permitted(actor=narrowed, purpose=Purpose.REVIEW).exists()
