"""Overlays, versions, reviews, models, lineage and the log, over HTTP."""

import csv
import io

import pytest

from overlays.models import OverlayVersion, Review
from tests.api.helpers import Caller
from tests.builders import report, segmentation, to_bytes

pytestmark = pytest.mark.django_db


class TestOverlays:
    """Lines and versions."""

    def test_overlays_are_listed_and_filtered(self, posted, auditor):
        version = posted()
        caller = Caller(auditor)
        assert [each["id"] for each in caller.get("overlays").json()["results"]] == [str(version.overlay_id)]
        assert caller.get("overlays", patient="NOBODY").json()["results"] == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [("study", None), ("patient", "PAT-1"), ("model", "LiverSeg"), ("review_state", "pending")],
    )
    def test_each_filter_finds_what_it_names(self, posted, auditor, name, value):
        version = posted()
        found = Caller(auditor).get("overlays", **{name: value or version.study.study_instance_uid}).json()
        assert len(found["results"]) == 1

    def test_versions_of_an_overlay_come_by_number(self, posted, auditor):
        first = posted("first")
        posted("second")
        found = Caller(auditor).get(f"overlays/{first.overlay_id}/versions").json()["results"]
        assert [version["number"] for version in found] == [1, 2]

    def test_lists_ask_a_fixed_number_of_questions(self, posted, auditor, django_assert_num_queries):
        caller, first = Caller(auditor), posted("first")
        with django_assert_num_queries(1):
            caller.get("overlays")
        with django_assert_num_queries(2):
            caller.get(f"overlays/{first.overlay_id}/versions")
        posted("second")
        posted("third", content_label="OTHER")
        with django_assert_num_queries(1):
            caller.get("overlays")
        with django_assert_num_queries(2):
            caller.get(f"overlays/{first.overlay_id}/versions")

    def test_a_version_is_told_whole_to_an_auditor(self, posted, auditor):
        version = posted()
        found = Caller(auditor).get(f"versions/{version.sop_instance_uid}").json()
        assert (found["sha256"], found["content"]["segments"][0]["label"]) == (version.sha256, "Liver")

    def test_measured_values_are_not_told_to_a_steward(self, posted, post, sources, steward):
        posted()
        post(to_bytes(report(sources=sources, about=segmentation(sources=sources, uid_seed="first"))))
        document = OverlayVersion.objects.get(modality="SR")
        assert Caller(steward).get(f"versions/{document.sop_instance_uid}").json()["content"] is None

    def test_a_withheld_version_is_not_found_by_a_clinician(self, posted, clinician):
        assert Caller(clinician).get(f"versions/{posted().sop_instance_uid}").status_code == 404


class TestReviews:
    """Verdicts."""

    def review(self, actor, version, **body):
        return Caller(actor).post(f"versions/{version.sop_instance_uid}/reviews", body)

    def test_an_acceptance_is_written(self, posted, radiologist):
        version = posted()
        answer = self.review(radiologist, version, decision="accept", seen_sha256=version.sha256)
        assert (answer.status_code, answer.json()["decision"]) == (201, "accept")

    def test_a_rejection_needs_a_coded_reason(self, posted, radiologist):
        version = posted()
        answer = self.review(radiologist, version, decision="reject", seen_sha256=version.sha256)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
        assert not Review.objects.exists()

    def test_a_stale_reader_is_told_409_and_nothing_is_written(self, posted, radiologist):
        version = posted()
        answer = self.review(radiologist, version, decision="accept", seen_sha256="0" * 64)
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_view")
        assert not Review.objects.exists()

    def test_a_verdict_is_not_overturned_unseen(self, posted, radiologist):
        version = posted()
        self.review(radiologist, version, decision="accept", seen_sha256=version.sha256)
        answer = self.review(radiologist, version, decision="reject", reason="BOUNDARY", seen_sha256=version.sha256)
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_view")
        assert Review.objects.count() == 1

    def test_a_reviewer_does_not_read_what_is_withheld_from_reviewers(self, posted, radiologist):
        version = posted(model_version="9.9.9")
        found = Caller(radiologist).get(f"versions/{version.sop_instance_uid}").json()
        assert (found["review_state"], found["content"]) == ("quarantined", None)

    def test_a_step_that_the_table_lacks_is_told_409(self, posted, radiologist):
        version = posted(model_version="9.9.9")
        answer = self.review(radiologist, version, decision="accept", seen_sha256=version.sha256)
        assert (answer.status_code, answer.json()["code"]) == (409, "transition_refused")

    def test_a_clinician_may_not_review(self, posted, clinician):
        version = posted()
        answer = self.review(clinician, version, decision="accept", seen_sha256=version.sha256)
        assert answer.status_code == 403

    def test_reviews_are_listed_in_order(self, posted, radiologist, auditor):
        version = posted()
        self.review(radiologist, version, decision="accept", seen_sha256=version.sha256)
        self.review(
            radiologist,
            version,
            decision="reject",
            reason="BOUNDARY",
            seen_sha256=version.sha256,
            seen_state="accepted",
        )
        found = Caller(auditor).get(f"versions/{version.sop_instance_uid}/reviews").json()
        assert [each["decision"] for each in found] == ["accept", "reject"]


class TestModels:
    """The model registry."""

    def test_a_steward_walks_a_version_to_approval(self, steward):
        caller = Caller(steward)
        model = caller.post("models", {"name": "LiverSeg", "manufacturer": "ACME AI"}).json()
        version = caller.post(f"models/{model['id']}/versions", {"version": "2.1.0"}).json()
        for status in ("shadow", "approved"):
            answer = caller.post(f"model-versions/{version['id']}/status", {"status": status, "reason": "tested"})
            assert answer.status_code == 200
        assert caller.get(f"models/{model['id']}/versions").json()[0]["status"] == "approved"

    def test_a_second_registration_is_a_conflict(self, steward):
        caller = Caller(steward)
        caller.post("models", {"name": "LiverSeg"})
        answer = caller.post("models", {"name": "LiverSeg"})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")

    def test_posters_are_granted_and_revoked(self, steward, registered):
        caller, model = Caller(steward), registered().model
        assert caller.post(f"models/{model.pk}/posters", {"client_id": "other"}).status_code == 201
        assert caller.delete(f"models/{model.pk}/posters/other").status_code == 204
        assert caller.get("models").json()["results"][0]["posters"] == ["liver-pipeline"]

    def test_a_radiologist_does_not_manage_models(self, radiologist):
        assert Caller(radiologist).post("models", {"name": "LiverSeg"}).status_code == 403

    def test_an_unknown_status_is_refused(self, steward, registered):
        version = registered()
        answer = Caller(steward).post(f"model-versions/{version.pk}/status", {"status": "famous", "reason": "x"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/status")


class TestLineage:
    """Export."""

    def test_json_names_nodes_edges_and_holes(self, posted, auditor):
        found = Caller(auditor).get("lineage", overlay=posted().overlay_id).json()
        assert {node["kind"] for node in found["nodes"]} == {"version", "model version", "client", "source series"}
        assert found["holes"] == []

    def test_csv_has_a_row_for_each_edge(self, posted, auditor):
        answer = Caller(auditor).get("lineage", overlay=posted().overlay_id, format="csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert (answer["Content-Type"], len(rows)) == ("text/csv; charset=utf-8", 3)

    def test_a_cell_cannot_become_a_formula(self, posted, auditor, registered):
        registered(name="=SUM(A1)", version="1")
        version = posted(model_name="=SUM(A1)", model_version="1")
        text = Caller(auditor).get("lineage", overlay=version.overlay_id, format="csv").content.decode()
        assert "'=SUM(A1) 1" in text

    def test_asking_for_nothing_is_refused(self, auditor):
        assert Caller(auditor).get("lineage").status_code == 400

    def test_a_clinician_may_not_export(self, clinician):
        assert Caller(clinician).get("lineage", study="1.2.3").status_code == 403

    def test_an_export_is_in_the_log(self, posted, auditor):
        Caller(auditor).get("lineage", overlay=posted().overlay_id)
        entries = Caller(auditor).get("audit/entries", event="lineage:exported").json()["entries"]
        assert [entry["actor_name"] for entry in entries] == ["A. Odit"]


class TestAudit:
    """The log."""

    def test_entries_come_in_order_with_their_sentences(self, posted, auditor):
        version = posted()
        found = Caller(auditor).get("audit/entries", subject=version.sop_instance_uid).json()["entries"]
        assert [entry["sentence"] for entry in found] == [
            "Liver pipeline stored version 1 of an overlay (SEG, LiverSeg 2.1.0)."
        ]

    def test_pages_follow_one_another(self, posted, auditor):
        posted()
        caller = Caller(auditor)
        first = caller.get("audit/entries", limit=2).json()
        second = caller.get("audit/entries", limit=2, after=first["next_after"]).json()
        ids = [entry["id"] for entry in first["entries"] + second["entries"]]
        assert ids == sorted(set(ids))
        assert len(ids) == 4

    def test_no_entry_holds_a_patients_values(self, posted, auditor):
        posted()
        text = Caller(auditor).get("audit/entries").content.decode()
        assert not [value for value in ("PAT-1", "Doe", "Jane") if value in text]

    def test_reading_the_log_is_itself_in_the_log(self, auditor):
        caller = Caller(auditor)
        caller.get("audit/entries")
        assert caller.get("audit/entries", event="audit:read").json()["entries"]

    @pytest.mark.parametrize("role", ["pipeline", "clinician", "radiologist", "steward"])
    def test_only_auditors_read_it(self, request, role):
        assert Caller(request.getfixturevalue(role)).get("audit/entries").status_code == 403


def test_the_schema_is_valid_and_without_warnings():
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_the_documentation_needs_no_internet(client):
    page = client.get("/api/v1/docs/").content.decode()
    assert "http://" not in page.replace("http://127.0.0.1", "")
    assert "https://" not in page


def test_malformed_json_is_a_problem(clinician):
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(user=object(), token=clinician)
    answer = client.post("/api/v1/render-decisions", "{", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
