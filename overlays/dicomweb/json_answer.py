"""Answers in DICOM JSON: whether the client takes it, compressed if it likes, with addresses under its own mount (PS3.18 8.7.3)."""

import gzip
import json
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from overlays.governance.errors import Invalid
from overlays.http import media_types
from overlays.http.refusals import CannotServe

Locate = Callable[..., str]
"""Gives the address of a study (``study=``), series (``series=`` as well) or instance."""

DICOM_JSON = "application/dicom+json"
_JSON = (DICOM_JSON, "application/json")
_WORTH_COMPRESSING = 1024
_LEVEL = 5


def accepted(request: Request) -> list[media_types.MediaType]:
    """The media ranges of the request, the preferred one first. Raises Invalid."""
    try:
        return media_types.parse_accept(request.headers.get("Accept", ""))
    except media_types.MalformedMediaType as malformed:
        raise Invalid(f"Accept: {malformed}") from None


def require_json_accepted(request: Request) -> None:
    """Raise CannotServe unless the client takes DICOM JSON, by its own name or as plain JSON."""
    if not any(essence in each for each in accepted(request) for essence in _JSON):
        raise CannotServe(f"This address answers in {DICOM_JSON}; the client does not accept it.")


def takes_gzip(request: Request) -> bool:
    """Whether Accept-Encoding names gzip, with a weight other than 0 (RFC 9110 12.5.3)."""
    for part in request.headers.get("Accept-Encoding", "")[:1000].split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip().lower() == "gzip":
            return not re.fullmatch(r"\s*q=0(\.0{0,3})?\s*", weight)
    return False


def json_answer(request: Request, found: object, *, status: int = 200) -> HttpResponse:
    """The value as application/dicom+json, compact."""
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()
    compress = takes_gzip(request) and len(text) >= _WORTH_COMPRESSING
    # Without a time stamp, so that the same metadata is the same bytes and its entity tag is a strong one.
    answer = HttpResponse(gzip.compress(text, _LEVEL, mtime=0) if compress else text, status=status)
    answer.headers["Content-Type"] = DICOM_JSON
    if compress:
        answer.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(answer, ("Accept-Encoding",))
    return answer


def locator(request: Request) -> Locate:
    """Gives absolute addresses of studies, series and instances under the mount through which the request came.

    They begin with the registry's own origin, not with the Host that the request names: proxies and clients get that wrong, the port above
    all, and nobody can make the registry point elsewhere with it.
    """
    namespace = request.resolver_match.namespace

    def locate(**parts: str) -> str:
        name = "instance" if "instance" in parts else "series" if "series" in parts else "study"
        return settings.SITE_URL + reverse(f"{namespace}:{name}", kwargs=parts)

    return locate
