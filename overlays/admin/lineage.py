"""Serves the page that draws lineage, and hands it out as a file."""

import re
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from overlays.admin.actor import actor_of
from overlays.admin.lineage_layout import MOST_DRAWN, lay_out
from overlays.admin.read_only import asking, page
from overlays.governance.errors import Invalid
from overlays.governance.permissions import Action
from overlays.models import OverlayVersion
from overlays.queries.lineage import Graph, NodeKind, lineage
from overlays.services.export_lineage import LineageFormat, export_lineage

BY = {
    "overlay": "Overlay (its id)",
    "study": "Study (Study Instance UID)",
    "source": "Source (UID of an instance, series or study)",
    "model_version": "Model version (its number)",
}
CONTENT_TYPES = {LineageFormat.JSON: "application/json", LineageFormat.CSV: "text/csv; charset=utf-8"}
MOST_ROWS = 2000
_UID = re.compile(r"[0-9.]{1,64}")


def asked_of(request: HttpRequest) -> dict[str, object]:
    """The one thing that the address asks about, as an argument of ``lineage``; nothing when it asks nothing.

    Raises Invalid when it asks several things, or one of a wrong form.
    """
    given = {name: request.GET[name].strip() for name in BY if request.GET.get(name, "").strip()}
    by = request.GET.get("by", "")
    if by and request.GET.get("value", "").strip():
        if by not in BY:
            raise Invalid(f"Ask by one of: {', '.join(BY)}.")
        given[by] = request.GET["value"].strip()
    if len(given) > 1:
        raise Invalid("Ask about one thing at a time.")
    return {name: _read(name, value) for name, value in given.items()}


def _read(name: str, value: str) -> object:
    if name == "overlay":
        try:
            return UUID(value)
        except ValueError as error:
            raise Invalid("An overlay's id is a UUID, such as 0a9be6ee-1f1f-4fd8-a3bb-000000000000.") from error
    if name == "model_version":
        if not (value.isascii() and value.isdecimal() and len(value) <= 18):
            raise Invalid("A model version is asked for by its number.")
        return int(value)
    if not _UID.fullmatch(value):
        raise Invalid("A UID has up to 64 digits and dots.")
    return value


@require_safe
@asking(Action.READ_LINEAGE)
def lineage_page(request: HttpRequest) -> HttpResponse:
    """The graph as a drawing and, for everybody who cannot see it, as tables; a form to ask for another."""
    graph, error, asked = None, "", {}
    try:
        asked = asked_of(request)
        graph = lineage(actor=actor_of(request), **asked) if asked else None
    except Invalid as refused:
        error = refused.sentence
    addresses_of = _addresses(graph) if graph else {}
    sheet = lay_out(graph) if graph else None
    by, value = next(iter(asked.items()), (request.GET.get("by", "study"), request.GET.get("value", "")))
    return page(
        request,
        "overlays/lineage.html",
        "Lineage",
        status=400 if error else 200,
        graph=graph,
        sheet=sheet,
        boxes=[(box, addresses_of.get(box.node.key, "")) for box in sheet.boxes] if sheet else [],
        most_drawn=MOST_DRAWN,
        error=error,
        by=by,
        value=str(value),
        kinds=list(BY.items()),
        rows=_rows(graph, addresses_of) if graph else [],
        query=f"{by}={value}" if asked else "",
        is_fullwidth="1",
    )


def _rows(graph: Graph, addresses_of: dict[str, str]) -> list[dict]:
    nodes = {node.key: node for node in graph.nodes}
    return [
        {
            "subject": nodes[edge.subject],
            "subject_address": addresses_of.get(edge.subject, ""),
            "relation": edge.relation.value,
            "object": nodes[edge.object],
            "object_address": addresses_of.get(edge.object, ""),
            "instances": len(edge.instances),
        }
        for edge in graph.edges[:MOST_ROWS]
    ]


def _addresses(graph: Graph) -> dict[str, str]:
    """The page of each version in the graph, by SOP Instance UID."""
    uids = [node.key for node in graph.nodes if node.kind is NodeKind.VERSION]
    rows = OverlayVersion.objects.filter(sop_instance_uid__in=uids).values_list("sop_instance_uid", "pk")
    return {uid: reverse("admin:overlays_overlayversion_review", args=[pk]) for uid, pk in rows}


@require_safe
@asking(Action.READ_LINEAGE)
def lineage_file(request: HttpRequest, form: LineageFormat) -> HttpResponse:
    """The same graph as a file; that it left is recorded."""
    try:
        asked = asked_of(request)
        text = export_lineage(actor=actor_of(request), at=timezone.now(), format=form, **asked)
    except Invalid as refused:
        return HttpResponse(refused.sentence, status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(text, content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="lineage.{form}"'
    return response


def addresses() -> list:
    """The addresses of this module, below /admin/."""
    files = [
        path(f"lineage/export.{form}", lineage_file, {"form": form}, name=f"overlays_lineage_{form}")
        for form in LineageFormat
    ]
    return [path("lineage/", lineage_page, name="overlays_lineage"), *files]


admin.site.extra_urls = addresses
