"""Adds to the registry two addresses that hold their answer back until there is a change: what polling is measured beside.

Each wait looks every quarter of a second at what its process knows, and gives its database connection back before it sleeps.
"""

import json
import time
from collections.abc import Iterator

from django.db import connection
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.base import Address
from overlays.governance.permissions import Action
from overlays.queries.changes import Following, changes_after
from overlays.queries.snapshots import position
from registry.urls import urlpatterns as of_registry

LOOK_SECONDS = 0.25
LONGEST_SECONDS = 25


class _Waits(Address):
    actions = {"GET": Action.READ_CHANGES}

    def _rounds(self, request: Request) -> Iterator[Following]:
        """What came since the last round, each quarter of a second, for as long as a proxy lets an answer wait."""
        after, study = request.query_params.get("after"), request.query_params.get("study", "")
        end, reached = time.monotonic() + LONGEST_SECONDS, position(after) if after else None
        while time.monotonic() < end:
            found = changes_after(actor=self.actor, at=timezone.now(), after=reached, study=study)
            reached = found.after
            yield found
            connection.close()
            time.sleep(LOOK_SECONDS)


def _body(found: Following) -> dict:
    told = [{"sop_instance_uid": change.sop_instance_uid} for change in found.changes]
    return {"changes": told, "after": str(found.after), "poll_seconds": 0}


class LongPoll(_Waits):
    """Answers when there is something to tell, or at the end of the wait; the first question at once."""

    def get(self, request: Request) -> Response:
        """What came after a position."""
        for found in self._rounds(request):
            if found.changes or "after" not in request.query_params:
                break
        return Response(_body(found))


class Events(_Waits):
    """Answers once, with an event for every change (server-sent events)."""

    def get(self, request: Request) -> StreamingHttpResponse:
        """The stream."""
        lines = (
            b"data: " + json.dumps(_body(found)).encode() + b"\n\n" if found.changes else b":\n\n"
            for found in self._rounds(request)
        )
        return StreamingHttpResponse(lines, content_type="text/event-stream")


urlpatterns = [*of_registry, path("bench/long-poll", LongPoll.as_view()), path("bench/events", Events.as_view())]
