"""Opens viewers on one study for programs that hold no more than a list of studies."""

from secrets import token_urlsafe

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import LaunchAnswer
from overlays.api.base import Address
from overlays.api.forms import LaunchRequest
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.services.launch import make_launch


class Launches(Address):
    """Invitations to open one study in a viewer."""

    actions = {"POST": Action.LAUNCH_VIEWER}

    @extend_schema(request=LaunchRequest, responses={201: LaunchAnswer}, operation_id="launch_viewer")
    def post(self, request: Request) -> Response:
        """The viewer's address, to be opened once; the login there gets a token narrowed to the study."""
        form = LaunchRequest(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data | {"purpose": Purpose(form.validated_data["purpose"])}
        invitation = make_launch(actor=self.actor, at=self.at, code=token_urlsafe(32), **wanted)
        launch = invitation.launch
        body = {
            "viewer": launch.viewer,
            "url": invitation.address,
            "study_instance_uid": launch.study_instance_uid,
            "purpose": launch.purpose,
            "studies": [launch.study_instance_uid],
            "expires_at": launch.expires_at,
        }
        return Response(body, status=201)
