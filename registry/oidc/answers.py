"""Builds the JSON answers of the authorization server."""

from django.http import JsonResponse

from registry.oidc.errors import OAuthError

BASIC = 'Basic realm="overlays"'


def answer(body: dict, status: int = 200) -> JsonResponse:
    """A JSON answer that no cache keeps (RFC 6749 5.1)."""
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def refusal(fault: OAuthError) -> JsonResponse:
    """A refusal; failed client authentication is challenged (RFC 6749 5.2), too many failures name the wait."""
    response = answer(fault.as_dict(), fault.status)
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = BASIC
    if fault.status == 429:
        response.headers["Retry-After"] = "60"
    return response
