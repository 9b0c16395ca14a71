"""The JSON API speaks of what the services stored."""

from tests.services.conftest import posted, sources  # noqa: F401
