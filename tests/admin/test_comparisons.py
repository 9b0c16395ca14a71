"""The review page offers a comparison with an earlier version, and its figures come from an address of their own."""

import pytest
from django.urls import reverse

from overlays.governance.errors import Unavailable
from overlays.governance.permissions import Scope
from overlays.queries import comparisons
from tests.builders import report, segmentation, to_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def page(client, version):
    return client.get(reverse("admin:overlays_overlayversion_review", args=[version.pk]))


def card(client, version):
    return page(client, version).context["comparison"]


def figures(client, after, before):
    return client.get(reverse("admin:overlays_overlayversion_comparison", args=[after.pk, before.pk]))


@pytest.fixture
def two(stored):
    """Two versions of one line, the second moved by two columns."""
    return stored(uid_seed="first"), stored(uid_seed="second", shift=2, status="")


def test_a_first_version_has_nothing_to_be_compared_with(two, reader):
    assert card(reader, two[0]) is None
    assert b'id="comparison"' not in page(reader, two[0]).content


def test_a_later_version_is_compared_with_the_one_before(two, stored, reader):
    third = stored(uid_seed="third", shift=4, status="")
    offered = {other["name"]: other["chosen"] for other in card(reader, third)["others"]}
    assert offered == {"version 2": True, "version 1": False}
    assert b'id="comparison"' in page(reader, third).content


def test_later_versions_can_be_chosen_too(two, stored, reader):
    stored(uid_seed="third", shift=4, status="")
    assert {other["name"] for other in card(reader, two[1])["others"]} == {"version 3", "version 1"}


def test_a_correction_is_compared_with_what_it_corrects(two, stored, post, images, radiologist, reader):
    corrected = segmentation(
        sources=images, uid_seed="corrected", shift=1, predecessor=segmentation(sources=images, uid_seed="first")
    )
    outcome = post(to_bytes(corrected), actor=radiologist)
    assert outcome.refusal is None, outcome.findings
    version = type(two[0]).objects.get(sop_instance_uid=corrected.SOPInstanceUID)
    chosen = next(other for other in card(reader, version)["others"] if other["chosen"])
    assert (chosen["name"], chosen["corrected"]) == ("version 1", True)


def test_a_version_kept_from_readers_is_not_offered(stored, reader):
    stored(uid_seed="first", model_version="9.9.9", status="")
    assert card(reader, stored(uid_seed="second")) is None


def test_a_report_has_no_comparison(two, post, images, reader):
    document = report(sources=images, about=segmentation(sources=images, uid_seed="first"))
    post(to_bytes(document))
    assert card(reader, type(two[0]).objects.get(sop_instance_uid=document.SOPInstanceUID)) is None


@pytest.mark.parametrize("scope", [Scope.MANAGE, Scope.AUDIT])
def test_who_may_not_look_is_offered_nothing(two, signed_in, scope):
    assert card(signed_in(scope), two[1]) is None
    assert figures(signed_in(scope), two[1], two[0]).status_code == 403


def test_the_figures_go_from_the_chosen_version_to_this_one(two, reader):
    found = figures(reader, two[1], two[0]).json()
    assert [(pair["dice"], pair["hausdorff_95_mm"]) for pair in found["pairs"]] == [(0.75, 1.5)] * 2
    assert found["sentences"]["both_empty"] == "Both segments are empty."


def test_a_withheld_version_is_not_found_on_either_side(stored, reader):
    hidden, seen = stored(uid_seed="first", model_version="9.9.9", status=""), stored(uid_seed="second")
    assert [figures(reader, *pair).status_code for pair in ((hidden, seen), (seen, hidden))] == [404, 404]


def test_what_cannot_be_compared_says_why(two, post, images, reader):
    document = report(sources=images, about=segmentation(sources=images, uid_seed="first"))
    post(to_bytes(document))
    version = type(two[0]).objects.get(sop_instance_uid=document.SOPInstanceUID)
    answer = figures(reader, two[0], version)
    assert (answer.status_code, "no segmentation" in answer.json()["sentence"]) == (409, True)


def test_who_has_to_wait_is_told_for_how_long(two, reader, monkeypatch):
    def busy(*_: object) -> None:
        raise Unavailable("Another comparison is at work.")

    monkeypatch.setattr(comparisons, "_compared", busy)
    answer = figures(reader, two[1], two[0])
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
