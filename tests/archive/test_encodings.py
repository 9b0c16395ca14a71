"""Results are encoded from images that the archive holds, by what their metadata say; nothing else is believed."""

import copy
import json
from dataclasses import replace

import highdicom as hd
import numpy as np
import pytest

from overlays.models import OverlayVersion
from overlays.queries.stored_bytes import path_of
from tests.api.helpers import Caller
from tests.api.test_encodings import FORM, SEGMENTATION, described, form, nifti, part, problem, voxels
from tests.archive.double import Answer, serving
from tests.builders import ct_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def images():
    found = ct_series()
    for each in found:
        each.SpecificCharacterSet, each.PatientName = "ISO_IR 100", "Jérôme^Ève"
    return found


@pytest.fixture
def encode(images, pipeline, registered):
    """Encodes a sound mask of the images, named one by one or as a series."""
    registered()

    def send(*, as_series: bool = False, actor=pipeline):
        asked = described(images, "segmentation", SEGMENTATION)
        if as_series:
            asked["sources"] = {"series": images[0].SeriesInstanceUID}
        parts = part("description", json.dumps(asked).encode()), part("mask", nifti(voxels(images)), "liver.nii.gz")
        return Caller(actor).send("encodings", form(*parts), FORM)

    return send


def test_metadata_of_the_archive_are_enough(encode, double, images):
    double.answers = serving(*images)
    answer = encode()
    assert answer.status_code == 201, answer.json()
    assert not [path for path in double.paths() if path.split("/")[-2:-1] == ["instances"]]
    assert len([path for path in double.paths() if path.endswith("metadata")]) <= len(images)


@pytest.mark.parametrize("change", [{"StudyInstanceUID": "1.2.3"}, {"PatientID": "SOMEBODY-ELSE"}], ids=str)
def test_images_that_do_not_belong_together_are_not_believed(encode, double, images, change):
    strangers = copy.deepcopy(images)
    for keyword, value in change.items():
        setattr(strangers[1], keyword, value)
    plain = serving(*images)

    def answers(asked):
        if asked.path.endswith("metadata"):
            return serving(*strangers)(type(asked)("/dicom-web/instances", [], asked.headers))
        return plain(asked)

    double.answers = answers
    answer = encode(as_series=True)
    assert (answer.status_code, answer.json()["code"]) == (502, "archive_failed")
    assert not OverlayVersion.objects.exists()


def test_images_beyond_the_grant_are_as_if_they_were_not_there(encode, double, images, pipeline):
    double.answers = serving(*images)
    beyond = problem(encode(actor=replace(pipeline, studies=frozenset({"1.2.3"}))))
    double.answers = lambda asked: Answer(b"[]")
    assert beyond == problem(encode())
    assert "ENC-011" in beyond[1]


def test_while_the_archive_is_away_it_is_said(encode, double):
    double.answers = lambda asked: Answer(b"", "500 Internal Server Error")
    assert encode().status_code == 502


def test_a_result_that_the_archive_holds_is_no_image(encode, double, images):
    for each in images:
        each.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    double.answers = serving(*images)
    assert "ENC-011" in problem(encode())[1]


@pytest.mark.real
class TestWithOrthanc:
    """Against a real archive."""

    @pytest.mark.parametrize("as_series", [False, True])
    def test_the_mask_lies_on_the_images(self, orthanc, encode, images, as_series):
        orthanc.store(*images)
        answer = encode(as_series=as_series)
        assert answer.status_code == 201, answer.json()
        version = OverlayVersion.objects.get()
        assert (version.verification, version.patient_name) == ("verified", "Jérôme^Ève")
        seg = hd.seg.segread(path_of(version.sha256))
        uids = [image.SOPInstanceUID for image in images]
        found = seg.get_pixels_by_source_instance(uids, segment_numbers=[1], assert_missing_frames_are_empty=True)
        assert np.array_equal(found[..., 0], voxels(images))
