"""Holds what every address of the JSON API shares: whose act it is, when it happens, how lists are paged."""

from datetime import datetime
from typing import ClassVar

from django.utils import timezone
from rest_framework.pagination import CursorPagination
from rest_framework.views import APIView

from overlays.governance.actor import Actor
from overlays.governance.permissions import Action


class Address(APIView):
    """An address that states, for each method, the action that it is."""

    actions: ClassVar[dict[str, Action]] = {}

    @property
    def actor(self) -> Actor:
        """Who calls, as authentication found."""
        return self.request.auth

    @property
    def at(self) -> datetime:
        """When the call happens."""
        return timezone.now()


class ById(CursorPagination):
    """Pages in the order of making, 50 rows each unless ``limit`` asks for up to 500."""

    ordering = "pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500


class ByTime(ById):
    """Pages in the order of time, for tables whose key is not a counter."""

    ordering = ("created_at", "id")
