"""Configures OHIF: what it loads before anything else, and the addresses at which it is opened."""

import json
from collections.abc import Collection

CLIENT_ID = "ohif"
SCOPES = ("openid", "profile", "offline_access", "overlays.view", "overlays.review")
"""What OHIF asks for; a person's groups narrow it. Its own way to renew a login without refresh tokens does not work."""

CALLBACK, AFTER_LOGOUT = "/callback", "/"
SOURCES = {"registry": ("/dicom-web", "Clinical", "clinical"), "review": ("/review/dicom-web", "Review", "review")}
"""Each data source of OHIF with its root, the name that people read, and its purpose; the first is the default."""

EXTENSION = "/ext/registry-gate.js"
"""Asks for render decisions before anything derived is drawn, and labels it."""

_LAUNCH = """{
  const launch = new URLSearchParams(window.location.search).get('launch');
  if (launch) window.config.oidc[0].extraQueryParams = { launch };
}
"""

_REFUSAL = """window.config.httpErrorHandler = error => {
  // When a save fails OHIF shows the message of this error, which is 'request failed' for whatever reason.
  let told = null;
  try { told = JSON.parse(error.response); } catch { return; }
  const refused = ['00081198', '0008119A'].flatMap(tag => told?.[tag]?.Value ?? []);
  const first = refused[0]?.['00741048']?.Value?.[0];
  const comment = (first?.['00771001'] ?? first?.['00000902'])?.Value?.[0]?.replace(/^\\[.*?\\] /, '');
  error.message = comment ?? told?.detail ?? error.message;
};
"""
"""Has OHIF say why a save was refused: the first sentence of the answer, where errors come first."""


def app_config(*, origin: str, issuer: str, passes: Collection[str] = ()) -> str:
    """The script. ``origin`` is the viewer's, ``issuer`` the identity provider's; ``passes`` as SOURCE_PASSES."""
    config = {
        "routerBasename": None,
        "extensions": [EXTENSION],
        "modes": [],  # none beside those that are built in; without the key OHIF does not start
        "customizationService": {},
        "showStudyList": True,
        "maxNumberOfWebWorkers": 2,
        "showWarningMessageForCrossOrigin": False,
        "showCPUFallbackMessage": False,
        "investigationalUseDialog": {"option": "never"},
        "oidc": [
            {
                "authority": issuer,
                "client_id": CLIENT_ID,
                "redirect_uri": CALLBACK,
                "response_type": "code",
                "scope": " ".join(SCOPES),
                "post_logout_redirect_uri": AFTER_LOGOUT,
                "revokeAccessTokenOnSignout": True,
            }
        ],
        "defaultDataSourceName": next(iter(SOURCES)),
        "dataSources": [_source(name, origin + root, words) for name, (root, words, _) in SOURCES.items()],
        "registryGate": {
            "api": f"{origin}/api/v1",
            "purposes": {name: purpose for name, (_, _, purpose) in SOURCES.items()},
            "passes": sorted(passes),
        },
    }
    return f"window.config = {json.dumps(config, indent=2)};\n{_LAUNCH}{_REFUSAL}"


def of_ohif(origin: str) -> dict[str, dict[str, str]]:
    """OHIF at this origin as a viewer that can be launched (VIEWERS); nothing where the origin is empty."""
    if not origin:
        return {}
    page = f"{origin}/viewer"
    return {
        CLIENT_ID: {
            "client_id": CLIENT_ID,
            "clinical": f"{page}?StudyInstanceUIDs={{study}}",
            "review": f"{page}/review?StudyInstanceUIDs={{study}}",
        }
    }


def _source(name: str, root: str, words: str) -> dict:
    return {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
        "sourceName": name,
        "configuration": {
            "friendlyName": words,
            "name": name,
            "qidoRoot": root,
            "wadoRoot": root,
            "wadoUriRoot": root,
            "qidoSupportsIncludeField": True,
            "imageRendering": "wadors",
            "thumbnailRendering": "wadors",
            "enableStudyLazyLoad": True,
            "supportsFuzzyMatching": False,
            "supportsWildcard": True,
            "omitQuotationForMultipartRequest": True,
            "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
            # OHIF's own choice, a LABELMAP in RLE or a BINARY in RLE, is not what others can read.
            "segmentation": {"store": {"defaultMode": "bitmap", "transferSyntaxUID": "1.2.840.10008.1.2.1"}},
        },
    }
