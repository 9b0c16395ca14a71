"""Archives that serve less of DICOMweb than Orthanc does, in the shape that AWS HealthImaging documents."""

import json
import re

import pytest

from overlays.archive.holdings import HOLDINGS
from overlays.models import OverlayVersion
from tests.archive.double import Answer, holding, told
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

STORE = "/datastore/0123456789abcdef"


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def health_imaging(double, settings, images):
    """Searches below a series only, files one at a time and never as parts, no further attributes, a bearer token."""
    HOLDINGS.clear()
    settings.OVERLAYS_ARCHIVE_URL = double.origin + STORE
    settings.OVERLAYS_ARCHIVE_CREDENTIALS = {"kind": "bearer", "token": "of-the-registry"}
    searches = holding(*images)
    files = {image.SOPInstanceUID: to_bytes(image) for image in images}

    def answers(asked):
        if asked.headers.get("authorization") != "Bearer of-the-registry":
            return Answer(b"", "403 Forbidden")
        path = asked.path.removeprefix(STORE + "/")
        asked.path = "/dicom-web/" + path
        if re.fullmatch(r"studies|studies/[\d.]+/series|studies/[\d.]+/series/[\d.]+/instances", path):
            refused = any(name == "includefield" for name, _ in asked.query)
            return Answer(b"{}", "400 Bad Request") if refused else searches(asked)
        if metadata := re.fullmatch(r"studies/[\d.]+/series/[\d.]+/instances/([\d.]+)/metadata", path):
            (found,) = [image for image in images if image.SOPInstanceUID == metadata[1]]
            return told([json.loads(found.to_json())])
        if file := re.fullmatch(r"studies/[\d.]+/series/[\d.]+/instances/([\d.]+)", path):
            if not asked.headers["accept"].startswith("application/dicom"):
                return Answer(b"{}", "406 Not Acceptable")
            return Answer(files[file[1]], headers={"Content-Type": "application/dicom"})
        return None

    double.answers = answers
    return double


def test_sources_are_verified(health_imaging, images, post, registered):
    registered()
    assert post(to_bytes(segmentation(sources=images))).refusal is None
    assert OverlayVersion.objects.get().verification == "verified"


def test_sources_that_are_not_there_are_missing(health_imaging, post, registered):
    registered()
    others = ct_series(slices=2, rows=16, columns=16, uid_seed="others")
    assert post(to_bytes(segmentation(sources=others))).refusal is None
    assert OverlayVersion.objects.get().verification == "missing"


def test_studies_are_found_and_counted(health_imaging, client_of, clinician):
    (study,) = client_of(clinician).get("/dicom-web/studies").json()
    assert (study["00201208"]["Value"], study["00080061"]["Value"]) == ([2], ["CT"])


def test_a_series_comes_file_by_file(health_imaging, client_of, clinician, images):
    path = f"/dicom-web/studies/{images[0].StudyInstanceUID}/series/{images[0].SeriesInstanceUID}"
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    body = client_of(clinician).get(path, headers={"Accept": accept}).getvalue()
    assert all(to_bytes(image) in body for image in images)


def test_results_of_keys_that_the_archive_ignores_are_left_out(double, client_of, clinician, images):
    HOLDINGS.clear()
    double.answers = holding(*images)
    asked = client_of(clinician).get("/dicom-web/instances", {"ContentLabel": "LIVER"})
    assert asked.json() == []
