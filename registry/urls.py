"""Mounts every address of the registry."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from overlays.admin.start import start_page
from overlays.dicomweb.straight import GoesStraight
from registry.health import live, ready
from registry.oidc import external_login
from registry.oidc.admin import change_own_password
from registry.oidc.login import LoginView, LogoutView

urlpatterns = [
    path("", start_page, name="start"),
    path("login/", LoginView.as_view(), name="login"),
    path("login/external/", external_login.start, name="external-login"),
    path("login/external/callback", external_login.callback, name="external-login-callback"),
    path("logout/", LogoutView.as_view(), name="logout"),
    # One door for people, the one that is throttled.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/password_change/", change_own_password),  # the admin's own page, recorded
    path("admin/", admin.site.urls),
    path("oidc/", include("registry.oidc.urls", namespace="oidc_provider")),
    path("api/v1/", include("overlays.api.urls")),
    path("dicom-web/", include("overlays.dicomweb.urls", namespace="dicomweb"), {"purpose": "clinical"}),
    path("review/dicom-web/", include("overlays.dicomweb.urls", namespace="dicomweb-review"), {"purpose": "review"}),
    path("proxy/image", GoesStraight.as_view(), name="proxy-image"),  # for the proxy in front, by its secret
    path("livez", live, name="livez"),
    path("readyz", ready, name="readyz"),
]

handler400 = "registry.problems.bad_request"
handler404 = "registry.problems.not_found"
handler500 = "registry.problems.server_error"
