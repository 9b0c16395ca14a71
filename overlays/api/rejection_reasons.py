"""Tells with which coded reasons a version can be rejected."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import Coded
from overlays.api.base import Address
from overlays.governance.permissions import Action
from overlays.governance.reasons import REJECTION_REASONS


class RejectionReasonsAnswer(serializers.Serializer):
    """The whole table, in the order in which it is offered to people, and whether who asks may reject."""

    may_review = serializers.BooleanField()
    reasons = Coded(many=True)


class RejectionReasons(Address):
    """The table of reasons."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(responses=RejectionReasonsAnswer, operation_id="list_rejection_reasons")
    def get(self, request: Request) -> Response:
        """Every reason that a rejection may carry."""
        may_review = self.actor.may(Action.REVIEW)
        return Response(RejectionReasonsAnswer({"may_review": may_review, "reasons": REJECTION_REASONS.values()}).data)
