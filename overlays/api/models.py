"""Serves the model registry."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import ModelAnswer, ModelVersionAnswer
from overlays.api.base import Address, ById
from overlays.api.forms import ModelRequest, ModelVersionRequest, PageQuery, PosterRequest, StatusRequest
from overlays.governance.errors import NotFound
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AIModel
from overlays.services.change_status import set_status
from overlays.services.posters import grant_poster, revoke_poster
from overlays.services.register_model import register_model, register_model_version


class Models(Address):
    """The models there are."""

    actions = {"GET": Action.READ_MODELS, "POST": Action.MANAGE_MODELS}

    @extend_schema(parameters=[PageQuery], responses=ModelAnswer(many=True), operation_id="list_models")
    def get(self, request: Request) -> Response:
        """Models in the order of registration, in pages."""
        PageQuery(data=request.query_params).is_valid(raise_exception=True)
        pages = ById()
        page = pages.paginate_queryset(AIModel.objects.prefetch_related("versions", "posters"), request, self)
        return pages.get_paginated_response(ModelAnswer(page, many=True).data)

    @extend_schema(request=ModelRequest, responses={201: ModelAnswer}, operation_id="register_model")
    def post(self, request: Request) -> Response:
        """Register a model."""
        form = ModelRequest(data=request.data)
        form.is_valid(raise_exception=True)
        model = register_model(actor=self.actor, at=self.at, **form.validated_data)
        return Response(ModelAnswer(model).data, status=201)


class ModelVersions(Address):
    """The versions of one model."""

    actions = {"GET": Action.READ_MODELS, "POST": Action.MANAGE_MODELS}

    @extend_schema(responses=ModelVersionAnswer(many=True), operation_id="list_model_versions")
    def get(self, request: Request, model: int) -> Response:
        """Versions in the order of registration."""
        found = AIModel.objects.filter(pk=model).first()
        if found is None:
            raise NotFound(f"There is no model {model}.")
        return Response(ModelVersionAnswer(found.versions.order_by("pk"), many=True).data)

    @extend_schema(
        request=ModelVersionRequest, responses={201: ModelVersionAnswer}, operation_id="register_model_version"
    )
    def post(self, request: Request, model: int) -> Response:
        """Register a version; what was quarantined for want of it goes to review."""
        form = ModelVersionRequest(data=request.data)
        form.is_valid(raise_exception=True)
        version = register_model_version(actor=self.actor, at=self.at, model_id=model, **form.validated_data)
        return Response(ModelVersionAnswer(version).data, status=201)


class ModelVersionStatus(Address):
    """The status of one model version."""

    actions = {"POST": Action.MANAGE_MODELS}

    @extend_schema(request=StatusRequest, responses=ModelVersionAnswer, operation_id="change_status")
    def post(self, request: Request, version: int) -> Response:
        """Change it; the next render decision follows."""
        form = StatusRequest(data=request.data)
        form.is_valid(raise_exception=True)
        change = set_status(
            actor=self.actor,
            at=self.at,
            model_version_id=version,
            status=ModelStatus(form.validated_data["status"]),
            reason=form.validated_data["reason"],
        )
        return Response(ModelVersionAnswer(change.model_version).data)


class Posters(Address):
    """The clients that may post for one model."""

    actions = {"POST": Action.MANAGE_MODELS}

    @extend_schema(request=PosterRequest, responses={201: PosterRequest}, operation_id="grant_poster")
    def post(self, request: Request, model: int) -> Response:
        """Let a client post."""
        form = PosterRequest(data=request.data)
        form.is_valid(raise_exception=True)
        poster = grant_poster(actor=self.actor, at=self.at, model_id=model, **form.validated_data)
        return Response({"client_id": poster.client_id}, status=201)


class Poster(Address):
    """One client that may post for one model."""

    actions = {"DELETE": Action.MANAGE_MODELS}

    @extend_schema(responses={204: None}, operation_id="revoke_poster")
    def delete(self, request: Request, model: int, client_id: str) -> Response:
        """No longer let it post; what it posted stays."""
        form = PosterRequest(data={"client_id": client_id})
        form.is_valid(raise_exception=True)
        revoke_poster(actor=self.actor, at=self.at, model_id=model, **form.validated_data)
        return Response(status=204)
