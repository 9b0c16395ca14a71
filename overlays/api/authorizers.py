"""Answers the authorizers of archives: whether a token that was shown to the archive lets its holder do an operation there."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import HealthImagingAnswer
from overlays.api.base import Address
from overlays.api.forms import HealthImagingRequest
from overlays.governance.permissions import Action
from overlays.services.authorize_archive import authorize_archive


class HealthImaging(Address):
    """The authorizer of AWS HealthImaging for DICOMweb, in the words of its Lambda contract."""

    actions = {"POST": Action.AUTHORIZE_ARCHIVE}

    @extend_schema(request=HealthImagingRequest, responses=HealthImagingAnswer, operation_id="authorize_healthimaging")
    def post(self, request: Request) -> Response:
        """Whether the token is valid, and under which role the operation runs; an empty role denies it."""
        form = HealthImagingRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        try:
            # The door that let the asker in is the one that knows tokens.
            holder = request.successful_authenticator.actor_of(asked["bearerToken"], self.actor.correlation_id)
        except AuthenticationFailed:
            return Response({"isTokenValid": False, "roleArn": ""})
        found = authorize_archive(
            actor=self.actor,
            at=self.at,
            holder=holder,
            data_store=asked["datastoreId"],
            operation=asked["operation"],
        )
        return Response({"isTokenValid": True, "roleArn": found.role})
