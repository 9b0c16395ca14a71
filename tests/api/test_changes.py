"""Viewers that are showing something follow what may have changed."""

import json
from dataclasses import replace

import pytest

from overlays.governance.actor import ActorKind
from overlays.governance.permissions import Scope
from overlays.governance.vocabulary import ModelStatus
from overlays.queries import changes, newest_changes
from overlays.services.change_status import set_status
from overlays.services.review import accept, reject
from overlays.services.take_into_review import release_review, start_review
from tests.api.helpers import Caller
from tests.builders import segmentation, to_bytes

pytestmark = pytest.mark.django_db(transaction=True)  # what a transaction has not committed is nobody's to follow

COMMENT = "Nothing of this is for others to read"


@pytest.fixture(autouse=True)
def looks_every_time(monkeypatch):
    """A process that remembers nothing of other tests, and of this one nothing for half a second."""
    monkeypatch.setattr(changes, "newest_changes", newest_changes.NewestChanges())
    monkeypatch.setattr(newest_changes, "FRESH_SECONDS", 0)


@pytest.fixture
def acts(radiologist, steward, now):
    """What can be done to a version that waits for review, by name."""

    def version_act(act, **more):
        return lambda version: act(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, **more)

    def judged(act, **more):
        return lambda version: version_act(act, seen_sha256=version.sha256, comment=COMMENT, **more)(version)

    def recall(version):
        set_status(
            actor=steward,
            at=now,
            model_version_id=version.model_version_id,
            status=ModelStatus.RECALLED,
            reason=COMMENT,
        )

    return {
        "accept": judged(accept),
        "reject": judged(reject, reason_code="BOUNDARY"),
        "start": version_act(start_review),
        "release": version_act(release_review),
        "recall": recall,
    }


def position(caller: Caller) -> str:
    """Where the caller stands."""
    return caller.get("changes").json()["after"]


class TestTelling:
    """What is told, in which order."""

    def test_without_a_position_the_present_one_is_told_and_no_change(self, posted, clinician):
        posted()
        answer = Caller(clinician).get("changes").json()
        assert (set(answer), answer["changes"]) == ({"changes", "after", "poll_seconds"}, [])

    def test_a_rejection_is_told_once(self, posted, acts, clinician, now):
        version, caller = posted(), Caller(clinician)
        before = position(caller)
        acts["reject"](version)
        told = caller.get("changes", after=before).json()
        (change,) = told["changes"]
        assert change.pop("position")
        assert change == {
            "event": "version:rejected",
            "at": now.isoformat().replace("+00:00", "Z"),
            "study_instance_uid": version.study.study_instance_uid,
            "sop_instance_uid": version.sop_instance_uid,
            "model_version": None,
        }
        assert caller.get("changes", after=told["after"]).json()["changes"] == []

    def test_a_recall_names_the_model_version_and_no_study(self, posted, acts, clinician):
        version, caller = posted(), Caller(clinician)
        before = position(caller)
        acts["recall"](version)
        (change,) = caller.get("changes", after=before).json()["changes"]
        assert change["model_version"] == {
            "id": version.model_version_id,
            "name": "LiverSeg",
            "version": "2.1.0",
            "manufacturer": "ACME AI",
        }
        assert (change["study_instance_uid"], change["sop_instance_uid"]) == (None, None)

    def test_all_that_is_done_to_a_version_is_told_in_its_order(self, posted, acts, clinician):
        caller = Caller(clinician)
        before = position(caller)
        version = posted("first")
        for name in ("start", "release", "accept"):
            acts[name](version)
        newer = posted("second")
        acts["accept"](newer)
        events = [each["event"] for each in caller.get("changes", after=before).json()["changes"]]
        assert events == [
            "version:stored",
            "review:started",
            "review:released",
            "version:accepted",
            "version:stored",
            "version:accepted",
            "version:superseded",
        ]

    def test_what_waited_for_its_model_version_is_told_when_it_is_released(
        self, posted, post, sources, registered, clinician
    ):
        posted()
        waiting = segmentation(sources=sources, uid_seed="waiting", model_version="9.9.9")
        post(to_bytes(waiting))
        caller = Caller(clinician)
        before = position(caller)
        registered(version="9.9.9", status="registered")
        told = caller.get("changes", after=before).json()["changes"]
        assert [(each["event"], each["sop_instance_uid"]) for each in told] == [
            ("version:released", waiting.SOPInstanceUID)
        ]

    def test_each_change_has_a_position_of_its_own(self, posted, acts, clinician):
        caller = Caller(clinician)
        before = position(caller)
        acts["start"](posted())
        told = caller.get("changes", after=before).json()["changes"]
        assert len({each["position"] for each in told}) == len(told) > 1

    @pytest.mark.parametrize("act", ["reject", "recall"])
    def test_nobody_is_named_and_nothing_that_was_written(self, posted, acts, clinician, act):
        version, caller = posted(), Caller(clinician)
        before = position(caller)
        acts[act](version)
        said = json.dumps(caller.get("changes", after=before).json())
        assert not [word for word in (COMMENT, "Lee", "Stern", "user:", "PAT-1", "reason") if word in said]

    def test_where_there_is_more_the_reader_asks_again_at_once(self, posted, acts, clinician, monkeypatch):
        caller = Caller(clinician)
        before = position(caller)
        acts["start"](posted())
        posted("second")
        monkeypatch.setattr(changes, "MOST_ROWS", 2)
        full = caller.get("changes", after=before).json()
        rest = caller.get("changes", after=full["after"]).json()
        assert (len(full["changes"]), full["poll_seconds"]) == (2, 0)
        assert rest["poll_seconds"] > 0

    def test_nobody_keeps_an_answer(self, clinician):
        assert Caller(clinician).get("changes")["Cache-Control"] == "no-store"


class TestReach:
    """Who is told of what."""

    @pytest.mark.parametrize(
        ("scope", "status"),
        [
            (Scope.VIEW, 200),
            (Scope.REVIEW, 200),
            (Scope.MANAGE, 200),
            (Scope.AUDIT, 200),
            (Scope.STORE, 403),
            (Scope.AUTHORIZE, 403),
        ],
    )
    def test_whoever_shows_or_governs_overlays_may_follow(self, clinician, scope, status):
        actor = replace(clinician, kind=ActorKind.CLIENT, scopes=frozenset({scope}))
        assert Caller(actor).get("changes").status_code == status

    @pytest.mark.parametrize("act", ["reject", "recall"])
    @pytest.mark.parametrize(("studies", "study"), [(None, "own"), ("own", None), ("own", "own")])
    def test_a_change_of_the_study_or_of_what_made_a_version_of_it_is_told(
        self, posted, acts, clinician, act, studies, study
    ):
        version = posted()
        own = version.study.study_instance_uid
        caller = Caller(replace(clinician, studies=frozenset({own, "1.2.4"}) if studies else None))
        before = position(caller)
        acts[act](version)
        asked = {"study": own} if study else {}
        assert len(caller.get("changes", after=before, **asked).json()["changes"]) == 1

    @pytest.mark.parametrize("act", ["reject", "recall"])
    @pytest.mark.parametrize(
        ("studies", "study"), [(None, "1.2.3"), ("1.2.3", None), ("1.2.3", "own"), ("own", "1.2.3")]
    )
    def test_of_other_studies_and_of_models_that_made_nothing_there_nothing_is_told(
        self, posted, acts, clinician, act, studies, study
    ):
        version = posted()
        own = version.study.study_instance_uid
        named = {"own": own, "1.2.3": "1.2.3"}
        caller = Caller(replace(clinician, studies=frozenset({named[studies]}) if studies else None))
        before = position(caller)
        acts[act](version)
        asked = {"study": named[study]} if study else {}
        assert caller.get("changes", after=before, **asked).json()["changes"] == []


class TestBadQuestions:
    """What is refused."""

    @pytest.mark.parametrize(
        "query",
        [
            {"after": "x"},
            {"after": ""},
            {"after": "1-"},
            {"after": "9" * 3001},
            {"after": "-1"},
            {"after": "1~2"},
            {"after": ["1", "1"]},
            {"study": "abc"},
            {"study": ""},
            {"study": ["1.2", "1.2"]},
            {"study": "1." * 40 + "1"},
            {"afterwards": "1"},
        ],
        ids=str,
    )
    def test_what_is_malformed_is_told_400(self, clinician, query):
        answer = Caller(clinician).get("changes", **query)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")

    @pytest.mark.parametrize("after", ["999999999999999999", "1~999999999999999999~1.1", "999999999999999999~1~1.1"])
    def test_a_position_that_is_yet_to_come_is_told_400(self, clinician, after):
        """A reader that kept it would hear of nothing for ever: so does one that stands behind a database that was restored."""
        answer = Caller(clinician).get("changes", after=after)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
