"""Serves the start page."""

from django.http import HttpRequest, HttpResponse


def start_page(request: HttpRequest) -> HttpResponse:
    """What this is, and where each kind of user goes."""
    return HttpResponse("Overlay registry")
