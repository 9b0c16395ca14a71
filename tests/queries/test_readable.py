"""Who may read about what."""

from dataclasses import replace

import pytest

from overlays.governance.errors import NotFound, NotPermitted
from overlays.governance.permissions import Scope
from overlays.queries.readable import may_read_content, readable_overlays, readable_version, readable_versions
from overlays.services.review import accept

pytestmark = pytest.mark.django_db


def test_reviewers_stewards_and_auditors_read_of_every_version(posted, radiologist, steward, auditor):
    version = posted()
    assert [readable_version(actor, version.sop_instance_uid).pk for actor in (radiologist, steward, auditor)] == [
        version.pk
    ] * 3


def test_a_pipeline_reads_of_its_own_posts(posted, pipeline):
    version = posted()
    stranger = replace(pipeline, key="client:other", client_id="other")
    assert list(readable_versions(pipeline)) == [version]
    assert not readable_versions(stranger).exists()


def test_a_clinician_reads_of_what_may_be_shown(posted, clinician, radiologist, now):
    version = posted()
    assert not readable_versions(clinician).exists()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    assert list(readable_versions(clinician)) == [version]


def test_an_overlay_is_readable_with_any_of_its_versions(posted, clinician, auditor):
    posted()
    assert (readable_overlays(auditor).count(), readable_overlays(clinician).count()) == (1, 0)


def test_what_may_not_be_read_of_is_not_found(posted, clinician):
    with pytest.raises(NotFound):
        readable_version(clinician, posted().sop_instance_uid)


def test_a_grant_without_scopes_reads_nothing(clinician):
    with pytest.raises(NotPermitted):
        readable_versions(replace(clinician, scopes=frozenset()))


def test_a_steward_reads_the_history_but_not_what_it_says_of_the_patient(posted, steward, auditor):
    version = posted()
    assert (may_read_content(steward, version), may_read_content(auditor, version)) == (False, True)


def test_a_narrowed_auditor_reads_of_its_studies_alone(posted, auditor):
    posted()
    narrowed = replace(auditor, scopes=frozenset({Scope.AUDIT}), studies=frozenset({"1.2.3"}))
    assert not readable_versions(narrowed).exists()
