"""Under which role somebody may do an operation in a HealthImaging data store."""

from dataclasses import replace

import pytest

from overlays.governance.archive_access import ACTION_OF_OPERATION, access, checked_roles
from overlays.governance.permissions import Scope

STORE = "a" * 32
READ, WRITE = (f"arn:aws:iam::123456789012:role/overlays/{name}" for name in ("read", "write"))
ROLES = {STORE: {"overlays.review": READ + "-all", "overlays.view": READ, "overlays.store": WRITE}}
READING = [name for name in ACTION_OF_OPERATION if not name.startswith("Store")]
STORING = [name for name in ACTION_OF_OPERATION if name.startswith("Store")]


def role(actor, operation: str, data_store: str = STORE) -> str:
    return access(actor, data_store=data_store, operation=operation, roles=ROLES).role


@pytest.mark.parametrize("operation", READING)
def test_whoever_views_reads(clinician, operation):
    assert role(clinician, operation) == READ


@pytest.mark.parametrize("operation", STORING)
def test_whoever_stores_stores(pipeline, operation):
    assert role(pipeline, operation) == WRITE


@pytest.mark.parametrize("operation", READING)
def test_whoever_stores_does_not_read(pipeline, operation):
    assert role(pipeline, operation) == ""


@pytest.mark.parametrize("operation", STORING)
def test_whoever_views_does_not_store(clinician, operation):
    assert role(clinician, operation) == ""


def test_the_first_scope_of_the_table_that_fits_decides(clinician):
    both = replace(clinician, scopes=frozenset({Scope.VIEW, Scope.REVIEW}))
    assert role(both, "GetDICOMInstance") == READ + "-all"


@pytest.mark.parametrize("operation", ["DeleteImageSet", "UpdateImageSetMetadata", "getdicominstance", "", "*"])
def test_another_operation_is_nobodys(clinician, operation):
    assert role(clinician, operation) == ""


def test_another_data_store_is_nobodys(clinician):
    assert role(clinician, "GetDICOMInstance", "b" * 32) == ""


def test_a_grant_narrowed_to_studies_is_denied_since_the_archive_would_not_hold_to_it(clinician):
    assert role(replace(clinician, studies=frozenset({"1.2.3"})), "GetDICOMInstance") == ""


@pytest.mark.parametrize("actor", ["steward", "auditor"])
def test_whoever_has_no_role_in_the_table_is_denied(request, actor):
    assert role(request.getfixturevalue(actor), "GetDICOMInstance") == ""


def test_a_table_is_taken_as_it_is():
    assert checked_roles(ROLES) == ROLES


@pytest.mark.parametrize(
    "table",
    [
        {"short": {}},
        {STORE: READ},
        {STORE: {"overlays.read": READ}},
        {STORE: {"overlays.view": "read"}},
        {STORE: {"overlays.view": ""}},
        {STORE: {"overlays.view": READ + "\n"}},
        {STORE: {"overlays.view": READ.replace("role", "user")}},
        {STORE: {"overlays.view": None}},
    ],
    ids=str,
)
def test_a_table_with_a_fault_is_refused(table):
    with pytest.raises(ValueError, match=r"data store|scope"):
        checked_roles(table)
