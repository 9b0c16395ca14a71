"""A program that knows a study asks for the address at which a viewer opens it."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from overlays.models import AuditEntry, Launch
from overlays.services.launch import forget_launches
from tests.api.helpers import Caller

STUDY = "1.2.826.0.1.3680043.8.498.7"
VIEWERS = {
    "ohif": {
        "client_id": "ohif",
        "clinical": "https://viewer.example/viewer?StudyInstanceUIDs={study}",
        "review": "https://viewer.example/viewer/review?StudyInstanceUIDs={study}",
    },
    "wall": {"client_id": "wall", "clinical": "https://wall.example/{study}#top"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _viewers(settings) -> None:
    # is_safe would refuse the fragment at start; here it shows that the code goes into the query.
    settings.OVERLAYS_VIEWERS = VIEWERS


def made(actor, **body):
    answer = Caller(actor).post("launches", {"study": STUDY} | body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def code_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["launch"][0]


def test_the_address_opens_the_study_in_the_first_viewer(clinician):
    answer = made(clinician)
    assert answer["url"].startswith(f"https://viewer.example/viewer?StudyInstanceUIDs={STUDY}&launch=")
    assert (answer["viewer"], answer["purpose"], answer["studies"]) == ("ohif", "clinical", [STUDY])


def test_for_review_it_is_the_address_for_review(radiologist):
    assert urlsplit(made(radiologist, purpose="review")["url"]).path == "/viewer/review"


def test_a_viewer_can_be_named(clinician):
    answer = made(clinician, viewer="wall")
    assert urlsplit(answer["url"])[:3] == ("https", "wall.example", f"/{STUDY}")
    assert code_of(answer["url"])


def test_the_code_is_long_and_never_the_same(clinician):
    codes = {code_of(made(clinician)["url"]) for _ in range(5)}
    assert len(codes) == 5
    assert min(map(len, codes)) >= 43


def test_the_code_is_not_kept(clinician):
    code = code_of(made(clinician)["url"])
    launch = Launch.objects.get()
    assert launch.code_sha256 == hashlib.sha256(code.encode()).hexdigest()
    assert code not in str(list(Launch.objects.values()) + list(AuditEntry.objects.values()))


def test_no_token_is_in_the_address(clinician):
    assert set(parse_qs(urlsplit(made(clinician)["url"]).query)) == {"StudyInstanceUIDs", "launch"}


def test_it_ends_after_the_time_that_is_set(clinician, settings):
    settings.OVERLAYS_LAUNCH_SECONDS = 90
    made(clinician)
    launch = Launch.objects.get()
    assert launch.expires_at - launch.made_at == timedelta(seconds=90)


def test_it_is_for_the_person_who_made_it(clinician):
    made(clinician)
    assert Launch.objects.get().for_key == clinician.key


def test_what_a_machine_makes_is_for_whoever_signs_in(pipeline, clinician):
    made(replace(pipeline, scopes=clinician.scopes))
    assert Launch.objects.get().for_key == ""


def test_it_stands_in_the_log(clinician):
    made(clinician)
    entry = AuditEntry.objects.get(event="launch:made")
    assert (entry.actor_key, entry.study_instance_uid, entry.data) == (
        clinician.key,
        STUDY,
        {"viewer": "ohif", "purpose": "clinical"},
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"study": "1.2.x"}, 400),
        ({"study": None}, 400),
        ({"study": "1.2&x=1"}, 400),
        ({"purpose": "research"}, 400),
        ({"purpose": "review"}, 403),
        ({"viewer": "elsewhere"}, 400),
        ({"redirect": "https://evil.example"}, 400),
    ],
    ids=str,
)
def test_what_cannot_be_launched_is_refused_and_leaves_nothing(clinician, body, status):
    assert Caller(clinician).post("launches", {"study": STUDY} | body).status_code == status
    assert not Launch.objects.exists()


def test_a_viewer_without_an_address_for_the_purpose_is_refused(radiologist):
    assert (
        Caller(radiologist).post("launches", {"study": STUDY, "purpose": "review", "viewer": "wall"}).status_code == 400
    )


def test_without_a_viewer_nothing_is_launched(clinician, settings):
    settings.OVERLAYS_VIEWERS = {}
    assert Caller(clinician).post("launches", {"study": STUDY}).status_code == 400


def test_a_narrowed_grant_launches_its_own_studies_only(clinician):
    narrow = replace(clinician, studies=frozenset({"1.2.3"}))
    assert Caller(narrow).post("launches", {"study": STUDY}).status_code == 404
    assert made(narrow, study="1.2.3")["studies"] == ["1.2.3"]


@pytest.mark.parametrize("role", ["pipeline", "steward", "auditor"])
def test_whoever_may_not_view_launches_nothing(request, role):
    assert Caller(request.getfixturevalue(role)).post("launches", {"study": STUDY}).status_code == 403


def test_what_has_expired_is_forgotten(clinician):
    made(clinician)
    launch = Launch.objects.get()
    assert forget_launches(launch.expires_at - timedelta(seconds=1)) == 0
    assert forget_launches(launch.expires_at) == 1
