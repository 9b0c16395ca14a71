"""Maps the provider's addresses to the layer; stands in for the provider's own URL module, under the same names."""

from django.urls import re_path
from oidc_provider.views import JwksView

from registry.oidc.authorize import AuthorizeView
from registry.oidc.discovery import DiscoveryView
from registry.oidc.introspect import IntrospectView
from registry.oidc.revoke import RevokeView
from registry.oidc.session import EndSession, EndSessionPrompt
from registry.oidc.token_endpoint import TokenView
from registry.oidc.userinfo import UserinfoView

app_name = "oidc_provider"
urlpatterns = [
    re_path(r"^authorize/?$", AuthorizeView.as_view(), name="authorize"),
    re_path(r"^token/?$", TokenView.as_view(), name="token"),
    re_path(r"^userinfo/?$", UserinfoView.as_view(), name="userinfo"),
    re_path(r"^introspect/?$", IntrospectView.as_view(), name="token-introspection"),
    re_path(r"^revoke/?$", RevokeView.as_view(), name="token-revocation"),
    re_path(r"^end-session/?$", EndSession.as_view(), name="end-session"),
    re_path(r"^end-session-prompt/?$", EndSessionPrompt.as_view(), name="end-session-prompt"),
    re_path(r"^jwks/?$", JwksView.as_view(), name="jwks"),
    re_path(r"^\.well-known/openid-configuration/?$", DiscoveryView.as_view(), name="provider-info"),
]
