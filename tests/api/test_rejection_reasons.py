"""The reasons with which a version can be rejected, over HTTP."""

import pytest

from overlays.governance.reasons import REJECTION_REASONS
from tests.api.helpers import Caller

pytestmark = pytest.mark.django_db


def test_the_whole_table_is_told_in_its_order(radiologist):
    told = Caller(radiologist).get("rejection-reasons").json()["reasons"]
    assert [each["code"] for each in told] == list(REJECTION_REASONS)
    assert told[0] == {
        "code": "FALSE-POSITIVE",
        "scheme": "99OVERLAYREG",
        "meaning": "False positive: marks what is not there",
    }


@pytest.mark.parametrize(
    ("role", "may"), [("radiologist", True), ("clinician", False), ("auditor", False), ("pipeline", False)]
)
def test_whoever_asks_is_told_whether_they_may_review(role, may, request):
    answer = Caller(request.getfixturevalue(role)).get("rejection-reasons")
    assert (answer.status_code, answer.json()["may_review"]) == (200, may)
