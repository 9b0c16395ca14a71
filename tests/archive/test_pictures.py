"""Pictures of the archive's images are drawn by the archive; of what nobody has ruled on there are none."""

import pytest

from overlays.archive.holdings import HOLDINGS
from tests.builders import ct_series, segmentation

pytestmark = [pytest.mark.django_db, pytest.mark.real]


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def overlay(images, orthanc):
    HOLDINGS.clear()
    found = segmentation(sources=images)
    orthanc.store(*images, found)
    return found


def path_of(data_set) -> str:
    series = f"/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
    return f"{series}/instances/{data_set.SOPInstanceUID}"


@pytest.mark.parametrize("suffix", ["/rendered", "/thumbnail", "/frames/1/rendered", "/frames/1/thumbnail"])
def test_an_image_is_drawn_and_what_is_withheld_is_not(overlay, images, client_of, clinician, suffix):
    client = client_of(clinician)
    answer = client.get(path_of(images[0]) + suffix, headers={"Accept": "image/jpeg"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.getvalue().startswith(b"\xff\xd8")
    assert client.get(path_of(overlay) + suffix, headers={"Accept": "image/jpeg"}).status_code == 404


@pytest.mark.parametrize("level", ["study", "series"])
def test_a_thumbnail_is_of_an_image(overlay, images, client_of, clinician, level):
    steps = path_of(images[0]).split("/")
    path = "/".join(steps[:4] if level == "study" else steps[:6]) + "/thumbnail"
    answer = client_of(clinician).get(path, headers={"Accept": "image/jpeg"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("level", ["study", "series"])
def test_each_image_of_a_study_or_series_is_drawn(overlay, images, client_of, clinician, level):
    steps = path_of(images[0]).split("/")
    path = "/".join(steps[:4] if level == "study" else steps[:6]) + "/rendered"
    answer = client_of(clinician).get(path, headers={"Accept": "image/jpeg"})
    assert answer.status_code == 200
    assert answer.getvalue().count(b"Content-Type: image/jpeg") == len(images)
