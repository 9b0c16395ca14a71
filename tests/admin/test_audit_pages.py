"""The log, as auditors read it."""

import pytest

from overlays.governance.permissions import Scope
from overlays.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_opening_the_log_is_itself_in_the_log(signed_in):
    signed_in(Scope.AUDIT).get("/admin/overlays/auditentry/", {"event__exact": "version:stored"})
    entry = AuditEntry.objects.get(event="audit:read")
    assert entry.data == {"asked": ["event__exact"]}


def test_who_may_not_read_the_log_leaves_no_reading(signed_in):
    assert signed_in(Scope.REVIEW).get("/admin/overlays/auditentry/").status_code == 403
    assert not AuditEntry.objects.filter(event="audit:read").exists()
