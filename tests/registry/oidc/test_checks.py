"""The configuration: what would accept the wrong tokens does not start."""

import io

import pytest
from django.core.management import call_command
from django.template.loader import get_template
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from registry.oidc.authentication import BearerToken
from registry.oidc.checks import identity
from registry.oidc.openapi import BearerTokenScheme


def ids() -> list[str]:
    return [fault.id for fault in identity(None)]


def test_the_configuration_as_it_is_has_no_fault():
    assert ids() == []


def test_a_missing_site_address_is_a_fault(settings):
    settings.SITE_URL = None
    assert "identity.E001" in ids()


def test_issuers_that_cannot_be_used_are_a_fault(settings):
    settings.OIDC_ISSUERS = [{"issuer": "https://x.example"}]
    assert ids() == ["identity.E002"]


def test_a_second_embedded_provider_is_a_fault(settings):
    embedded = settings.OIDC_ISSUERS[0]
    settings.OIDC_ISSUERS = [embedded, embedded | {"issuer": "https://x.example", "name": "x"}]
    assert "identity.E003" in ids()


def test_an_embedded_issuer_at_another_address_is_a_fault(settings):
    settings.OIDC_ISSUERS = [settings.OIDC_ISSUERS[0] | {"issuer": "https://x.example"}]
    assert ids() == ["identity.E004"]


def test_an_embedded_issuer_with_another_audience_is_a_fault(settings):
    settings.OIDC_ISSUERS = [settings.OIDC_ISSUERS[0] | {"audiences": ["other"]}]
    assert ids() == ["identity.E005"]


def test_the_password_grant_is_a_fault(settings):
    settings.OIDC_GRANT_TYPE_PASSWORD_ENABLE = True
    assert ids() == ["identity.E006"]


def test_no_migration_is_missing_not_even_the_providers(db):
    call_command("makemigrations", "oidc_provider", "identity", check=True, dry_run=True, stdout=io.StringIO())


@pytest.mark.parametrize("name", ["authorize", "error", "hidden_inputs", "end_session_prompt", "end_session_failed"])
def test_the_layers_pages_come_before_the_providers(name):
    assert "registry/oidc/templates" in get_template(f"oidc_provider/{name}.html").origin.name


def test_the_openapi_document_knows_the_bearer_scheme():
    assert OpenApiAuthenticationExtension.get_match(BearerToken()).__class__ is BearerTokenScheme


def test_the_openapi_scheme_names_the_providers_endpoints():
    flow = BearerTokenScheme(BearerToken()).get_security_definition(None)["flows"]["authorizationCode"]
    assert (flow["authorizationUrl"], flow["tokenUrl"]) == ("/oidc/authorize", "/oidc/token")


@pytest.mark.parametrize("jwks", [[], {}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AQAB", "kid": "one"}]}], ids=str)
def test_a_key_set_that_checks_no_signature_is_a_fault(settings, jwks):
    entry = {"issuer": "https://x.example", "name": "x", "audiences": ["overlays"], "jwks": jwks}
    settings.OIDC_ISSUERS = [*settings.OIDC_ISSUERS, entry]
    assert ids() == ["identity.E002"]


def test_the_client_of_the_staff_login_as_an_audience_is_a_fault(settings):
    issuer = {"issuer": "https://x.example", "name": "x"}
    settings.STAFF_LOGIN = issuer | {"client_id": "overlays-admin", "role_groups": {"ward": ["Clinicians"]}}
    settings.OIDC_ISSUERS = [*settings.OIDC_ISSUERS, issuer | {"audiences": ["overlays", "overlays-admin"]}]
    assert ids() == ["identity.E010"]
