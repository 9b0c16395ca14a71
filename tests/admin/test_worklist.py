"""The worklist shows a reader what waits, in words, at a fixed cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from overlays.services.review import accept, reject
from tests.builders import report, to_bytes

WORKLIST = "/admin/overlays/overlayversion/"


def _text(client, address: str = WORKLIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_choice_the_list_holds_what_waits_for_a_reader(reader, stored, radiologist, now) -> None:
    judged, waiting = stored(uid_seed="one"), stored(uid_seed="two", status="", content_label="OTHER")
    accept(actor=radiologist, at=now, sop_instance_uid=judged.sop_instance_uid, seen_sha256=judged.sha256)

    text = _text(reader)

    assert reverse("admin:overlays_overlayversion_review", args=[waiting.pk]) in text
    assert reverse("admin:overlays_overlayversion_review", args=[judged.pk]) not in text


@pytest.mark.parametrize(("state", "found"), [("accepted", 0), ("rejected", 1), ("all", 1)])
def test_the_state_filter_narrows_to_its_state(state, found, reader, stored, radiologist, now) -> None:
    version = stored()
    uid, sha = version.sop_instance_uid, version.sha256
    reject(actor=radiologist, at=now, sop_instance_uid=uid, seen_sha256=sha, reason_code="BOUNDARY")

    text = _text(reader, f"{WORKLIST}?state={state}")

    assert text.count(f"/{version.pk}/review/") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sources=verified", 1),
        ("sources=conflict", 0),
        ("kind=SEG", 1),
        ("kind=SR", 0),
        ("model_status=approved", 1),
        ("model_status=recalled", 0),
        ("model=none", 0),
        ("model=x", 0),
        ("study_date=7", 0),
        ("q=PAT-1", 1),
        ("q=doe", 1),
        ("q=ACC-1", 1),
        ("q=nobody", 0),
    ],
)
def test_filters_and_search_narrow_the_list(query, found, reader, stored) -> None:
    version = stored()

    assert _text(reader, f"{WORKLIST}?{query}").count(f"/{version.pk}/review/") == found


def test_a_row_says_its_state_in_words(reader, stored) -> None:
    stored(status="shadow")

    text = _text(reader)

    for words in ("Pending", "Clinic: Withheld", "Sources verified", "Model: Shadow", "Doe, Jane", "LiverSeg 2.1.0"):
        assert f">{words}<" in text


def test_thumbnails_are_fetched_only_when_they_scroll_into_view(reader, stored) -> None:
    version = stored()

    text = _text(reader)

    assert f'loading="lazy" width="72" height="72" alt="Thumbnail of {version.overlay}, version 1"' in text
    assert reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, version.sha256[:16]]) in text


def test_what_the_policy_keeps_from_readers_has_no_thumbnail(reader, stored) -> None:
    stored(status="recalled")

    text = _text(reader)

    assert "not drawn" in text
    assert "/thumbnail/" not in text


def test_a_report_has_a_row_without_a_picture(reader, stored, images, post) -> None:
    stored()
    post(to_bytes(report(sources=images)))

    assert "Structured report: " in _text(reader)


def test_an_empty_list_says_that_nothing_waits(reader) -> None:
    assert "Nothing waits for you in this view" in _text(reader)


def test_tabs_count_what_is_in_each_state(reader, stored) -> None:
    stored()

    text = _text(reader)

    assert 'Awaiting review <span class="ov-count">1</span>' in text
    assert 'Accepted <span class="ov-count">0</span>' in text


def test_the_list_costs_the_same_number_of_queries_however_many_rows_it_has(reader, stored) -> None:
    stored(uid_seed="first")
    _text(reader)  # the first page of a session also saves when it was used
    with CaptureQueriesContext(connection) as one:
        _text(reader)
    for seed in ("second", "third", "fourth"):
        stored(uid_seed=seed, status="")
    with CaptureQueriesContext(connection) as four:
        text = _text(reader)

    assert text.count("ov-thumb") == 4
    assert len(four) == len(one) <= 15


def test_a_version_is_shown_on_its_review_page(reader, stored) -> None:
    version = stored()

    answer = reader.get(reverse("admin:overlays_overlayversion_change", args=[version.pk]))

    assert answer.headers["Location"] == reverse("admin:overlays_overlayversion_review", args=[version.pk])
