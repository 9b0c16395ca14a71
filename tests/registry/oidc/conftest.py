"""Gives the identity tests real keys, people, clients, and a browser and a client program to drive the provider with."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group, User
from django.test import Client as Browser
from django.utils import timezone
from oidc_provider.models import Client, RSAKey

from overlays.governance.actor import Actor
from overlays.governance.permissions import GROUP_OF_SCOPE
from registry.oidc import throttle, verify
from registry.oidc.clients import create_client
from registry.oidc.signed_in import SIGNED_IN_AT

CALLBACK = "https://viewer.example/callback"
PASSWORD = "correct-horse-battery"
STUDY, OTHER_STUDY = "1.2.826.0.1.3680043.8.498.1", "1.2.826.0.1.3680043.8.498.2"
EVERYTHING = ["openid", "profile", "email", "offline_access", "overlays.view", "overlays.review"]


def new_pem() -> str:
    """A private RSA key."""
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        .decode()
    )


@pytest.fixture(scope="session")
def pem() -> str:
    return new_pem()


@pytest.fixture(scope="session")
def other_pem() -> str:
    return new_pem()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    for limit in (throttle.FAILED_CLIENTS, throttle.FAILED_LOGINS, throttle.FAILED_ADDRESSES):
        limit.forget()
    verify.forget()
    yield
    verify.forget()


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def signing_key(db, pem) -> RSAKey:
    return RSAKey.objects.create(key=pem)


@pytest.fixture
def person(signing_key) -> Callable[..., User]:
    """Makes people, each with the groups of the scopes named."""

    def make(*scopes: str, username: str = "rlee", **columns: object) -> User:
        user = User.objects.create_user(username, password=PASSWORD, first_name="Robin", last_name="Lee", **columns)
        for scope in scopes:
            user.groups.add(Group.objects.get_or_create(name=GROUP_OF_SCOPE[scope])[0])
        return user

    return make


@pytest.fixture
def radiologist(person) -> User:
    return person("overlays.review", "overlays.view")


@dataclass
class Application:
    """A registered client as a program holds it, and what it can ask of the provider."""

    row: Client
    secret: str | None
    verifier: str = field(default_factory=lambda: token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.row.client_id} | ({"client_secret": self.secret} if self.secret else {})

    def request(self, **changes: object) -> dict[str, object]:
        """The parameters of a good authorization request, with changes; None leaves one out."""
        good = {
            "client_id": self.row.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid overlays.review",
            "state": "st4te",
            "nonce": "n0nce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def authorize(self, browser: Browser, **changes: object):
        return browser.get("/oidc/authorize", self.request(**changes))

    def code(self, browser: Browser, **changes: object) -> str:
        return answered(self.authorize(browser, **changes))["code"]

    def token(self, browser: Browser, **fields: object):
        return browser.post("/oidc/token", self.credentials | fields)

    def redeem(self, browser: Browser, code: str, **changes: object):
        good = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        }
        return self.token(browser, **{name: value for name, value in (good | changes).items() if value is not None})

    def login(self, browser: Browser, **changes: object) -> dict:
        """The whole code flow of the browser's person; the token endpoint's answer."""
        return self.redeem(browser, self.code(browser, **changes)).json()

    def refresh(self, browser: Browser, refresh_token: str, **fields: object):
        return self.token(browser, grant_type="refresh_token", refresh_token=refresh_token, **fields)

    def own(self, browser: Browser, **fields: object):
        return self.token(browser, grant_type="client_credentials", **fields)


def answered(response) -> dict[str, str]:
    """The parameters with which the browser is sent back to the client."""
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(CALLBACK), response["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def signed_in_ago(browser: Browser, seconds: float | None) -> None:
    """Make the login of the browser's session so old; None: of unknown age."""
    session = browser.session
    session[SIGNED_IN_AT] = None if seconds is None else timezone.now().timestamp() - seconds
    session.save()


@pytest.fixture
def register(signing_key) -> Callable[..., Application]:
    def make(**changes: object) -> Application:
        good = {
            "client_id": "viewer",
            "name": "Viewer",
            "confidential": False,
            "scopes": EVERYTHING,
            "redirect_uris": [CALLBACK, "https://viewer.example/other"],
            "require_consent": False,
        }
        row, secret = create_client(**(good | changes))
        return Application(row, secret)

    return make


@pytest.fixture
def viewer(register) -> Application:
    """A public browser application."""
    return register()


@pytest.fixture
def pipeline(register) -> Application:
    """A confidential machine client."""
    return register(
        client_id="liver-pipeline",
        name="Liver pipeline",
        confidential=True,
        scopes=["overlays.store"],
        redirect_uris=[],
    )


@pytest.fixture
def browser(radiologist) -> Browser:
    """The radiologist's browser, logged in."""
    browser = Browser()
    browser.force_login(radiologist)
    return browser


@pytest.fixture
def stranger(db) -> Browser:
    return Browser()


@pytest.fixture
def accept() -> Callable[..., Actor]:
    """Verifies a token, ``later`` seconds from now."""

    def actor(token: str, later: float = 0, correlation_id: str = "request-1") -> Actor:
        return verify.verify(token, at=timezone.now() + timedelta(seconds=later), correlation_id=correlation_id)

    return actor


@pytest.fixture
def forge(pem, signing_key, settings) -> Callable[..., str]:
    """Signs claims of the embedded provider as a forger, or an unlucky clock, might; None leaves a claim or header out."""

    def sign(claims: dict, *, key: object = pem, algorithm: str = "RS256", **header: object) -> str:
        now = int(datetime.now(UTC).timestamp())
        good = {
            "iss": settings.SITE_URL + "/oidc",
            "aud": settings.OVERLAYS_RESOURCE,
            "sub": "client:liver-pipeline",
            "client_id": "liver-pipeline",
            "scope": "overlays.store",
            "jti": "0" * 32,
            "iat": now,
            "exp": now + 300,
        }
        headers = {"typ": "at+jwt", "kid": signing_key.kid} | header
        return jwt.encode(
            {name: value for name, value in (good | claims).items() if value is not None},
            key,
            algorithm=algorithm,
            headers={name: value for name, value in headers.items() if value is not None},
        )

    return sign
