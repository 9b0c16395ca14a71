"""Every known fault of an object, posted: the instance is stored or refused, and never is the registry at fault."""

import pytest

from tests.builders.mutations import MUTATIONS, Mutation
from tests.dicomweb.conftest import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOT_NOW = 0x0110


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_broken_object_is_stored_or_refused(stow, registered, own_store, mutation: Mutation):
    registered()
    answer = stow(mutation.content())
    assert answer.status_code in (200, 202, 409)
    told = answer.json()
    failed = told.get("00081198", {}).get("Value", []) + told.get("0008119A", {}).get("Value", [])
    assert NOT_NOW not in [item["00081197"]["Value"][0] for item in failed]
    assert "0008119A" not in told or "cannot store" not in answer.content.decode()
    assert bool(failed) == (snapshot(own_store) == (0, 0, 0, 0, 0, 0, []))
