"""Lists overlays and their versions, and takes reviews."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import OverlayAnswer, ReviewAnswer, VersionAnswer, VersionDetail
from overlays.api.base import Address, ById, ByTime
from overlays.api.forms import OverlayQuery, PageQuery, ReviewRequest
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Decision
from overlays.queries.readable import (
    may_read_content,
    readable_overlay,
    readable_overlays,
    readable_version,
    readable_versions,
)
from overlays.queries.uids import require_uid
from overlays.services.review import accept, reject

LOOKUP_OF_FILTER = {
    "study": "study__study_instance_uid",
    "patient": "study__patient_id",
    "model": "model_name",
    "model_version": "versions__model_version",
    "review_state": "versions__review_state",
}
"""Which column each filter of the list compares."""


class Overlays(Address):
    """The lines of results there are."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(parameters=[OverlayQuery], responses=OverlayAnswer(many=True), operation_id="list_overlays")
    def get(self, request: Request) -> Response:
        """Overlays, oldest first, in pages."""
        query = OverlayQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        filters = {lookup: asked[name] for name, lookup in LOOKUP_OF_FILTER.items() if name in asked}
        pages = ByTime()
        page = pages.paginate_queryset(readable_overlays(self.actor).filter(**filters).distinct(), request, self)
        return pages.get_paginated_response(OverlayAnswer(page, many=True).data)


class OverlayDetail(Address):
    """One line of results."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(responses=OverlayAnswer, operation_id="read_overlay")
    def get(self, request: Request, overlay: UUID) -> Response:
        """The overlay."""
        return Response(OverlayAnswer(readable_overlay(self.actor, overlay)).data)


class OverlayVersions(Address):
    """The versions of one line."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(parameters=[PageQuery], responses=VersionAnswer(many=True), operation_id="list_versions")
    def get(self, request: Request, overlay: UUID) -> Response:
        """Versions by number, in pages."""
        PageQuery(data=request.query_params).is_valid(raise_exception=True)
        line = readable_overlay(self.actor, overlay)
        versions = readable_versions(self.actor).filter(overlay=line)
        related = versions.select_related("study", "series", "model_version", "parent").defer(
            "attributes", "content", "claims", "findings", "pixels", "grid"
        )
        pages = ById()
        page = pages.paginate_queryset(related, request, self)
        return pages.get_paginated_response(VersionAnswer(page, many=True).data)


class Version(Address):
    """One version."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(responses=VersionDetail, operation_id="read_version")
    def get(self, request: Request, sop_uid: str) -> Response:
        """The version; its content is null for those who may read of it only."""
        version = readable_version(self.actor, require_uid(sop_uid, "SOPInstanceUID"))
        answer = VersionDetail(version).data
        if not may_read_content(self.actor, version):
            answer["content"] = None
        return Response(answer)


class Reviews(Address):
    """The reviews of one version."""

    actions = {"GET": Action.READ_REVIEWS, "POST": Action.REVIEW}

    @extend_schema(responses=ReviewAnswer(many=True), operation_id="list_reviews")
    def get(self, request: Request, sop_uid: str) -> Response:
        """Reviews in the order they were made."""
        version = readable_version(self.actor, require_uid(sop_uid, "SOPInstanceUID"))
        return Response(ReviewAnswer(version.reviews.all(), many=True).data)

    @extend_schema(request=ReviewRequest, responses={201: ReviewAnswer}, operation_id="review_version")
    def post(self, request: Request, sop_uid: str) -> Response:
        """Accept or reject the version, bound to the digest of the bytes that were seen."""
        form = ReviewRequest(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        act = {
            "actor": self.actor,
            "at": self.at,
            "sop_instance_uid": require_uid(sop_uid, "SOPInstanceUID"),
            "seen_sha256": said["seen_sha256"],
            "seen_state": said.get("seen_state"),
            "comment": said["comment"],
        }
        rejecting = said["decision"] == Decision.REJECT
        review = reject(**act, reason_code=said["reason"]) if rejecting else accept(**act)
        return Response(ReviewAnswer(review).data, status=201)
