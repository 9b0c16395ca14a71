"""Every address states its permission, and answers no stranger."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from overlays.governance.permissions import Action

OPEN_TO_ALL = {
    "start",
    "login",
    "logout",
    "livez",
    "readyz",
    "schema",
    "docs",
}
"""Names of addresses that answer anybody: no study, patient or overlay is told there."""

SAMPLES = {
    "study": "1.2.3",
    "series": "1.2.4",
    "instance": "1.2.5",
    "sop_uid": "1.2.5",
    "frames": "1",
    "tag": "7FE00010",
    "overlay": "00000000-0000-4000-8000-000000000000",
    "model": 1,
    "version": 1,
    "client_id": "someone",
}


def patterns(resolver: URLResolver, prefix: str = "", names: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Every leaf of the URL conf: namespace and name, path, pattern."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path, f"{names}{entry.namespace}:" if entry.namespace else names)
        else:
            yield f"{names}{entry.name}", path, entry


ALL = list(patterns(get_resolver()))
GOVERNED = [leaf for leaf in ALL if leaf[1].startswith(("api/v1/", "dicom-web/", "review/dicom-web/"))]
NEEDING_TOKEN = [leaf for leaf in GOVERNED if leaf[0] not in OPEN_TO_ALL]


def test_the_url_conf_was_walked():
    assert len(NEEDING_TOKEN) > 20


def concrete(path: str) -> str:
    """The path with a sample in the place of each parameter."""
    import re

    def sample(found: re.Match) -> str:
        return str(SAMPLES[found["name"]])

    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", sample, path)


@pytest.mark.parametrize(("name", "path", "pattern"), NEEDING_TOKEN, ids=[leaf[1] for leaf in NEEDING_TOKEN])
def test_an_address_states_its_action_for_every_method(name, path, pattern):
    view = pattern.callback.cls
    methods = {method.upper() for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)}
    stated = view.stated_actions() if hasattr(view, "stated_actions") else view.actions
    assert set(stated) >= methods
    assert all(isinstance(action, Action) for action in stated.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path", "pattern"), NEEDING_TOKEN, ids=[leaf[1] for leaf in NEEDING_TOKEN])
def test_an_address_refuses_a_stranger(name, path, pattern):
    view = pattern.callback.cls
    for method in ("get", "post", "put", "patch", "delete"):
        if hasattr(view, method):
            answer = getattr(Client(), method)(concrete(path))
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_the_admin_sends_a_stranger_to_the_login():
    for name, path, _ in ALL:
        if path.startswith("admin/") and "<" not in path and "login" not in path and "(" not in path:
            answer = Client().get("/" + path)
            assert answer.status_code in (302, 301, 404), (name, path)
