"""A token that a launch gave reaches one study on every address alike: of another it learns what it learns of one that is not there."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pydicom.dataset import Dataset

from overlays.models import OverlayVersion
from registry.oidc import verify
from registry.oidc.clients import create_client
from registry.oidc.keys import create_key
from tests.architecture.test_addresses import NEEDING_TOKEN, concrete
from tests.builders import ct_series, segmentation, to_bytes, uid

CALLBACK = "https://viewer.example/callback"
VERIFIER = "v" * 43
VIEWERS = {"ohif": {"client_id": "ohif", "clinical": "https://viewer.example/viewer?StudyInstanceUIDs={study}"}}
NOWHERE = {
    "1.2.3": uid("nowhere", "study"),
    "1.2.4": uid("nowhere", "series"),
    "1.2.5": uid("nowhere", "instance"),
    "1.2.6": uid("nowhere", "instance"),
    "00000000-0000-4000-8000-000000000000": "00000000-0000-4000-8000-000000000000",
}
"""The samples of the walk over all addresses, and names of things that are not there."""

pytestmark = pytest.mark.django_db


@dataclass
class Two:
    """Two patients, each with images and an accepted overlay."""

    launched: Dataset
    other: Dataset

    @property
    def names(self) -> dict[str, str]:
        """The samples of the walk, and the other study's things."""
        version = OverlayVersion.objects.get(sop_instance_uid=self.other.SOPInstanceUID)
        uids = (self.other.StudyInstanceUID, self.other.SeriesInstanceUID, *[self.other.SOPInstanceUID] * 2)
        return dict(zip(NOWHERE, (*uids, str(version.overlay_id)), strict=True))


@pytest.fixture
def two(db, post, registered, now) -> Two:
    registered()
    made = []
    for seed, patient in (("launched", "PAT-1"), ("other", "PAT-2")):
        images = ct_series(uid_seed=seed, patient_id=patient, slices=2, rows=16, columns=16)
        overlay = segmentation(sources=images, uid_seed=f"overlay of {seed}")
        for data_set in (*images, overlay):
            assert post(to_bytes(data_set)).refusal is None
        made.append(overlay)
    OverlayVersion.objects.update(review_state="accepted", reviewed_by="R. Lee", reviewed_at=now)
    return Two(*made)


@pytest.fixture
def person(two, settings) -> Client:
    """The browser of a radiologist who has signed in; two applications are registered."""
    verify.forget()
    settings.OVERLAYS_VIEWERS = VIEWERS
    create_key()
    person = User.objects.create_user("rlee")
    person.groups.set(Group.objects.filter(name__in=["Clinicians", "Radiologists"]))
    scopes = ["openid", "overlays.view", "overlays.review"]
    for client_id in ("ohif", "worklist"):
        create_client(
            client_id=client_id,
            name=client_id,
            confidential=False,
            scopes=scopes,
            redirect_uris=[CALLBACK],
            require_consent=False,
        )
    browser = Client()
    browser.force_login(person)
    yield browser
    verify.forget()


@pytest.fixture
def whole(person) -> Client:
    """Calls with a token of hers that is not narrowed."""
    return Client(headers={"Authorization": f"Bearer {_token(person, client_id='worklist')}"})


@pytest.fixture
def bearer(two, person, whole) -> Client:
    """Calls with the token that her viewer got by a launch on the first study."""
    answer = whole.post("/api/v1/launches", {"study": two.launched.StudyInstanceUID}, "application/json")
    code = parse_qs(urlsplit(answer.json()["url"]).query)["launch"][0]
    return Client(headers={"Authorization": f"Bearer {_token(person, client_id='ohif', launch=code)}"})


def _token(browser: Client, **asked: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    query = {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid overlays.view overlays.review"}
    query |= {"state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}
    code = parse_qs(urlsplit(browser.get("/oidc/authorize", query | asked)["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return Client().post("/oidc/token", form | {"client_id": asked["client_id"]}).json()["access_token"]


def _content(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _comparable(answer, names: dict[str, str]) -> tuple:
    """The answer, with the things that were asked for by their samples; ids and times of this one answer left out."""
    text = _content(answer).decode("latin-1")
    for sample, name in names.items():
        text = text.replace(name, sample)
    if answer["Content-Type"].startswith("application/json") or "problem" in answer["Content-Type"]:
        found = json.loads(text)
        if isinstance(found, dict):
            found = {
                name: value
                for name, value in found.items()
                if name
                not in {"decision_id", "evaluated_at", "expires_at", "instance", "correlation_id", "generated_at"}
            }
        text = json.dumps(found, sort_keys=True)
    return answer.status_code, text


def _at(path: str, names: dict[str, str]) -> str:
    address = concrete(path)
    for sample, name in names.items():
        address = address.replace(f"/{sample}", f"/{name}")
    return address


READS = [leaf[1] for leaf in NEEDING_TOKEN if hasattr(leaf[2].callback.cls, "get")]
NAMING = [path for path in READS if "<str:study>" in path or "sop_uid" in path or "<uuid:overlay>" in path]


@pytest.mark.parametrize("path", NAMING)
def test_another_study_looks_like_one_that_is_not_there(two, bearer, path):
    there, nowhere = (
        bearer.get(_at(path, two.names), headers={"Accept": "*/*"}),
        bearer.get(_at(path, NOWHERE), headers={"Accept": "*/*"}),
    )
    assert _comparable(there, two.names) == _comparable(nowhere, NOWHERE)


@pytest.mark.parametrize("path", sorted(set(READS) - set(NAMING)))
def test_lists_and_searches_tell_nothing_of_another_study(two, bearer, path):
    found = _content(bearer.get(concrete(path), headers={"Accept": "*/*"})).decode("latin-1")
    told = [two.other.StudyInstanceUID, two.other.SeriesInstanceUID, two.other.SOPInstanceUID, "PAT-2"]
    assert not [name for name in told if name in found]


FILTERS = [
    ("/api/v1/overlays", "study", "StudyInstanceUID"),
    ("/api/v1/overlays", "patient", "PatientID"),
    ("/api/v1/lineage", "study", "StudyInstanceUID"),
    ("/dicom-web/studies", "StudyInstanceUID", "StudyInstanceUID"),
    ("/dicom-web/studies", "PatientID", "PatientID"),
    ("/dicom-web/series", "SeriesInstanceUID", "SeriesInstanceUID"),
    ("/review/dicom-web/instances", "SOPInstanceUID", "SOPInstanceUID"),
]


@pytest.mark.parametrize(("address", "parameter", "attribute"), FILTERS, ids=str)
def test_asking_for_another_study_finds_what_asking_for_none_finds(two, bearer, address, parameter, attribute):
    sought = {value: bearer.get(address, {parameter: value}) for value in (str(two.other[attribute].value), "1.9.9")}
    first, second = (
        (answer.status_code, _content(answer).decode("latin-1").replace(value, "")) for value, answer in sought.items()
    )
    assert first == second


@pytest.mark.parametrize("purpose", ["clinical", "review"])
def test_decisions_on_instances_of_another_study_are_those_on_unknown_ones(two, bearer, purpose):
    def verdict(name: str) -> dict:
        body = {"purpose": purpose, "instances": [{"sop_instance_uid": name}]}
        (ruling,) = bearer.post("/api/v1/render-decisions", body, "application/json").json()["overlays"]
        return {key: value for key, value in ruling.items() if key != "sop_instance_uid"}

    assert verdict(two.other.SOPInstanceUID) == verdict(NOWHERE["1.2.5"])


def _posted(bearer: Client, address: str, data_set: Dataset) -> tuple:
    """What posting the object is answered, with its own UIDs and digest left out."""
    body, content_type = to_bytes(data_set), "application/dicom"
    digest = hashlib.sha256(body).hexdigest()
    if address.endswith("studies"):
        body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + body + b"\r\n--b--\r\n"
        content_type = 'multipart/related; type="application/dicom"; boundary=b'
    answer = bearer.post(address, body, content_type, headers={"Accept": "*/*"})
    text = re.sub(r'"00000902": ?{[^}]*}', "", answer.content.decode().replace(digest, ""))  # cut in the midst of UIDs
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        text = text.replace(str(data_set[name].value), name)
    return answer.status_code, text


@pytest.mark.parametrize("address", ["/api/v1/validations", "/dicom-web/studies", "/review/dicom-web/studies"])
def test_posting_to_another_study_is_answered_as_posting_to_one_that_is_not_there(two, bearer, address):
    images = ct_series(uid_seed="nowhere", patient_id="PAT-2", slices=2, rows=16, columns=16)
    nowhere = segmentation(sources=images, uid_seed="overlay of nowhere")
    there, never = (_posted(bearer, address, each) for each in (two.other, nowhere))
    assert there == never
    assert "REG-004" in there[1]


class TestReceipts:
    """Of decisions that the same person was given with a wider token."""

    @staticmethod
    def receipt(bearer: Client, decision: str, uid: str):
        body = {"decision_id": decision, "sop_instance_uids": [uid]}
        return bearer.post("/api/v1/display-receipts", body, "application/json")

    def test_a_decision_on_another_study_is_not_there(self, two, whole, bearer):
        path = f"/api/v1/studies/{two.other.StudyInstanceUID}/render-decisions"
        decision, nowhere = whole.get(path).json()["decision_id"], str(uuid4())
        found, never = (self.receipt(bearer, each, two.other.SOPInstanceUID) for each in (decision, nowhere))
        told = [answer.content.decode().replace(each, "") for answer, each in ((found, decision), (never, nowhere))]
        assert (found.status_code, told[0]) == (404, told[1])

    def test_of_a_decision_on_named_instances_those_of_the_study_alone_are_taken(self, two, whole, bearer):
        uids = [two.launched.SOPInstanceUID, two.other.SOPInstanceUID]
        body = {"purpose": "clinical", "instances": [{"sop_instance_uid": uid} for uid in uids]}
        decision = whole.post("/api/v1/render-decisions", body, "application/json").json()["decision_id"]
        assert [self.receipt(bearer, decision, uid).status_code for uid in uids] == [201, 400]
        assert self.receipt(whole, decision, uids[1]).status_code == 201


def test_a_review_of_another_studys_version_finds_none(two, bearer):
    body = {"decision": "accept", "seen_sha256": "0" * 64}
    path = f"/api/v1/versions/{two.other.SOPInstanceUID}/reviews"
    assert bearer.post(path, body, "application/json").status_code == 404


def test_the_launched_study_is_served_on_all_faces(two, bearer):
    study, series, instance = (
        str(two.launched[name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    )
    (found,) = bearer.get("/dicom-web/studies").json()
    (ruling,) = bearer.get(f"/api/v1/studies/{study}/render-decisions").json()["overlays"]
    fetched = bearer.get(
        f"/dicom-web/studies/{study}/series/{series}/instances/{instance}",
        headers={"Accept": "application/dicom; transfer-syntax=*"},
    )
    assert (found["0020000D"]["Value"], ruling["verdict"]) == ([study], "show")
    assert _content(fetched) == to_bytes(two.launched)
