"""Names the admin and lays out its side bar."""

from collections.abc import Callable

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from overlays.governance.permissions import Action

_Permission = Callable[[HttpRequest], bool]


def _may(*actions: Action) -> _Permission:
    """Whether the person may do one of the actions; asked when the page is made, since the admin loads later than settings."""

    def permission(request: HttpRequest) -> bool:
        from overlays.admin.actor import allowed

        return allowed(request, *actions)

    return permission


def _may_change(permission: str) -> _Permission:
    """Django's own permission, for the tables that are not the registry's."""
    return lambda request: request.user.has_perm(permission)


def _link(title: str, icon: str, page: str, permission: _Permission) -> dict:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}"), "permission": permission}


def _group(title: str, *items: dict) -> dict:
    return {"title": title, "items": list(items)}


def _everybody(request: HttpRequest) -> bool:
    return True


_reads = _may(Action.READ_REVIEWS)
_models = _may(Action.READ_MODELS)
_audits = _may(Action.READ_AUDIT)

UNFOLD = {
    "SITE_TITLE": "Overlay registry",
    "SITE_HEADER": "Overlay registry",
    "SITE_URL": "/",
    "SITE_SYMBOL": "layers",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("overlays/icon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "overlays.admin.dashboard.dashboard",
    "STYLES": [lambda request: static("overlays/overlays.css")],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "#eef6ff",
            "100": "#d9eaff",
            "200": "#bcdaff",
            "300": "#8ec3ff",
            "400": "#59a1fb",
            "500": "#337ef0",
            "600": "#1d5fd6",
            "700": "#184cae",
            "800": "#19418c",
            "900": "#1a3970",
            "950": "#142447",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            _group(
                "Review",
                _link("Overview", "dashboard", "index", _everybody),
                _link("Worklist", "checklist", "overlays_overlayversion_changelist", _reads),
                _link("Overlays", "layers", "overlays_overlay_changelist", _reads),
                _link("Studies", "folder_shared", "overlays_study_changelist", _reads),
                _link("Reviews", "rate_review", "overlays_review_changelist", _reads),
            ),
            _group(
                "Models",
                _link("AI models", "deployed_code", "overlays_aimodel_changelist", _models),
                _link("Model versions", "conversion_path", "overlays_modelversion_changelist", _models),
            ),
            _group(
                "Evidence",
                _link("Lineage", "account_tree", "overlays_lineage", _may(Action.READ_LINEAGE)),
                _link("Audit log", "receipt_long", "overlays_auditentry_changelist", _audits),
                _link("Render decisions", "rule", "overlays_renderdecision_changelist", _audits),
                _link("Display receipts", "monitor", "overlays_displayreceipt_changelist", _audits),
            ),
            _group(
                "People and access",
                _link("People", "person", "auth_user_changelist", _may_change("auth.view_user")),
                _link("Groups", "group", "auth_group_changelist", _may_change("auth.view_group")),
                _link("Clients", "key", "oidc_provider_client_changelist", _may_change("oidc_provider.view_client")),
                _link("Tokens", "token", "oidc_provider_token_changelist", _may_change("oidc_provider.view_token")),
            ),
        ],
    },
}
