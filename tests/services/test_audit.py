"""An audit entry and its deed stand or fall together."""

import pytest
from django.db.transaction import TransactionManagementError

from overlays.governance.events import Event
from overlays.models import AuditEntry
from overlays.services.audit import record


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused(auditor, now):
    with pytest.raises(TransactionManagementError, match="audit:read"):
        record(actor=auditor, at=now, event=Event.AUDIT_READ)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_an_entry_that_could_not_be_read_is_refused(auditor, now):
    with pytest.raises(KeyError, match="number"):
        record(actor=auditor, at=now, event=Event.VERSION_ACCEPTED)
