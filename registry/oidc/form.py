"""Reads the parameters of an OAuth 2.0 request."""

from django.http import QueryDict

from registry.oidc.errors import OAuthError
from registry.oidc.studies import Studies, from_parameter

LONGEST = 16_384


def no_repeats(parameters: QueryDict) -> None:
    """Raise OAuthError ``invalid_request`` for a parameter given twice (RFC 6749 3.1, 3.2) or one beyond all measure."""
    for name, values in parameters.lists():
        if len(values) > 1:
            raise OAuthError("invalid_request", "A parameter is given more than once.")
        if len(name) + sum(map(len, values)) > LONGEST:
            raise OAuthError("invalid_request", "A parameter is too long.")


def studies_of(parameters: QueryDict) -> Studies:
    """The studies to which the request asks to be narrowed. Raises OAuthError ``invalid_request``."""
    try:
        return from_parameter(parameters.get("studies", ""))
    except ValueError as fault:
        raise OAuthError("invalid_request", f"studies: {fault}.") from None
