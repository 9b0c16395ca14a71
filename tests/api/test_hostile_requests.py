"""What no form foresaw is refused with a problem, and never a fault of ours."""

import base64
import json

import pytest
from rest_framework.test import APIClient

from tests.api.helpers import API, Caller

pytestmark = pytest.mark.django_db

BEYOND = 2**63


def cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def refused(answer) -> tuple[int, str]:
    return answer.status_code, answer["Content-Type"]


PROBLEM = (400, "application/problem+json")


@pytest.mark.parametrize(
    "position", ["p=abc", "p=%00", "p=9223372036854775808", "p=-1", "p=0001-01-01", "p=0001-01-01T00:00:00%2B14:00"]
)
@pytest.mark.parametrize("path", ["overlays", "models"])
def test_a_cursor_that_no_page_gave_is_refused(auditor, path, position):
    assert refused(Caller(auditor).get(path, cursor=cursor(position))) == PROBLEM


def test_a_cursor_that_is_no_cursor_is_refused(auditor):
    assert refused(Caller(auditor).get("overlays", cursor="\x00")) == PROBLEM


@pytest.mark.parametrize("path", ["lineage", "overlays"])
def test_a_number_beyond_every_key_is_refused(auditor, path):
    assert refused(Caller(auditor).get(path, model_version=BEYOND)) == PROBLEM


def test_an_entry_beyond_every_key_is_refused(auditor):
    assert refused(Caller(auditor).get("audit/entries", after=BEYOND)) == PROBLEM


@pytest.mark.parametrize("path", [f"models/{BEYOND}/versions", f"models/{BEYOND}/posters"])
def test_a_model_beyond_every_key_is_not_found(steward, path):
    body = {"version": "1"} if path.endswith("versions") else {"client_id": "someone"}
    assert Caller(steward).post(path, body).status_code == 404


def test_a_model_version_beyond_every_key_is_not_found(steward):
    body = {"status": "shadow", "reason": "why"}
    assert Caller(steward).post(f"model-versions/{BEYOND}/status", body).status_code == 404


def test_a_client_with_a_nul_in_its_id_is_refused(steward, registered):
    model = registered().model_id
    assert refused(Caller(steward).delete(f"models/{model}/posters/%00")) == PROBLEM


@pytest.fixture
def send(steward):
    """Posts bytes as they are."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user=object(), token=steward)
    return lambda path, body: client.generic("POST", API + path, body, "application/json")


def test_endless_nesting_is_refused(send):
    assert refused(send("models", b"[" * 100_000)) == PROBLEM


@pytest.mark.parametrize("body", [rb'{"\ud800": 1}', rb'{"status": "\ud800", "reason": "why"}'])
def test_half_a_character_is_refused_and_told_as_an_escape(send, registered, body):
    answer = send(f"model-versions/{registered().pk}/status", body)
    assert refused(answer) == PROBLEM
    assert "\\ud800" in json.loads(answer.content)["detail"]


def test_a_large_body_is_refused_as_a_problem(send):
    body = json.dumps({"name": "x" * (1 << 20)}).encode()
    assert refused(send("models", body)) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("overlays", "stduy"),
        ("lineage", "stduy"),
        ("audit/entries", "actr"),
        ("models", "modle"),
        ("studies/1.2.3/render-decisions", "purpos"),
    ],
)
def test_a_parameter_that_there_is_not_is_refused_by_name(auditor, clinician, path, name):
    answer = Caller(clinician if "studies" in path else auditor).get(path, **{name: "1.2.3"})
    assert (refused(answer), answer.json()["errors"][0]["pointer"]) == (PROBLEM, f"/{name}")


@pytest.mark.parametrize("query", ["study=1.2.3&study=1.2.4", "study="])
def test_a_parameter_that_comes_twice_or_empty_is_refused_by_name(auditor, query):
    answer = Caller(auditor).get(f"overlays?{query}")
    assert (refused(answer), answer.json()["errors"][0]["pointer"]) == (PROBLEM, "/study")


def test_the_next_page_follows_from_its_link(auditor, steward):
    for name in ("A", "B", "C"):
        Caller(steward).post("models", {"name": name})
    first = Caller(auditor).get("models", limit=2).json()
    link = first["next"].split(API)[1]
    assert [model["name"] for model in Caller(auditor).get(link).json()["results"]] == ["C"]


def test_the_next_page_of_overlays_follows_from_its_link(auditor, posted):
    posted("first")
    posted("second", content_label="OTHER")
    first = Caller(auditor).get("overlays", limit=1).json()
    second = Caller(auditor).get(first["next"].split(API)[1]).json()
    assert len({each["id"] for each in first["results"] + second["results"]}) == 2


@pytest.mark.parametrize("path", ["overlays", "models", "audit/entries", "lineage?study=1.2.3", "versions/1.2.3"])
def test_no_answer_is_kept_by_a_cache(auditor, path):
    assert Caller(auditor).get(path)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/dicom-web/nowhere", "/review/dicom-web/nowhere"])
def test_an_address_that_is_none_answers_programs_with_a_problem(client, path):
    assert refused(client.get(path)) == (404, "application/problem+json")


def test_an_address_that_is_none_answers_people_with_a_page(client):
    assert refused(client.get("/nowhere")) == (404, "text/html; charset=utf-8")
