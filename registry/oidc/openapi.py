"""Describes the bearer scheme in the OpenAPI document."""

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from registry.oidc.scopes import OF_REGISTRY


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """OAuth 2.0 by this registry's provider: the authorization code with PKCE, or a client's own credentials."""

    target_class = "registry.oidc.authentication.BearerToken"
    name = "oauth2"

    def get_security_definition(self, auto_schema) -> dict:
        """The security scheme object (OpenAPI 3.1)."""
        scopes = {str(scope): words[1] for scope, words in OF_REGISTRY.items()}
        token = reverse("oidc_provider:token")
        return {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": reverse("oidc_provider:authorize"),
                    "tokenUrl": token,
                    "refreshUrl": token,
                    "scopes": scopes,
                },
                "clientCredentials": {"tokenUrl": token, "scopes": scopes},
            },
        }
