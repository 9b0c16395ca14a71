"""Hands out the audit log."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import AuditEntryAnswer, AuditPage
from overlays.api.base import Address
from overlays.api.forms import AuditQuery
from overlays.governance.permissions import Action
from overlays.services.read_audit import Wanted, read_audit


class AuditEntries(Address):
    """Who did what, in order."""

    actions = {"GET": Action.READ_AUDIT}

    @extend_schema(parameters=[AuditQuery], responses=AuditPage, operation_id="list_audit_entries")
    def get(self, request: Request) -> Response:
        """Entries after an id, at most ``limit``."""
        query = AuditQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        wanted = Wanted(
            after=asked["after"],
            limit=asked["limit"],
            event=asked["event"],
            actor_key=asked["actor"],
            study_instance_uid=asked["study"],
            subject=asked["subject"],
            correlation_id=asked["correlation_id"],
        )
        entries = read_audit(actor=self.actor, at=self.at, wanted=wanted)
        more = entries[-1].pk if len(entries) == wanted.limit else None
        return Response({"entries": AuditEntryAnswer(entries, many=True).data, "next_after": more})
