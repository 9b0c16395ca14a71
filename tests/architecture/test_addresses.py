"""Every address states its permission, and answers no stranger."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from overlays.governance.permissions import Action

OPEN_TO_ALL = {
    "",
    "login/",
    "login/external/",
    "logout/",
    "admin/login/",
    "admin/logout/",
    "livez",
    "readyz",
    "api/v1/schema/",
    "api/v1/docs/",
    "api/v1/decision-keys",
    "oidc/^jwks/?$",
    r"oidc/^\.well-known/openid-configuration/?$",
    "oidc/^end-session/?$",
    "oidc/^end-session-prompt/?$",
}
"""Addresses that answer anybody: no study, patient, overlay, person or client is told there."""

ASKING_THEMSELVES = {
    "login/external/callback",
    "oidc/^authorize/?$",
    "oidc/^token/?$",
    "oidc/^userinfo/?$",
    "oidc/^introspect/?$",
    "oidc/^revoke/?$",
}
"""Addresses of the identity provider, which ask for a client's or a person's credentials in the ways of OAuth 2.0."""

OF_THE_PROXY = {"proxy/image"}
"""Addresses that there are for the proxy in front alone, which is known by a secret."""

OF_EVERY_MEMBER_OF_STAFF = {
    "admin/",
    "admin/search/",
    "admin/password_change/",
    "admin/password_change/done/",
    "admin/jsi18n/",
}
"""Addresses of the admin that need a login and no role."""

SAMPLES = {
    "study": "1.2.3",
    "series": "1.2.4",
    "instance": "1.2.5",
    "sop_uid": "1.2.5",
    "other_sop_uid": "1.2.6",
    "other": 2,
    "frames": "1",
    "tag": "7FE00010",
    "overlay": "00000000-0000-4000-8000-000000000000",
    "model": 1,
    "version": 1,
    "client_id": "someone",
    "pk": 1,
    "id": 1,
    "object_id": 1,
    "content_type_id": 1,
    "digest": "0" * 16,
    "key": "0" * 16,
    "index": 0,
    "segment": 1,
    "window": "own",
    "style": "fill",
    "app_label": "overlays",
    "url": "nowhere",
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
TOLD = OPEN_TO_ALL | ASKING_THEMSELVES | OF_THE_PROXY
NEEDING_TOKEN = [
    leaf for leaf in ALL if leaf[1].startswith(("api/v1/", "dicom-web/", "review/dicom-web/")) and leaf[1] not in TOLD
]
NEEDING_LOGIN = [leaf for leaf in ALL if leaf[1].startswith("admin/") and leaf[1] not in TOLD]
NEEDING_ROLE = [leaf for leaf in NEEDING_LOGIN if leaf[1] not in OF_EVERY_MEMBER_OF_STAFF]


def paths(leaves: list) -> list[str]:
    """The second of each."""
    return [leaf[1] for leaf in leaves]


def test_every_address_needs_a_token_or_a_login_or_is_told_to_need_none():
    assert set(paths(ALL)) == {*paths(NEEDING_TOKEN), *paths(NEEDING_LOGIN), *TOLD}
    assert min(len(NEEDING_TOKEN), len(NEEDING_LOGIN)) > 20


def test_every_exception_is_an_address():
    assert set(paths(ALL)) >= TOLD | OF_EVERY_MEMBER_OF_STAFF


def concrete(path: str) -> str:
    """The path with a sample in the place of each parameter."""

    def sample(found: re.Match) -> str:
        return str(SAMPLES[found["name"]])

    plain = re.sub(r"<(?:\w+:)?(?P<name>\w+)>", sample, re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", path))
    return "/" + plain.replace("/^", "/").replace("/?$", "").replace("$", "").replace("\\", "")


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")


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
    for method in METHODS:
        answer = Client().generic(method, concrete(path))
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path", "pattern"), NEEDING_TOKEN, ids=[leaf[1] for leaf in NEEDING_TOKEN])
def test_an_address_tells_an_actor_which_methods_it_has(name, path, pattern, clinician):
    view, client = pattern.callback.cls, APIClient()
    client.force_authenticate(user=object(), token=clinician)
    missing = [method for method in METHODS if not hasattr(view, method.lower())]
    assert missing
    for method in missing:
        answer = client.generic(method, concrete(path))
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
        assert set(answer["Allow"].split(", ")) - {"OPTIONS", "HEAD"} == set(METHODS) - set(missing)


@pytest.mark.django_db
@pytest.mark.parametrize("path", paths(NEEDING_LOGIN))
def test_the_admin_sends_a_stranger_to_the_login(path):
    for method in ("get", "post"):
        answer = getattr(Client(), method)(concrete(path))
        assert answer.status_code in {302, 405}
        assert answer.status_code == 405 or "/login/?next=" in answer["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", paths(NEEDING_ROLE))
def test_the_admin_shows_nothing_to_staff_without_a_role(path):
    browser = Client()
    browser.force_login(User.objects.create(username="newcomer", is_staff=True))
    for method in ("get", "post"):
        assert getattr(browser, method)(concrete(path)).status_code in {301, 302, 403, 404, 405}


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(ASKING_THEMSELVES))
def test_the_identity_provider_gives_a_stranger_nothing(path):
    for method in ("get", "post"):
        assert getattr(Client(), method)(concrete(path)).status_code in {400, 401, 405}


@pytest.mark.parametrize("path", sorted(OF_THE_PROXY))
def test_for_a_stranger_there_is_no_address_of_the_proxy(path):
    for method in ("get", "post", "put", "patch", "delete"):
        assert getattr(Client(), method)(concrete(path)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(OPEN_TO_ALL))
def test_what_is_open_to_all_answers_a_stranger(path):
    assert Client().get(concrete(path)).status_code in {200, 302, 405}
