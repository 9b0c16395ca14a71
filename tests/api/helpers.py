"""Calls the JSON API as an actor."""

from rest_framework.test import APIClient

from overlays.governance.actor import Actor

API = "/api/v1/"


class Caller:
    """Calls addresses below ``/api/v1/`` with JSON, as one actor; how a token becomes an actor is tested elsewhere."""

    def __init__(self, actor: Actor) -> None:
        self._client = APIClient()
        self._client.force_authenticate(user=object(), token=actor)

    def get(self, path: str, **query: object):
        """GET, with the query."""
        return self._client.get(API + path, query)

    def post(self, path: str, body: object):
        """POST a JSON body."""
        return self._client.post(API + path, body, format="json")

    def send(self, path: str, body: bytes, content_type: str, **headers: str):
        """POST bytes of another type."""
        return self._client.post(API + path, body, content_type=content_type, headers=headers)

    def fetch(self, address: str, accept: str):
        """GET any address."""
        return self._client.get(address, headers={"Accept": accept})

    def delete(self, path: str):
        """DELETE."""
        return self._client.delete(API + path)
