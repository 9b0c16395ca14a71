"""Lets nobody call an address whose action they may not take."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from overlays.governance.actor import Actor


class StatesItsAction(BasePermission):
    """Lets an actor through whose scopes allow the action that the view states for the method; nobody else.

    A view states ``actions``, a table from HTTP method to Action. A method that the view has, and the table has not, is refused to
    everybody.
    """

    message = "The token's scopes do not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request's actor may do what the address is for.

        Raises MethodNotAllowed for a method that the address has not. A stranger is not told which methods there are.
        """
        if not isinstance(request.auth, Actor):
            return False
        method = "GET" if request.method == "HEAD" else request.method
        if method not in view.allowed_methods:
            raise MethodNotAllowed(request.method)
        action = getattr(view, "actions", {}).get(method)
        return action is not None and request.auth.may(action)
