"""What a bearer token opens over DICOMweb, and everything that is no token for it."""

import pytest
from django.test import Client
from oidc_provider.models import Token

from registry.oidc import verify
from registry.oidc.clients import create_client
from registry.oidc.keys import create_key
from tests.builders import ct_series, to_bytes
from tests.dicomweb.conftest import MULTIPART, body_of, snapshot

pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-some-length"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    verify.forget()
    yield
    verify.forget()


@pytest.fixture
def token(db):
    """Obtains a token of a machine client with these scopes."""
    create_key()

    def obtain(*scopes: str, client_id: str = "liver-pipeline", studies: str = "") -> str:
        create_client(client_id=client_id, name=client_id, confidential=True, scopes=scopes, secret=SECRET)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRET}
        answer = Client().post("/oidc/token", form | ({"studies": studies} if studies else {}))
        assert answer.status_code == 200, answer.content
        return answer.json()["access_token"]

    return obtain


@pytest.fixture
def image() -> bytes:
    return to_bytes(ct_series(slices=1, rows=16, columns=16)[0])


def send(token: str | None, data: bytes, path: str = "/dicom-web/studies"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(headers=headers).post(path, body_of(data), content_type=MULTIPART)


def read(token: str | None, path: str = "/dicom-web/studies"):
    return Client(headers={"Authorization": f"Bearer {token}"} if token else {}).get(path)


def test_a_pipelines_token_stores(token, image):
    assert send(token("overlays.store"), image).status_code == 200


def test_a_viewers_token_finds_what_was_stored(token, image):
    send(token("overlays.store"), image)
    assert len(read(token("overlays.view", client_id="viewer")).json()) == 1


def refused(answer, own_store, status: int) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


@pytest.mark.parametrize("given", [None, "", "nonsense", "a.b.c"])
def test_without_a_token_nothing_is_stored(db, image, own_store, given):
    answer = send(given, image)
    refused(answer, own_store, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_stores_nothing(token, image, own_store, settings):
    settings.OIDC_TOKEN_EXPIRE = -600
    refused(send(token("overlays.store"), image), own_store, 401)


def test_a_revoked_token_stores_nothing(token, image, own_store):
    revoked = token("overlays.store")
    Token.objects.all().delete()
    refused(send(revoked, image), own_store, 401)


def test_a_token_of_a_foreign_issuer_stores_nothing(token, image, own_store, settings):
    foreign = token("overlays.store")
    settings.OIDC_ISSUERS = [settings.OIDC_ISSUERS[0] | {"issuer": "https://elsewhere.example/oidc"}]
    refused(send(foreign, image), own_store, 401)


def test_a_token_for_another_audience_stores_nothing(token, image, own_store, settings):
    foreign = token("overlays.store")
    settings.OIDC_ISSUERS = [settings.OIDC_ISSUERS[0] | {"audiences": ["https://elsewhere.example/api"]}]
    refused(send(foreign, image), own_store, 401)


@pytest.mark.parametrize("scope", ["overlays.view", "models.manage", "audit.export"])
def test_a_token_of_another_scope_stores_nothing(token, image, own_store, scope):
    refused(send(token(scope), image), own_store, 403)


@pytest.mark.parametrize("scope", ["overlays.store", "models.manage", "audit.export"])
def test_a_token_of_another_scope_finds_nothing(token, scope):
    assert read(token(scope)).status_code == 403


def test_a_viewers_token_does_not_open_the_review_purpose(token):
    assert read(token("overlays.view"), "/review/dicom-web/studies").status_code == 403
    assert read(token("overlays.review", client_id="reviewer"), "/review/dicom-web/studies").status_code == 200


def test_a_narrowed_token_stores_nothing_of_other_studies(token, image, own_store):
    answer = send(token("overlays.store", studies="1.2.826.0.1"), image)
    assert answer.status_code == 409
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0x0124]
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


def test_a_narrowed_token_finds_nothing_of_other_studies(token, image):
    send(token("overlays.store"), image)
    assert read(token("overlays.view", client_id="viewer", studies="1.2.826.0.1")).json() == []


@pytest.mark.parametrize("name", ["token", "access_token"])
def test_a_token_in_the_address_opens_nothing(token, image, own_store, name):
    good = token("overlays.store")
    answer = send(None, image, f"/dicom-web/studies?{name}={good}")
    refused(answer, own_store, 401)
    assert answer.json()["code"] == "token_in_url"
    refused(send(good, image, f"/dicom-web/studies?{name}={good}"), own_store, 401)
