"""Whatever the verdict withholds, no address gives it, hints at it, or tells it from what does not exist."""

import itertools
import random

import pytest
from django.urls import get_resolver
from django.utils import timezone

from overlays.dicomweb import urls
from overlays.governance.policy import DEFAULT_POLICY, Facts, rule
from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification
from tests.builders import segmentation, to_bytes, uid

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEARCHES = {"studies", "all-series", "all-instances", "series-of-study", "instances-of-study", "instances-of-series"}
PICTURES = {
    "instance-rendered",
    "instance-thumbnail",
    "frame-rendered",
    "frame-thumbnail",
    "series-rendered",
    "series-thumbnail",
}
ONE_INSTANCE = {"instance", "instance-metadata", "frames", "bulkdata", "series", "series-metadata"} | PICTURES
WHOLE_STUDY = {"study", "study-metadata"}
OF_IMAGES = {"study-thumbnail", "study-rendered"}
NO_CONTENT = {"capabilities"}
MOUNTS = {Purpose.CLINICAL: "dicomweb", Purpose.REVIEW: "dicomweb-review"}

PARTLY = [
    ("instance", {"HTTP_ACCEPT": "application/dicom", "HTTP_RANGE": "bytes=0-99"}),
    ("frames", {"HTTP_ACCEPT": "application/octet-stream", "HTTP_RANGE": "bytes=0-9"}),
    ("bulkdata", {"HTTP_ACCEPT": "application/octet-stream", "HTTP_RANGE": "bytes=-9"}),
    ("instance-rendered", {"HTTP_ACCEPT": "image/png", "HTTP_RANGE": "bytes=0-9"}),
]
"""Ranges of what an address gives."""

FACTS = (list(ReviewState), [*ModelStatus, None], list(Verification))
GOOD = (ReviewState.ACCEPTED, ModelStatus.APPROVED, Verification.VERIFIED)


def combinations() -> list[tuple]:
    """Every value of every fact beside good ones of the others, and a sample of all combinations."""
    each = [(*GOOD[:at], value, *GOOD[at + 1 :]) for at, values in enumerate(FACTS) for value in values]
    every = list(itertools.product(*FACTS))
    return list(dict.fromkeys([*each, *random.Random(7).sample(every, 25)]))


def test_every_address_is_walked():
    assert {
        pattern.name for pattern in urls.urlpatterns
    } == SEARCHES | ONE_INSTANCE | WHOLE_STUDY | OF_IMAGES | NO_CONTENT


def test_every_mount_is_walked():
    mounted = {entry.namespace for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "dicomweb"}
    assert mounted == set(MOUNTS.values())


@pytest.fixture
def ask(called, radiologist, scene):
    """Calls an address by name, for an instance."""
    from django.urls import reverse

    names = {pattern.name: pattern.pattern.converters for pattern in urls.urlpatterns}

    def get(name: str, purpose: Purpose, of=scene.overlay, **headers):
        known = {
            "study": of.StudyInstanceUID,
            "series": of.SeriesInstanceUID,
            "instance": of.SOPInstanceUID,
            "frames": "1",
            "tag": "7FE00010",
        }
        path = reverse(f"{MOUNTS[purpose]}:{name}", kwargs={key: known[key] for key in names[name]})
        return called(radiologist).get(path, **({"HTTP_ACCEPT": "*/*"} | headers))

    return get


def content(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def put(scene, state: ReviewState, status: ModelStatus | None, verification: Verification) -> None:
    """Give the version these facts; without a status, no registered model version stands behind it."""
    from overlays.models import ModelVersion, OverlayVersion

    model_version = ModelVersion.objects.get()
    if status is not None:
        ModelVersion.objects.filter(pk=model_version.pk).update(status=str(status))
    OverlayVersion.objects.filter(pk=scene.version.pk).update(
        review_state=str(state),
        verification=str(verification),
        model_version=model_version if status is not None else None,
        reviewed_by="R. Lee",
        reviewed_at=timezone.now(),
    )


def leaves(scene, found: bytes) -> bool:
    """Whether anything of the overlay is in an answer: a UID, its modality, its pixels."""
    named = (scene.overlay.SOPInstanceUID, scene.overlay.SeriesInstanceUID, '"SEG"')
    return any(word.encode() in found for word in named) or scene.overlay.PixelData in found


@pytest.mark.parametrize("purpose", MOUNTS)
def test_no_address_gives_what_is_withheld_and_each_gives_what_is_shown(scene, ask, purpose):
    verdicts = set()
    for facts in combinations():
        put(scene, *facts)
        state, status, verification = facts
        verdict, _ = rule(
            Facts(review_state=state, model_status=status, verification=verification), purpose, DEFAULT_POLICY
        )
        verdicts.add(verdict)
        withheld = verdict is Verdict.WITHHOLD
        for name in SEARCHES | WHOLE_STUDY:
            answer = ask(name, purpose)
            assert answer.status_code == 200
            assert leaves(scene, content(answer)) is not withheld, (name, facts)
        for name in ONE_INSTANCE:
            assert ask(name, purpose).status_code == (404 if withheld else 200), (name, facts)
        for name, headers in PARTLY:
            assert ask(name, purpose, **headers).status_code == (404 if withheld else 206), (name, facts)
        for name in OF_IMAGES:
            assert ask(name, purpose).status_code == 200, (name, facts)
        pictures = content(ask("study-rendered", purpose)).count(b"Content-Type: image/jpeg")
        assert pictures == len(scene.images) + (not withheld), facts
    assert verdicts == set(Verdict)


def test_withheld_and_unknown_are_the_same_answer(scene, ask):
    unknown = segmentation(sources=scene.images, uid_seed="never posted")
    for name in sorted(ONE_INSTANCE):
        withheld, never = ask(name, Purpose.CLINICAL), ask(name, Purpose.CLINICAL, of=unknown)
        assert (withheld.status_code, withheld.content) == (never.status_code, never.content) == (404, never.content)
        different = {"X-Request-Id"}
        assert {key: value for key, value in withheld.items() if key not in different} == {
            key: value for key, value in never.items() if key not in different
        }


def test_a_study_beyond_the_grant_and_an_unknown_one_are_the_same_answer(scene, called, narrowed, clinician):
    client = called(narrowed(clinician, "1.2.3"))
    beyond = client.get(f"/dicom-web/studies/{scene.study}")
    never = client.get(f"/dicom-web/studies/{uid('never posted')}")
    assert (beyond.status_code, beyond.content) == (404, never.content)


def test_a_superseding_version_that_waits_does_not_take_the_accepted_one_away(scene, ask, post):
    scene.accept()
    newer = segmentation(sources=scene.images, uid_seed="newer")
    assert post(to_bytes(newer)).refusal is None
    assert ask("instance", Purpose.CLINICAL).status_code == 200
    assert ask("instance", Purpose.CLINICAL, of=newer).status_code == 404
