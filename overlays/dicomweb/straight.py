"""Tells the proxy in front which image of the archive it may take from there itself, and with which credentials (decision 0022)."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from overlays.archive.connection import archive
from overlays.dicomweb.address import Address
from overlays.dicomweb.forwarded import bearer_of
from overlays.dicomweb.json_answer import accepted
from overlays.dicomweb.negotiation import MULTIPART, OCTETS, PART_10
from overlays.governance.errors import NotPermitted
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.queries.archive_objects import in_use, one_of_archive
from overlays.queries.uids import require_uid

ADDRESSES = ("instance", "frames")
"""What goes straight, by the names of the addresses; all others are made of several objects, or of what has to be looked up first."""

MEDIA_TYPES = (MULTIPART, PART_10, OCTETS, "*/*")
_PLAIN = re.compile(r"(/[a-z0-9.,-]+){2,16}", re.ASCII)
_FRAMES = re.compile(r"[1-9]\d{0,8}(,[1-9]\d{0,8})*", re.ASCII)
NOT_STRAIGHT = "The registry answers this itself."


class GoesStraight(Address):
    """Answers the proxy's sub-request about the request that it holds: 204, or another status, upon which the registry answers.

    There is no such address for anybody else: the answer holds the archive's credentials.
    """

    actions = {"GET": Action.RETRIEVE_CLINICAL}
    _asked: ResolverMatch

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raise Http404 before anything else is looked at, unless the proxy's secret comes with the request."""
        secret, given = settings.OVERLAYS_PROXY_SECRET, request.headers.get("X-Proxy-Secret", "")
        if not secret or not constant_time_compare(given, secret):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def purpose(self) -> Purpose:
        """That of the mount to which the held request goes."""
        return Purpose(self._asked.kwargs["purpose"])

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What is held, then who asks and whether they may. Raises NotPermitted, AuthenticationFailed, Invalid."""
        self._asked = _asked(request.headers.get("X-Original-Method", ""), request.headers.get("X-Original-URI", ""))
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponse:
        """Where the image is in the archive, and what the archive is to be shown, if it may leave unruled and unchanged.

        Images leave no audit entry, as on the way through the registry. Raises NotPermitted, ArchiveFailed.
        """
        uids = {name: self._asked.kwargs[name] for name in ("study", "series", "instance")}
        bearer = bearer_of(request)
        if (
            not in_use()
            or any(each.essence not in MEDIA_TYPES for each in accepted(request))
            or one_of_archive(actor=self.actor, bearer=bearer, **uids) is None
        ):
            raise NotPermitted(NOT_STRAIGHT)
        path = urlsplit(archive().url).path.strip("/")
        path = f"{path}/studies/{uids['study']}/series/{uids['series']}/instances/{uids['instance']}".lstrip("/")
        if frames := self._asked.kwargs.get("frames"):
            path += f"/frames/{frames}"
        answer = HttpResponse(status=204, headers={"X-Archive-Path": path})
        if authorization := archive().authorization(bearer):
            answer.headers["X-Archive-Authorization"] = authorization
        return answer


def _asked(method: str, uri: str) -> ResolverMatch:
    """The address that the held request goes to, as it came over the wire. Raises NotPermitted for any but plain ones of single images.

    Nothing is decoded or normalised: what needs that is the registry's to read, once.
    """
    if method != "GET" or len(uri) > 4096 or not _PLAIN.fullmatch(uri):
        raise NotPermitted(NOT_STRAIGHT)
    try:
        found = resolve(uri)
    except Resolver404:
        raise NotPermitted(NOT_STRAIGHT) from None
    if found.app_name != "dicomweb" or found.url_name not in ADDRESSES:
        raise NotPermitted(NOT_STRAIGHT)
    if not _FRAMES.fullmatch(found.kwargs.get("frames", "1")):
        raise NotPermitted(NOT_STRAIGHT)
    for name in ("study", "series", "instance"):
        require_uid(found.kwargs[name], f"The {name} of the address:")
    return found
