"""What an archive may answer by mistake or malice in DICOM JSON: never a fault of the registry, nothing that clients cannot read."""

import json

import pytest

from tests.archive.double import Answer, serving
from tests.builders import ct_series

pytestmark = pytest.mark.django_db

HALF = "\ud800"
"""Half a letter, which JSON can name and UTF-8 cannot hold."""


def ui(*values: object) -> dict:
    return {"vr": "UI", "Value": list(values)}


STRANGE = {
    "half a letter": {"00081030": {"vr": "LO", "Value": [HALF]}, "0008103E": {"vr": "LO", "Value": [HALF]}},
    "half a modality": {"00080060": {"vr": "CS", "Value": [HALF]}},
    "no number": {"00200013": {"vr": "IS", "Value": [float("nan")]}, "00200011": {"vr": "IS", "Value": [float("inf")]}},
    "a huge number": {"00201208": {"vr": "IS", "Value": [10**400]}},
    "a series that is a path": {"0020000E": ui("1.2/../3")},
    "a series that is a header": {"0020000E": ui("1.2\r\nX: 1")},
    "no series": {"0020000E": None},
    "an empty series": {"0020000E": ui("")},
    "no study": {"0020000D": None},
    "a study that is a list": {"0020000D": ui(["1.2"])},
    "a study that is no attribute": {"0020000D": ["1.2"]},
    "an instance that is a path": {"00080018": ui("1.2/../3")},
    "an instance that is a number": {"00080018": ui(12.5)},
    "a class that is an object": {"00080016": ui({"Alphabetic": "1.2.840.10008.5.1.4.1.1.2"})},
    "a name of objects": {"00100010": {"vr": "PN", "Value": [{"Alphabetic": {"a": 1}}]}},
    "items that are text": {"00081115": {"vr": "SQ", "Value": "items"}},
}
SEARCHES = (
    "studies",
    "series",
    "instances",
    "studies/{study}/series",
    "studies/{study}/instances",
    "studies/{study}/series/{series}/instances",
)
OBJECTS = (
    "studies/{study}",
    "studies/{study}/series/{series}",
    "studies/{study}/series/{series}/instances/{instance}",
)
ADDRESSES = (
    *(f"{path}?includefield=all" for path in SEARCHES),
    *(path + suffix for path in OBJECTS for suffix in ("", "/metadata", "/thumbnail")),
)


@pytest.fixture
def image():
    return ct_series(slices=1, rows=16, columns=16)[0]


@pytest.fixture
def get(double, image, client_of, clinician):
    """Asks while every data set of the archive has other attributes than it should; None takes one away."""

    def ask(path: str, change: dict):
        plain = serving(image)

        def answers(asked):
            answer = plain(asked)
            if answer is None or "json" not in answer.headers["Content-Type"]:
                return answer
            found = [each | change for each in json.loads(answer.body)]
            kept = [{tag: value for tag, value in each.items() if value is not None} for each in found]
            return Answer(json.dumps(kept).encode())

        double.answers = answers
        client = client_of(clinician)
        client.raise_request_exception = False
        uids = {"study": image.StudyInstanceUID, "series": image.SeriesInstanceUID, "instance": image.SOPInstanceUID}
        return client.get(f"/dicom-web/{path.format(**uids)}", headers={"Accept": "*/*"})

    return ask


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("path", ADDRESSES)
def test_it_is_left_out_or_the_archives_failure(get, path, strange):
    answer = get(path, STRANGE[strange])
    assert answer.status_code in (200, 404, 502)
    if "json" in answer["Content-Type"]:
        json.loads(answer.getvalue().decode(), parse_constant=pytest.fail)


@pytest.mark.parametrize("path", [each for each in ADDRESSES if "instances?" in each or each.endswith("metadata")])
def test_addresses_in_items_do_not_lead_into_the_archive(get, path):
    inside = {
        "00081190": {"vr": "UR", "Value": ["http://archive.internal/1"]},
        "60003000": {"vr": "OW", "BulkDataURI": "http://archive.internal/2"},
    }
    answer = get(path, inside | {"00081115": {"vr": "SQ", "Value": [inside]}})
    assert answer.status_code == 200
    (found,) = json.loads(answer.getvalue())
    assert "00081115" in found
    assert "archive.internal" not in json.dumps(found)
