"""Hands out lineage."""

import json

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.base import Address
from overlays.api.forms import LineageQuery
from overlays.governance.permissions import Action
from overlays.services.export_lineage import LineageFormat, export_lineage


class ByParameter(BaseContentNegotiation):
    """The form of the answer is asked for by ``format``, and by nothing else."""

    def select_parser(self, request: Request, parsers: list) -> object:
        """The first parser."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: list, format_suffix: str | None = None) -> tuple:
        """The first renderer."""
        return renderers[0], renderers[0].media_type


class Lineage(Address):
    """Where versions came from, and what came of them."""

    actions = {"GET": Action.READ_LINEAGE}
    content_negotiation_class = ByParameter

    @extend_schema(
        parameters=[LineageQuery],
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
        },
        operation_id="export_lineage",
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """The lineage of one overlay, study, source or model version, both ways, its holes named."""
        query = LineageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        form = LineageFormat(asked.pop("format"))
        text = export_lineage(actor=self.actor, at=self.at, format=form, **asked)
        if form is LineageFormat.JSON:
            return Response(json.loads(text))
        headers = {"Content-Disposition": 'attachment; filename="lineage.csv"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
