"""Comparisons over HTTP."""

import pytest

from tests.api.helpers import Caller
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db


def compare(actor, after, before):
    return Caller(actor).get(f"versions/{after}/comparisons/{before}")


def test_the_figures_come_with_their_definitions(posted, auditor):
    before, after = posted("first"), posted("second", shift=2)
    found = compare(auditor, after.sop_instance_uid, before.sop_instance_uid).json()
    pair = found["segments"][0]
    assert (found["compared_with"], found["sop_instance_uid"]) == (before.sop_instance_uid, after.sop_instance_uid)
    assert found["voxel_mm"] == {"slice_distance": 2.5, "row_spacing": 0.75, "column_spacing": 0.75}
    assert (pair["dice"], pair["jaccard"], pair["hausdorff_95_mm"], pair["missing"]) == (0.75, 0.6, 1.5, [])
    assert set(pair) >= set(found["definitions"]) - {"volume_ml"}


def test_a_segment_that_is_gone_is_listed(posted, auditor):
    before, after = posted("first"), posted("second", segments=("Liver",))
    found = compare(auditor, after.sop_instance_uid, before.sop_instance_uid).json()
    assert ([each["label"] for each in found["only_before"]], found["only_after"]) == (["Spleen"], [])


def test_another_geometry_is_a_conflict_with_its_code(posted, post, auditor):
    elsewhere = ct_series(uid_seed="elsewhere")
    for image in elsewhere:
        post(to_bytes(image))
    other = segmentation(sources=elsewhere, uid_seed="other")
    post(to_bytes(other))
    answer = compare(auditor, posted().sop_instance_uid, other.SOPInstanceUID)
    assert (answer.status_code, answer.json()["code"]) == (409, "different_geometry")


def test_a_withheld_version_is_not_found_on_either_side(posted, clinician):
    uids = posted("first").sop_instance_uid, posted("second").sop_instance_uid
    assert [compare(clinician, *pair).status_code for pair in (uids, uids[::-1])] == [404, 404]


def test_an_unknown_version_is_not_found(posted, auditor):
    assert compare(auditor, posted().sop_instance_uid, "1.2.3").status_code == 404


def test_what_is_no_uid_is_refused(posted, auditor):
    assert compare(auditor, posted().sop_instance_uid, "first").status_code == 400
