"""Guards the pages of login and consent with response headers."""

from django.http import HttpResponse

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""There is no ``form-action``: browsers apply it to the redirects that follow a form, and these lead to the client."""


def guarded(response: HttpResponse) -> HttpResponse:
    """The response with a policy that lets it load nothing foreign, be framed nowhere and be cached nowhere."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
