"""Refusals over HTTP."""

import inspect

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import UnreadablePostError
from django.test import Client
from django.urls import path
from rest_framework import exceptions

from overlays.governance import errors
from registry.problems import STATUS_OF_ERROR, problem

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.RegistryError) and found is not errors.RegistryError
]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_refusal_has_a_status(error):
    assert error in STATUS_OF_ERROR


def test_a_refusal_is_told_with_code_and_sentence():
    answer = problem(errors.StaleView("Look again."), {})
    assert (answer.status_code, answer.data["code"], answer.data["detail"]) == (409, "stale_view", "Look again.")


def test_findings_travel_with_the_refusal():
    answer = problem(errors.Invalid("Broken.", findings=[{"rule": "SEG-004"}]), {})
    assert answer.data["findings"] == [{"rule": "SEG-004"}]


def test_a_database_that_is_away_is_a_503():
    answer = problem(OperationalError("secret host name"), {})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "secret" not in str(answer.data)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DataError("invalid byte sequence: JOHN DOE"), 400),
        (OverflowError("int too big to convert"), 400),
        (RecursionError("maximum depth exceeded"), 400),
        (RequestDataTooBig("big"), 413),
        (UnreadablePostError("gone"), 408),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_fault_of_the_request_is_told_as_one(error, status):
    answer = problem(error, {})
    assert answer.status_code == status
    assert str(error) not in str(answer.data)


def raising(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [path("api/v1/broken", raising), path("broken", raising)]
handler500 = "registry.problems.server_error"


@pytest.mark.parametrize(
    ("address", "kind"), [("/api/v1/broken", "application/problem+json"), ("/broken", "text/html; charset=utf-8")]
)
def test_a_fault_of_ours_is_told_in_the_readers_form(settings, address, kind):
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (500, kind)
    assert b"a fault of ours" not in answer.content


def test_nested_faults_have_their_pointers():
    error = exceptions.ValidationError({"instances": [{}, {"sha256": ["Wrong."]}], "purpose": ["Missing."]})
    answer = problem(error, {})
    assert answer.data["errors"] == [
        {"pointer": "/instances/1/sha256", "sentence": "Wrong."},
        {"pointer": "/purpose", "sentence": "Missing."},
    ]


def test_a_fault_of_ours_is_not_explained_away():
    assert problem(ZeroDivisionError(), {}) is None
