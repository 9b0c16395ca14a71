"""An archive's authorizer asks what a token that it was shown lets its holder do there."""

import pytest
from django.test import Client

from overlays.models import AuditEntry
from registry.oidc import verify
from registry.oidc.clients import create_client
from registry.oidc.keys import create_key

STORE = "0123456789abcdef0123456789abcdef"
ROLE = "arn:aws:iam::123456789012:role/overlays-read"
SECRET = "a-secret-of-some-length"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles(settings, db):
    settings.OVERLAYS_HEALTHIMAGING_ROLES = {STORE: {"overlays.view": ROLE}}
    verify.forget()
    create_key()
    yield
    verify.forget()


@pytest.fixture
def token():
    """A token of a machine client with the scope."""

    def obtain(scope: str, studies: str = "") -> str:
        client_id = scope.replace(".", "-")
        create_client(client_id=client_id, name=client_id, confidential=True, scopes=[scope], secret=SECRET)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRET}
        return Client().post("/oidc/token", form | ({"studies": studies} if studies else {})).json()["access_token"]

    return obtain


@pytest.fixture
def ask(token):
    """What the authorizer is told."""

    def asked(shown: str, *, asker: str = "", **changes: object):
        body = {"datastoreId": STORE, "operation": "GetDICOMInstance", "bearerToken": shown} | changes
        headers = {"Authorization": f"Bearer {asker or token('archive.authorize')}"}
        return Client().post("/api/v1/authorizers/healthimaging", body, "application/json", headers=headers)

    return asked


def test_a_token_that_may_view_is_given_the_role(ask, token):
    assert ask(token("overlays.view")).json() == {"isTokenValid": True, "roleArn": ROLE}


@pytest.mark.parametrize("scope", ["overlays.store", "models.manage", "archive.authorize"])
def test_a_token_of_another_scope_is_valid_and_denied(ask, token, scope):
    assert ask(token(scope)).json() == {"isTokenValid": True, "roleArn": ""}


def test_a_narrowed_token_is_valid_and_denied(ask, token):
    assert ask(token("overlays.view", studies="1.2.3")).json() == {"isTokenValid": True, "roleArn": ""}


def test_another_data_store_is_denied(ask, token):
    answer = ask(token("overlays.view"), datastoreId="f" * 32)
    assert answer.json() == {"isTokenValid": True, "roleArn": ""}


@pytest.mark.parametrize("shown", ["", " ", "x", "a.b.c", "x" * 60_000], ids=len)
def test_what_is_no_token_is_invalid(ask, shown):
    assert ask(shown).json() == {"isTokenValid": False, "roleArn": ""}


def test_a_revoked_token_is_invalid(ask, token):
    from oidc_provider.models import Token

    shown = token("overlays.view")
    Token.objects.filter(client__client_id="overlays-view").delete()
    assert ask(shown).json() == {"isTokenValid": False, "roleArn": ""}


def test_the_answer_stands_in_the_log_without_the_token(ask, token):
    shown = token("overlays.view")
    ask(shown)
    entry = AuditEntry.objects.get(event="archive:asked")
    assert (entry.actor_key, entry.subject, entry.data["answer"]) == (
        "client:archive-authorize",
        "client:overlays-view",
        "let in",
    )
    assert shown not in str(entry.data)


def test_a_denial_stands_in_the_log_with_its_reason(ask, token):
    ask(token("overlays.view"), operation="DeleteImageSet")
    assert AuditEntry.objects.get(event="archive:asked").data["answer"] == "no such operation"


@pytest.mark.parametrize("scope", ["overlays.view", "overlays.store", "audit.export"])
def test_only_an_authorizer_may_ask(ask, token, scope):
    asker = token(scope)
    assert ask(token("overlays.review"), asker=asker).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"datastoreId": "../x"},
        {"operation": "Get DICOM"},
        {"operation": "x" * 65},
        {"bearerToken": None},
        {"bearerToken": ["x"]},
        {"roleArn": ROLE},
    ],
    ids=str,
)
def test_a_malformed_question_is_refused(ask, token, changes):
    answer = ask(token("overlays.view"), **changes)
    assert answer.status_code == 400
    assert "roleArn" not in answer.json()
