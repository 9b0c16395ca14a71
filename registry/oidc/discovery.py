"""Tells clients what this provider does: the discovery document (OpenID Connect Discovery 1.0 3, RFC 8414 2)."""

from django.http import HttpRequest
from django.urls import reverse
from oidc_provider.lib.utils.common import get_issuer, get_site_url
from oidc_provider.views import ProviderInfoView

from registry.oidc.grants import GRANTS
from registry.oidc.keys import ALGORITHM
from registry.oidc.scopes import KNOWN

ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "end_session_endpoint": "end-session",
    "introspection_endpoint": "token-introspection",
    "revocation_endpoint": "token-revocation",
    "jwks_uri": "jwks",
}
CONFIDENTIAL_METHODS = ["client_secret_basic", "client_secret_post"]


class DiscoveryView(ProviderInfoView):
    """The provider's own document says too little and, of signatures and flows, too much: this one is written whole."""

    types_supported = ("code",)

    def _build_response_dict(self, request: HttpRequest) -> dict:
        site = get_site_url(request=request)
        methods = [*CONFIDENTIAL_METHODS, "none"]
        return {
            "issuer": get_issuer(site_url=site, request=request),
            **{name: site + reverse(f"oidc_provider:{view}") for name, view in ENDPOINTS.items()},
            "response_types_supported": list(self.types_supported),
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": list(KNOWN),
            "claims_supported": ["sub", "name", "preferred_username", "given_name", "family_name", "email", "roles"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": CONFIDENTIAL_METHODS,
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
