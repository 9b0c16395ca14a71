"""Request ids and security headers."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_request_gets_an_id(client):
    assert len(client.get("/livez")["X-Request-Id"]) == 36


def test_a_callers_id_is_kept(client):
    assert client.get("/livez", headers={"X-Request-Id": "journey-0001"})["X-Request-Id"] == "journey-0001"


@pytest.mark.parametrize("given", ["short", "x" * 65, "new\nline-header", "<script>alert"])
def test_an_id_that_could_do_harm_is_not_taken_over(client, given):
    assert client.get("/livez", headers={"X-Request-Id": given})["X-Request-Id"] != given


@pytest.mark.parametrize(
    ("path", "may_evaluate"), [("/livez", False), ("/", False), ("/api/v1/docs/", True), ("/admin/", True)]
)
def test_scripts_are_evaluated_in_the_admin_and_the_docs_alone(client, path, may_evaluate):
    policy = client.get(path)["Content-Security-Policy"]
    assert ("'unsafe-eval'" in policy) is may_evaluate


def test_no_page_can_be_framed(client):
    answer = client.get("/")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_types_are_not_guessed(client):
    assert client.get("/")["X-Content-Type-Options"] == "nosniff"
