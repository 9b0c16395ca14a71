"""The queries are asked about what the services stored."""

from tests.services.conftest import posted, sources  # noqa: F401
