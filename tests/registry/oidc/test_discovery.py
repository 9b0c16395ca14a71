"""The discovery document: complete, and true."""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from registry.oidc.discovery import ENDPOINTS


@pytest.fixture
def document(stranger) -> dict:
    return stranger.get("/oidc/.well-known/openid-configuration").json()


def test_every_endpoint_named_is_served(document):
    served = [resolve(urlsplit(document[name]).path).url_name for name in ENDPOINTS]
    assert served == list(ENDPOINTS.values())


def test_the_code_flow_is_the_only_one(document):
    assert (document["response_types_supported"], document["code_challenge_methods_supported"]) == (["code"], ["S256"])


def test_the_grants_are_named(document):
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]


def test_the_scopes_are_named(document):
    assert {"openid", "offline_access", "overlays.store", "audit.export"} <= set(document["scopes_supported"])


def test_public_clients_are_named(document):
    assert "none" in document["token_endpoint_auth_methods_supported"]


def test_only_rs256_signs(document):
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]


def test_the_issuer_in_the_answer_is_promised(document):
    assert document["authorization_response_iss_parameter_supported"] is True


def test_the_issuer_does_not_follow_the_host_header(stranger, settings):
    settings.ALLOWED_HOSTS = ["*"]
    document = stranger.get("/oidc/.well-known/openid-configuration", headers={"host": "evil.example"}).json()
    assert document["issuer"] == settings.SITE_URL + "/oidc"
