"""Lets viewers that are showing something follow what may have changed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import ChangesAnswer
from overlays.api.base import Address
from overlays.api.forms import ChangesQuery
from overlays.governance.permissions import Action
from overlays.models import Change
from overlays.queries.changes import changes_after
from overlays.queries.snapshots import position

POLL_SECONDS = 2
"""How long a viewer waits before it asks again (docs/decisions/0019)."""


def _change(change: Change) -> dict:
    version = change.model_version
    return {
        "position": f"{change.transaction}.{change.pk}",
        "event": change.event,
        "at": change.at,
        "study_instance_uid": change.study_instance_uid or None,
        "sop_instance_uid": change.sop_instance_uid or None,
        "model_version": version
        and {
            "id": version.pk,
            "name": version.model.name,
            "version": version.version,
            "manufacturer": version.model.manufacturer,
        },
    }


class Changes(Address):
    """What may have changed render decisions."""

    actions = {"GET": Action.READ_CHANGES}

    @extend_schema(parameters=[ChangesQuery], responses=ChangesAnswer, operation_id="follow_changes")
    def get(self, request: Request) -> Response:
        """What came after a position, in order; without one, the present position."""
        query = ChangesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = changes_after(
            actor=self.actor,
            at=self.at,
            after=position(asked["after"]) if "after" in asked else None,
            study=asked["study"],
        )
        return Response(
            {
                "changes": [_change(change) for change in found.changes],
                "after": str(found.after),
                "poll_seconds": 0 if found.more else POLL_SECONDS,
            }
        )
