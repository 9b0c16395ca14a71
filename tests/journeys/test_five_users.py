"""Follows one overlay past all five users over HTTP: a synthetic one, and a real one where the corpus is at hand."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient

from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.corpus import CORPUS
from tests.journeys.server import PIPELINE, Server, running_server
from tests.journeys.steps import TIMEOUT, release_model, stow, verdicts

pytestmark = pytest.mark.slow

_REAL = CORPUS / "QIICR__dcmqi"
_REAL_SEGMENTATION = _REAL / "data" / "segmentations" / "liver.dcm"
_REAL_IMAGES = _REAL / "_sources" / "data" / "segmentations" / "ct-3slice"


@dataclass(frozen=True)
class Case:
    """The images and the segmentation of one journey, as the bytes of files, and how STOW-RS answers (202: with warnings)."""

    images: tuple[bytes, ...]
    overlay: bytes
    answer: int


def _synthetic() -> Case:
    images = ct_series(uid_seed="five users")
    overlay = segmentation(
        sources=images, uid_seed="five users result", model_name="FiveSeg", manufacturer="Journey Works"
    )
    return Case(tuple(map(to_bytes, images)), to_bytes(overlay), 200)


def _real() -> Case:
    images = tuple(path.read_bytes() for path in sorted(_REAL_IMAGES.glob("*.dcm")))
    return Case(images, _REAL_SEGMENTATION.read_bytes(), 202)


CASES: dict[str, Callable[[], Case]] = {"synthetic": _synthetic}
if _REAL_SEGMENTATION.exists():
    CASES["real"] = _real


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry of this module's own."""
    with running_server(tmp_path_factory.mktemp("five-users")) as running:
        yield running


@dataclass(frozen=True)
class Told:
    """What each user was told on the way."""

    case: Case
    study: str
    series: str
    instance: str
    posted: int
    posted_again: int
    state_when_posted: str
    state_when_registered: str
    before: dict[str, str]
    found_before: int
    fetched_before: int
    reviewed: requests.Response
    after: dict[str, str]
    found_after: int
    fetched: requests.Response
    received: int
    entries: list[dict]
    lineage: list[dict[str, str]]


@pytest.fixture(scope="module")
def stories(server: Server) -> dict[str, Told]:
    """The journey of each case, made once whatever the order of the tests."""
    return {name: _journey(server, make()) for name, make in CASES.items()}


@pytest.fixture(params=CASES)
def told(request: pytest.FixtureRequest, stories: dict[str, Told]) -> Told:
    """One journey."""
    return stories[request.param]


def _journey(server: Server, case: Case) -> Told:
    """From the post to the export."""
    overlay = pydicom.dcmread(io.BytesIO(case.overlay), stop_before_pixels=True)
    study, series, instance = (
        str(overlay[name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    )
    api = f"{server.origin}/api/v1"
    pipeline = server.session(server.client_token())
    viewer, radiologist, steward, auditor = (
        server.session(server.person_token(name)) for name in ("clara", "robin", "sam", "odette")
    )

    def search(session: requests.Session) -> int:
        return len(DICOMwebClient(f"{server.origin}/dicom-web", session=session).search_for_instances(study, series))

    def fetch() -> requests.Response:
        address = f"{server.origin}/dicom-web/studies/{study}/series/{series}/instances/{instance}"
        return viewer.get(address, headers={"Accept": "application/dicom; transfer-syntax=*"}, timeout=TIMEOUT)

    def version() -> dict:
        return steward.get(f"{api}/versions/{instance}", timeout=TIMEOUT).json()

    images = stow(pipeline, server, *case.images)
    assert images.status_code == 200, images.text
    posted = stow(pipeline, server, case.overlay)
    assert posted.ok, posted.text
    when_posted = version()
    release_model(
        steward,
        server,
        name=when_posted["claimed_name"],
        version=when_posted["claimed_version"],
        manufacturer=when_posted["claimed_manufacturer"],
    )
    when_registered = version()
    before, found_before, fetched_before = verdicts(viewer, server, study), search(viewer), fetch()
    body = {"decision": "accept", "seen_sha256": hashlib.sha256(case.overlay).hexdigest()}
    reviewed = radiologist.post(f"{api}/versions/{instance}/reviews", json=body, timeout=TIMEOUT)
    decision = viewer.get(f"{api}/studies/{study}/render-decisions", timeout=TIMEOUT).json()
    after, found_after, fetched = verdicts(viewer, server, study), search(viewer), fetch()
    receipt = {"decision_id": decision["decision_id"], "sop_instance_uids": [instance]}
    received = viewer.post(f"{api}/display-receipts", json=receipt, timeout=TIMEOUT)
    entries = auditor.get(f"{api}/audit/entries", params={"study": study, "limit": 1000}, timeout=TIMEOUT)
    lineage = auditor.get(f"{api}/lineage", params={"study": study, "format": "csv"}, timeout=TIMEOUT)
    return Told(
        case=case,
        study=study,
        series=series,
        instance=instance,
        posted=posted.status_code,
        posted_again=stow(pipeline, server, case.overlay).status_code,
        state_when_posted=when_posted["review_state"],
        state_when_registered=when_registered["review_state"],
        before=before,
        found_before=found_before,
        fetched_before=fetched_before.status_code,
        reviewed=reviewed,
        after=after,
        found_after=found_after,
        fetched=fetched,
        received=received.status_code,
        entries=entries.json()["entries"],
        lineage=list(csv.DictReader(io.StringIO(lineage.text))),
    )


def test_a_posted_overlay_is_stored(told: Told):
    assert told.posted == told.case.answer


def test_posting_the_same_bytes_again_is_well(told: Told):
    assert told.posted_again == told.case.answer


def test_a_result_of_an_unregistered_model_version_is_quarantined(told: Told):
    assert told.state_when_posted == "quarantined"


def test_registering_the_model_version_lets_the_result_wait_for_review(told: Told):
    assert told.state_when_registered == "pending"


def test_a_viewer_is_told_to_withhold_what_nobody_reviewed(told: Told):
    assert told.before == {told.instance: "withhold"}


def test_what_is_withheld_is_neither_found_nor_fetched(told: Told):
    assert (told.found_before, told.fetched_before) == (0, 404)


def test_a_radiologist_accepts_what_was_seen(told: Told):
    assert told.reviewed.status_code == 201, told.reviewed.text


def test_a_viewer_is_then_told_to_show_it(told: Told):
    assert told.after == {told.instance: "show"}
    assert told.found_after == 1


def test_what_is_fetched_is_bit_for_bit_what_was_posted(told: Told):
    assert told.fetched.status_code == 200, told.fetched.text[:500]
    assert hashlib.sha256(told.fetched.content).digest() == hashlib.sha256(told.case.overlay).digest()


def test_the_viewer_may_say_that_it_drew_it(told: Told):
    assert told.received == 201


def test_the_audit_log_tells_the_story_in_order(told: Told):
    wanted = ["version:stored", "version:released", "version:accepted", "instances:retrieved"]
    about = [entry["event"] for entry in told.entries if entry["subject"] == told.instance]
    assert [event for event in about if event in wanted] == wanted


def test_the_audit_log_names_who_did_it(told: Told):
    by = {entry["event"]: entry["actor_name"] for entry in told.entries if entry["subject"] == told.instance}
    assert (by["version:accepted"], by["instances:retrieved"]) == ("Robin Lee", "Clara Ward")


def test_lineage_leads_from_the_version_to_its_sources_and_its_maker(told: Told):
    relations = {row["relation"] for row in told.lineage if row["subject"] == told.instance}
    assert {"wasDerivedFrom", "wasGeneratedBy", "wasAttributedTo"} <= relations


def test_lineage_has_no_holes(told: Told):
    assert [row["hole"] for row in told.lineage if row["hole"]] == []


@pytest.mark.parametrize(
    ("who", "method", "address"),
    [
        ("clara", "post", "/dicom-web/studies"),
        ("clara", "post", "/api/v1/versions/1.2.3/reviews"),
        ("clara", "get", "/api/v1/audit/entries"),
        ("clara", "get", "/api/v1/lineage?study=1.2.3"),
        ("robin", "post", "/api/v1/models"),
        ("robin", "get", "/api/v1/audit/entries"),
        ("sam", "get", "/api/v1/studies/1.2.3/render-decisions"),
        ("sam", "post", "/api/v1/versions/1.2.3/reviews"),
        ("odette", "post", "/dicom-web/studies"),
        ("odette", "post", "/api/v1/models"),
        (PIPELINE, "get", "/api/v1/studies/1.2.3/render-decisions"),
        (PIPELINE, "get", "/api/v1/audit/entries"),
        (PIPELINE, "get", "/review/dicom-web/studies"),
    ],
)
def test_nobody_gets_beyond_their_scope(server: Server, who: str, method: str, address: str):
    token = server.client_token() if who == PIPELINE else server.person_token(who)
    answer = server.session(token).request(method, f"{server.origin}{address}", json={}, timeout=TIMEOUT)
    assert answer.status_code == 403


def test_a_token_for_other_studies_cannot_post_to_this_one(server: Server, told: Told):
    form = {"grant_type": "client_credentials", "scope": "overlays.store", "studies": "1.2.3"}
    answer = requests.post(f"{server.origin}/oidc/token", data=form, auth=(PIPELINE, server.secret), timeout=TIMEOUT)
    narrowed = server.session(answer.json()["access_token"])
    other = told.instance[:-1] + str((int(told.instance[-1]) + 1) % 10)
    renamed = told.case.overlay.replace(told.instance.encode(), other.encode())
    assert stow(narrowed, server, renamed).status_code == 409
