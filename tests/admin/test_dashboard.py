"""The first page of the admin shows each role its own."""

from datetime import date

from overlays.admin.dashboard import CHART_HEIGHT, chart
from overlays.governance.permissions import Scope
from overlays.queries.worklist import reviews_by_day
from overlays.services.review import accept


def test_a_reader_sees_what_waits_longest(reader, stored) -> None:
    version = stored()

    text = reader.get("/admin/").content.decode()

    assert f"/admin/overlays/overlayversion/{version.pk}/review/" in text
    assert '<span class="ov-card-title">Awaiting review</span><span class="ov-big">1</span>' in text


def test_an_auditor_sees_the_newest_entries(signed_in, stored) -> None:
    stored()

    assert "Liver pipeline stored version 1 of an overlay" in signed_in(Scope.AUDIT).get("/admin/").content.decode()


def test_a_reader_sees_no_audit_entries(reader, stored) -> None:
    stored()

    assert "Newest audit entries" not in reader.get("/admin/").content.decode()


def test_who_is_in_no_group_is_told_so(signed_in) -> None:
    assert "in none of the registry's groups" in signed_in().get("/admin/").content.decode()


def test_the_side_bar_leads_only_where_the_role_may_go(signed_in, reader, db) -> None:
    of_reader = reader.get("/admin/").content.decode()
    of_auditor = signed_in(Scope.AUDIT).get("/admin/").content.decode()

    assert 'href="/admin/overlays/auditentry/"' not in of_reader
    assert 'href="/admin/overlays/auditentry/"' in of_auditor
    assert 'href="/admin/auth/user/"' not in of_auditor


def test_reviews_are_counted_by_day_with_the_empty_days(stored, radiologist, now) -> None:
    version = stored()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)

    assert reviews_by_day(date(2026, 11, 21), 3) == [("2026-11-19", 0, 0), ("2026-11-20", 1, 0), ("2026-11-21", 0, 0)]


def test_the_tallest_bar_fills_the_chart() -> None:
    drawn = chart([("2026-11-19", 1, 0), ("2026-11-20", 2, 2)])

    tall = drawn["bars"][1]
    assert tall["accepted_height"] + tall["rejected_height"] == CHART_HEIGHT


def test_a_chart_of_nothing_says_that_it_is_empty() -> None:
    assert chart([("2026-11-20", 0, 0)])["empty"]
