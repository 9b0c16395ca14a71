"""Holds what every address of the JSON API shares: whose act it is, when it happens, how lists are paged."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from overlays.api.forms import LARGEST_KEY, MOST_ROWS
from overlays.governance.actor import Actor
from overlays.governance.permissions import Action


class Address(APIView):
    """An address that states, for each method, the action that it is."""

    http_method_names: ClassVar[list[str]] = ["get", "post", "put", "patch", "delete", "head"]
    actions: ClassVar[dict[str, Action]] = {}

    @property
    def actor(self) -> Actor:
        """Who calls, as authentication found."""
        return self.request.auth

    @property
    def at(self) -> datetime:
        """When the call happens."""
        return timezone.now()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer, kept by nobody: what it says of patients is for the caller, and may be otherwise the next moment."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _whole(position: str) -> None:
    if not 0 <= int(position) <= LARGEST_KEY:
        raise ValueError(position)


def _moment(position: str) -> None:
    moment = datetime.fromisoformat(position)
    if moment.tzinfo is None:
        raise ValueError(position)
    moment.astimezone(UTC)  # the first and last day of the calendar have moments that do not exist in UTC


class ById(CursorPagination):
    """Pages in the order of making, 50 rows each unless ``limit`` asks for up to 500."""

    ordering = "pk"
    check_position = staticmethod(_whole)
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = MOST_ROWS

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the page starts. Raises ValidationError for a cursor that no answer has given."""
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.check_position(cursor.position)
        except (NotFound, ValueError, OverflowError):
            raise ValidationError({"cursor": "No page starts there."}) from None
        return cursor


class ByTime(ById):
    """Pages in the order of time, for tables whose key is not a counter."""

    ordering = ("created_at", "id")
    check_position = staticmethod(_moment)
