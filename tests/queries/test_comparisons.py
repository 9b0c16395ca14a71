"""Two stored versions are compared once, for those who may read both."""

from dataclasses import replace

import pytest

from overlays.dicom.sandbox import SandboxBusy, SandboxTimedOut, Task
from overlays.governance.errors import DifferentGeometry, NotComparable, NotFound, NotPermitted, Unavailable
from overlays.queries import comparisons
from overlays.queries.comparisons import comparer, comparison_of, readable_comparison
from overlays.services.review import accept
from tests.builders import ct_series, deflated, report, segmentation, to_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def two(posted):
    """Two versions of one line, the second moved by two columns."""
    return posted("first"), posted("second", shift=2)


def asked(actor, two):
    return readable_comparison(actor=actor, before=two[0].sop_instance_uid, after=two[1].sop_instance_uid)


def test_the_figures_of_two_versions(two, radiologist):
    assert [(pair.dice, pair.hausdorff_95_mm) for pair in asked(radiologist, two).pairs] == [(0.75, 1.5)] * 2


def test_what_was_worked_out_once_is_kept(two, radiologist, monkeypatch):
    first = asked(radiologist, two)
    monkeypatch.setattr(comparisons, "comparer", None)
    assert asked(radiologist, two) == first


def test_nothing_is_kept_for_another_pair(two, posted, radiologist):
    asked(radiologist, two)
    assert asked(radiologist, (two[0], two[0])).pairs[0].dice == 1


def test_a_deflated_object_of_many_bytes_is_inflated(tmp_path):
    built = to_bytes(segmentation(sources=ct_series(rows=512, columns=512)))
    (tmp_path / "plain.dcm").write_bytes(built)
    (tmp_path / "packed.dcm").write_bytes(deflated(built))
    answer = comparer().run(Task.COMPARE, tmp_path / "plain.dcm", other=str(tmp_path / "packed.dcm"))
    assert [pair["dice"] for pair in answer.result["comparison"]["pairs"]] == [1, 1]


def test_the_child_ends_with_the_comparison(two):
    comparison_of(*two)
    assert comparer().process_ids() == ()


def test_an_auditor_and_the_pipeline_that_posted_both_are_answered(two, auditor, pipeline):
    assert asked(auditor, two) == asked(pipeline, two)


def test_a_clinician_needs_both_versions_shown(two, clinician, radiologist, now):
    for which in (0, 1):
        with pytest.raises(NotFound):
            asked(clinician, two)
        accept(actor=radiologist, at=now, sop_instance_uid=two[which].sop_instance_uid, seen_sha256=two[which].sha256)
    with pytest.raises(NotFound, match=two[0].sop_instance_uid):
        asked(clinician, two)  # the accepted second version supersedes the first


def test_a_version_kept_from_reviewers_is_not_compared_for_them(posted, radiologist):
    quarantined = posted("second", model_version="9.9.9")
    with pytest.raises(NotFound):
        asked(radiologist, (posted("first"), quarantined))


def test_a_steward_reads_of_both_and_not_what_they_say(two, steward):
    with pytest.raises(NotFound, match="no content"):
        asked(steward, two)


def test_another_pipeline_finds_neither(two, pipeline):
    with pytest.raises(NotFound):
        asked(replace(pipeline, key="client:other", client_id="other"), two)


def test_a_grant_for_other_studies_finds_neither(two, auditor):
    with pytest.raises(NotFound):
        asked(replace(auditor, studies=frozenset({"1.2.3"})), two)


def test_a_grant_without_scopes_is_refused(two, radiologist):
    with pytest.raises(NotPermitted):
        asked(replace(radiologist, scopes=frozenset()), two)


def test_segmentations_of_other_images_are_refused(posted, post, auditor):
    elsewhere = ct_series(uid_seed="elsewhere")
    for image in elsewhere:
        post(to_bytes(image))
    other = segmentation(sources=elsewhere, uid_seed="other")
    post(to_bytes(other))
    with pytest.raises(DifferentGeometry, match="frames of reference"):
        readable_comparison(actor=auditor, before=posted().sop_instance_uid, after=other.SOPInstanceUID)


def test_a_report_is_not_compared(posted, post, sources, auditor):
    version = posted()
    document = report(sources=sources, about=segmentation(sources=sources, uid_seed="first"))
    post(to_bytes(document))
    with pytest.raises(NotComparable, match="no segmentation"):
        readable_comparison(actor=auditor, before=version.sop_instance_uid, after=document.SOPInstanceUID)


@pytest.mark.parametrize(("failure", "told"), [(SandboxBusy, Unavailable), (SandboxTimedOut, NotComparable)])
def test_a_child_that_fails_is_told_and_nothing_is_kept(two, auditor, monkeypatch, failure, told):
    class Failing:
        def run(self, *_: object, **__: object) -> None:
            raise failure("It took too long.")

    monkeypatch.setattr(comparisons, "comparer", Failing)
    with pytest.raises(told):
        asked(auditor, two)
    monkeypatch.undo()
    assert asked(auditor, two).pairs


def test_an_answer_that_is_none_is_refused(two, auditor, monkeypatch):
    class Hostile:
        def run(self, *_: object, **__: object) -> object:
            return type("Answer", (), {"result": {"comparison": {"pairs": [{}]}}})

    monkeypatch.setattr(comparisons, "comparer", Hostile)
    with pytest.raises(NotComparable, match="no answer"):
        asked(auditor, two)
