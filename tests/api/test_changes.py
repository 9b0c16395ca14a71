"""Viewers that are showing something follow what may have changed."""

from dataclasses import replace

import pytest

from overlays.governance.vocabulary import ModelStatus
from overlays.queries import changes, newest_changes
from overlays.services.change_status import set_status
from overlays.services.review import reject
from tests.api.helpers import Caller

pytestmark = pytest.mark.django_db(transaction=True)  # what a transaction has not committed is nobody's to follow


@pytest.fixture(autouse=True)
def looks_every_time(monkeypatch):
    """A process that remembers nothing of other tests, and of this one nothing for half a second."""
    monkeypatch.setattr(changes, "newest_changes", newest_changes.NewestChanges())
    monkeypatch.setattr(newest_changes, "FRESH_SECONDS", 0)


@pytest.fixture
def rejected(posted, radiologist, now):
    """Posts a version, and rejects it when it is called."""
    version = posted()

    def act():
        reject(
            actor=radiologist,
            at=now,
            sop_instance_uid=version.sop_instance_uid,
            seen_sha256=version.sha256,
            reason_code="BOUNDARY",
            comment="Nothing of this is for others to read",
        )
        return version

    return act


class TestFollowing:
    """What is told, in which order."""

    def test_without_a_position_the_present_one_is_told_and_no_change(self, posted, clinician):
        posted()
        answer = Caller(clinician).get("changes").json()
        assert (answer["changes"], answer["poll_seconds"]) == ([], 2)

    def test_a_rejection_is_told_once(self, rejected, clinician):
        caller = Caller(clinician)
        before = caller.get("changes").json()["after"]
        version = rejected()
        told = caller.get("changes", after=before).json()
        assert [each["sop_instance_uid"] for each in told["changes"]] == [version.sop_instance_uid]
        assert caller.get("changes", after=told["after"]).json()["changes"] == []

    def test_a_narrowed_token_is_told_of_its_studies_alone(self, rejected, clinician):
        before = Caller(clinician).get("changes").json()["after"]
        version = rejected()
        for studies, told in (({"1.2.3"}, 0), ({version.study.study_instance_uid}, 1)):
            caller = Caller(replace(clinician, studies=frozenset(studies)))
            assert len(caller.get("changes", after=before).json()["changes"]) == told

    def test_a_recall_is_told_to_who_follows_a_study_that_has_a_version_by_it(self, posted, clinician, steward, now):
        version, caller = posted(), Caller(clinician)
        before = caller.get("changes").json()["after"]
        set_status(
            actor=steward,
            at=now,
            model_version_id=version.model_version_id,
            status=ModelStatus.RECALLED,
            reason="for the test",
        )
        for study, told in (("1.2.3", []), (version.study.study_instance_uid, ["model-version:status"])):
            answer = caller.get("changes", after=before, study=study).json()
            assert [each["event"] for each in answer["changes"]] == told
