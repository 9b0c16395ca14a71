"""Answers OPTIONS at the base address with the Capabilities Description, a WADL document (PS3.18 8.9, Annex H)."""

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.http import HttpResponse
from django.urls import URLPattern
from rest_framework.request import Request

from overlays.dicomweb.address import Address
from overlays.dicomweb.json_answer import DICOM_JSON, accepted
from overlays.http.refusals import CannotServe

WADL = "application/vnd.sun.wadl+xml"
NAMESPACE = "http://wadl.dev.java.net/2009/02"

TRANSACTIONS: dict[tuple[str, str], str] = {
    ("studies", "GET"): "SearchForStudies",
    ("studies", "POST"): "StoreInstances",
    ("all-series", "GET"): "SearchForSeries",
    ("all-instances", "GET"): "SearchForInstances",
    ("study", "GET"): "RetrieveStudy",
    ("study", "POST"): "StoreStudyInstances",
    ("study-metadata", "GET"): "RetrieveStudyMetadata",
    ("series-of-study", "GET"): "SearchForStudySeries",
    ("instances-of-study", "GET"): "SearchForStudyInstances",
    ("series", "GET"): "RetrieveSeries",
    ("series-metadata", "GET"): "RetrieveSeriesMetadata",
    ("instances-of-series", "GET"): "SearchForStudySeriesInstances",
    ("instance", "GET"): "RetrieveInstance",
    ("instance-metadata", "GET"): "RetrieveInstanceMetadata",
    ("frames", "GET"): "RetrieveFrames",
    ("bulkdata", "GET"): "RetrieveBulkdata",
    ("study-rendered", "GET"): "RetrieveRenderedStudy",
    ("series-rendered", "GET"): "RetrieveRenderedSeries",
    ("study-thumbnail", "GET"): "RetrieveStudyThumbnail",
    ("series-thumbnail", "GET"): "RetrieveSeriesThumbnail",
    ("instance-rendered", "GET"): "RetrieveRenderedInstance",
    ("instance-thumbnail", "GET"): "RetrieveInstanceThumbnail",
    ("frame-rendered", "GET"): "RetrieveRenderedFrames",
    ("frame-thumbnail", "GET"): "RetrieveFrameThumbnail",
}
"""What each method of each address is called (PS3.18 Table H-1)."""

_INSTANCES = ('multipart/related; type="application/dicom"', "application/dicom")
_OCTETS = ('multipart/related; type="application/octet-stream"', "application/octet-stream")
_PICTURES = ("image/jpeg", "image/png")
_MANY_PICTURES = tuple(f'multipart/related; type="{each}"' for each in _PICTURES)
MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "RetrieveStudy": _INSTANCES[:1],
    "RetrieveSeries": _INSTANCES[:1],
    "RetrieveInstance": _INSTANCES,
    "RetrieveFrames": _OCTETS,
    "RetrieveBulkdata": _OCTETS,
    "RetrieveRenderedStudy": _MANY_PICTURES,
    "RetrieveRenderedSeries": _MANY_PICTURES,
    "RetrieveStudyThumbnail": _PICTURES,
    "RetrieveSeriesThumbnail": _PICTURES,
    "RetrieveRenderedInstance": _PICTURES,
    "RetrieveInstanceThumbnail": _PICTURES,
    "RetrieveRenderedFrames": _PICTURES,
    "RetrieveFrameThumbnail": _PICTURES,
}
"""In what a transaction answers; the others in DICOM JSON."""


class Capabilities(Address):
    """OPTIONS of the base address. ``described`` are the patterns of all others."""

    described: Sequence[URLPattern] = ()

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The description. Raises CannotServe."""
        if not any(essence in each for each in accepted(request) for essence in (WADL, "application/xml")):
            raise CannotServe(f"Capabilities are described as {WADL}; the client does not accept it.")
        base = settings.SITE_URL + request.path
        return HttpResponse(wadl(base, self.described), content_type=WADL, headers={"Allow": "OPTIONS"})


def wadl(base: str, described: Sequence[URLPattern]) -> bytes:
    """One ``resource`` for each step of the addresses, one inside the other, with their methods."""
    application = ElementTree.Element("application", xmlns=NAMESPACE)
    resources = {"": ElementTree.SubElement(application, "resources", base=base)}
    for pattern in described:
        route = re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern))
        above = ""
        for step in route.split("/"):
            at = f"{above}/{step}"
            if at not in resources:
                resources[at] = ElementTree.SubElement(resources[above], "resource", path=step)
            above = at
        for method in ("GET", "POST"):
            if (pattern.name, method) in TRANSACTIONS:
                _describe(resources[above], method, TRANSACTIONS[pattern.name, method])
    return ElementTree.tostring(application, encoding="utf-8", xml_declaration=True)


def _describe(resource: ElementTree.Element, method: str, transaction: str) -> None:
    found = ElementTree.SubElement(resource, "method", name=method, id=transaction)
    if method == "POST":
        request = ElementTree.SubElement(found, "request")
        ElementTree.SubElement(request, "representation", mediaType=_INSTANCES[0])
    response = ElementTree.SubElement(found, "response")
    for media_type in MEDIA_TYPES.get(transaction, (DICOM_JSON,)):
        ElementTree.SubElement(response, "representation", mediaType=media_type)
