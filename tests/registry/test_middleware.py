"""Request ids and security headers."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, UnreadablePostError
from django.utils import timezone

from registry.middleware import BodyLimit, client_address

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


def test_forms_lead_nowhere_else(client):
    assert "form-action 'self';" in client.get("/")["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/login/", "/oidc/token", "/api/v1/models", "/admin/"])
def test_a_body_that_says_it_is_large_is_refused_unread(client, path):
    form = {"file": SimpleUploadedFile("large", bytes(1 << 20))}
    assert client.post(path, form).status_code == 413


def test_a_body_that_breaks_off_is_told_so(rf):
    def view(request):
        raise UnreadablePostError("timed out")

    answer = BodyLimit(view).process_exception(rf.post("/oidc/token"), UnreadablePostError("timed out"))
    assert answer.status_code == 408


def seen_address(rf, settings, proxies: int, forwarded: str) -> str:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")
    client_address(lambda request: HttpResponse())(request)
    return request.META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.7", "10.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        (2, "198.51.100.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        (2, "192.0.2.7", "10.0.0.1"),
        (1, "nonsense\n", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_client_is_whom_the_outermost_trusted_proxy_heard(rf, settings, proxies, forwarded, address):
    assert seen_address(rf, settings, proxies, forwarded) == address


@pytest.fixture
def signed_in(client, django_user_model):
    """A browser in which somebody has signed in."""
    client.force_login(django_user_model.objects.create_user("robin"))
    return client


def ends(client) -> datetime:
    return Session.objects.get(pk=client.session.session_key).expire_date


def test_a_session_ends_an_hour_after_its_last_use(signed_in):
    signed_in.get("/")
    assert abs(ends(signed_in) - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)


def test_use_puts_the_end_of_a_session_off(signed_in):
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.update(expire_date=soon)
    signed_in.get("/")
    assert ends(signed_in) > soon


def test_use_is_noted_once_a_minute_at_most(signed_in):
    signed_in.get("/")
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.update(expire_date=soon)
    signed_in.get("/")
    assert ends(signed_in) == soon


def test_no_page_can_be_framed(client):
    answer = client.get("/")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_types_are_not_guessed(client):
    assert client.get("/")["X-Content-Type-Options"] == "nosniff"
