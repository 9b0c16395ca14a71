"""Lets viewers that are showing something follow what may have changed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import ChangesAnswer
from overlays.api.base import Address
from overlays.api.forms import LONGEST_POSITION, ChangesQuery
from overlays.governance.permissions import Action
from overlays.models import Change
from overlays.queries.changes import changes_after
from overlays.queries.snapshots import Position, position
from overlays.queries.uids import is_uid

POLL_SECONDS = 3
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


def _asked(request: Request) -> tuple[Position | None, str]:
    """The position and the study asked for. Raises ValidationError, and Invalid for a text that is no position."""
    query = dict(request.query_params.lists())
    words = {name: values[0] for name, values in query.items() if len(values) == 1}
    after, study = words.get("after"), words.get("study", "")
    plain = len(words) == len(query) and words.keys() <= {"after", "study"} and all(words.values())
    if not plain or len(after or "") > LONGEST_POSITION or (study and not is_uid(study)):
        # As for render decisions: a form takes longer than the answer, and is asked for the fault alone.
        form = ChangesQuery(data=request.query_params)
        form.is_valid(raise_exception=True)
        after, study = form.validated_data.get("after"), form.validated_data["study"]
    return position(after) if after else None, study


class Changes(Address):
    """What may have changed render decisions."""

    actions = {"GET": Action.READ_CHANGES}

    @extend_schema(parameters=[ChangesQuery], responses=ChangesAnswer, operation_id="follow_changes")
    def get(self, request: Request) -> Response:
        """What came after a position, in order; without one, the present position."""
        after, study = _asked(request)
        found = changes_after(actor=self.actor, at=self.at, after=after, study=study)
        return Response(
            {
                "changes": [_change(change) for change in found.changes],
                "after": str(found.after),
                "poll_seconds": 0 if found.more else POLL_SECONDS,
            }
        )
