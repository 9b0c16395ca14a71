"""The way from the admin into the viewer."""

import pytest
from django.urls import reverse

from overlays.governance.permissions import Scope

pytestmark = pytest.mark.django_db

CLINICAL, REVIEW = "https://viewer.example/viewer?study={study}", "https://viewer.example/viewer/review?study={study}"
BOTH = {"ohif": {"client_id": "ohif", "clinical": CLINICAL, "review": REVIEW}}
ONE = {"ohif": {"client_id": "ohif", "clinical": CLINICAL}}


@pytest.fixture
def pages(stored) -> list[str]:
    """The addresses of a study and of the review of its overlay."""
    version = stored()
    return [
        reverse("admin:overlays_study_change", args=[version.study.pk]),
        reverse("admin:overlays_overlayversion_review", args=[version.pk]),
    ]


def told(client, pages: list[str]) -> list[bool]:
    return ["Open in the viewer" in client.get(page).content.decode() for page in pages]


@pytest.mark.parametrize(("viewers", "template"), [(BOTH, REVIEW), (ONE, CLINICAL)])
def test_a_reader_is_led_to_the_same_study(reader, pages, images, settings, viewers, template):
    settings.OVERLAYS_VIEWERS = viewers
    address = template.replace("{study}", images[0].StudyInstanceUID)
    for page in pages:
        assert f'href="{address}"' in reader.get(page).content.decode()


def test_nobody_is_led_anywhere_without_a_viewer(reader, pages, settings):
    settings.OVERLAYS_VIEWERS = {}
    assert told(reader, pages) == [False, False]


def test_who_may_see_nothing_there_is_not_led_there(signed_in, pages, settings):
    settings.OVERLAYS_VIEWERS = BOTH
    assert told(signed_in(Scope.AUDIT), pages) == [False, False]
