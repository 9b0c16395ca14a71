"""Results are drawn over the images that the archive holds: those that are needed, once, and only what it said that they are."""

import copy
import io
import os
import time
from datetime import UTC, datetime

import numpy as np
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from PIL import Image

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from overlays.models import OverlayVersion
from overlays.queries import archive_files, archive_images
from overlays.queries.drawings import drawing_of
from tests.archive.double import Answer, file, serving
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

BRIGHT = {"window": "-30000,10,linear", "viewport": "96,96"}


@pytest.fixture
def images():
    return ct_series(slices=12, rows=16, columns=16)


@pytest.fixture
def overlay(images):
    return segmentation(sources=images)


def accept() -> None:
    """Everything that is stored."""
    OverlayVersion.objects.update(
        review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2", reviewed_at=datetime.now(UTC)
    )


@pytest.fixture
def version(post, registered, overlay, double, images):
    """The accepted version, of images that the double holds."""
    double.answers = serving(*images)
    registered()
    assert post(to_bytes(overlay)).refusal is None
    accept()
    double.asked.clear()
    return OverlayVersion.objects.get()


@pytest.fixture
def reader(db) -> Client:
    """A radiologist's browser."""
    user = User.objects.create(username="robin", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=GROUP_OF_SCOPE[Scope.REVIEW])[0]])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def rendered(client_of, clinician, overlay):
    """GET of the picture of the overlay."""
    path = (
        f"/dicom-web/studies/{overlay.StudyInstanceUID}/series/{overlay.SeriesInstanceUID}"
        f"/instances/{overlay.SOPInstanceUID}"
    )

    def get(actor=clinician, suffix="rendered", **query):
        return client_of(actor).get(f"{path}/{suffix}", query, headers={"Accept": "image/png"})

    return get


def page(version, index=5, window="own") -> str:
    return reverse("admin:overlays_overlayversion_image", args=[version.pk, drawing_of(version).key, index, window])


def pixels(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.content
    return np.asarray(Image.open(io.BytesIO(answer.getvalue())))


def files_of(double) -> list[str]:
    """The instances whose files were asked for."""
    return [path.rpartition("/")[2] for path in double.paths() if path.split("/")[-2] == "instances"]


def test_a_picture_lies_over_the_image_of_the_archive(rendered, version, double):
    assert pixels(rendered(**BRIGHT))[:96].mean() > 128
    assert len(files_of(double)) == 1


def test_a_page_shows_the_image_of_its_slice(reader, version, images, double):
    answer = reader.get(page(version))
    assert pixels(answer).shape == (16, 16)
    assert files_of(double) == [images[5].SOPInstanceUID]


def test_an_image_is_fetched_once_and_described_once(reader, version, double):
    for _ in range(3):
        reader.get(page(version))
    assert len(files_of(double)) == 1
    assert len([path for path in double.paths() if path.endswith("metadata")]) == 1


def test_what_was_fetched_is_fetched_anew_after_a_while(reader, version, double):
    reader.get(page(version))
    (kept,) = archive_files.folder().iterdir()
    old = time.time() - archive_files.MOST_SECONDS - 1
    os.utime(kept, (old, old))
    reader.get(page(version))
    assert len(files_of(double)) == 2


def test_no_more_is_kept_than_there_is_room_for(reader, version, monkeypatch):
    monkeypatch.setattr(archive_files, "MOST_BYTES", 3000)
    monkeypatch.setattr(archive_files, "LEAST_SECONDS", -1.0)
    for index in range(4):
        assert reader.get(page(version, index)).status_code == 200
    assert sum(each.stat().st_size for each in archive_files.folder().iterdir()) <= 3000


@pytest.mark.parametrize("place", ["rendered", "thumbnail", "frames/1/rendered"])
def test_no_image_is_asked_of_the_archive_for_what_may_not_be_seen(rendered, version, double, place):
    """What the study holds is, as for what is unknown."""
    OverlayVersion.objects.update(review_state="pending", reviewed_by="", reviewer_key="")
    assert rendered(suffix=place).status_code == 404
    assert {path.rpartition("/")[2] for path in double.paths()} <= {"instances"}


def test_nothing_is_asked_for_a_study_beyond_the_grant(rendered, version, double, narrowed_to, clinician):
    assert rendered(narrowed_to(clinician, "1.2.3")).status_code == 404
    assert double.asked == []


def test_a_token_that_the_archive_does_not_let_see_an_image_gets_none(rendered, version, double, images, settings):
    settings.OVERLAYS_ARCHIVE_FORWARD_TOKEN = True
    plain = double.answers

    def answers(asked):
        return plain(asked) if "authorization" not in asked.headers else Answer(b"[]")

    double.answers = answers
    assert pixels(rendered(**BRIGHT))[:96].mean() < 128
    assert files_of(double) == []


def lies(version, double, change):
    """The archive's files are not what its metadata told."""
    plain = double.answers

    def answers(asked):
        return change(asked) if asked.path.split("/")[-2] == "instances" else plain(asked)

    double.answers = answers


@pytest.mark.parametrize(
    "attribute",
    [
        {"StudyInstanceUID": "1.2.3"},
        {"SeriesInstanceUID": "1.2.3"},
        {"SOPInstanceUID": "1.2.3"},
        {"PatientID": "SOMEBODY-ELSE"},
        {"ImagePositionPatient": [1, 2, 3]},
        {"PixelSpacing": [9, 9]},
        {"FrameOfReferenceUID": "1.2.3"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_an_image_that_is_another_than_was_told_is_not_drawn(rendered, version, double, images, attribute):
    def other(asked):
        made = copy.deepcopy(next(each for each in images if asked.path.endswith(each.SOPInstanceUID)))
        for keyword, value in attribute.items():
            setattr(made, keyword, value)
        made.file_meta.MediaStorageSOPInstanceUID = asked.path.rpartition("/")[2]
        return file(to_bytes(made))

    lies(version, double, other)
    answer = rendered()
    assert (answer.status_code, answer.json()["code"]) == (502, "archive_failed")
    assert not list(archive_files.folder().iterdir())


@pytest.mark.parametrize("shape", ["cut", "garbage", "huge", "nothing"])
def test_a_file_that_is_broken_is_not_drawn(rendered, version, double, images, shape, monkeypatch):
    monkeypatch.setattr("overlays.archive.images.MOST_FILE_BYTES", 100_000)
    whole = file(to_bytes(images[0]))

    def broken(asked):
        match shape:
            case "cut":
                return Answer(whole.body[:-60], headers=whole.headers)
            case "garbage":
                return file(b"no DICOM at all")
            case "huge":
                return file(to_bytes(images[int(asked.path[-1]) % len(images)]) + b"\0" * 200_000)
            case "nothing":
                return None

    lies(version, double, broken)
    answer = rendered()
    assert (answer.status_code, answer.json()["code"]) == (502, "archive_failed")


def test_images_of_another_patient_are_not_drawn_on(version, double, images):
    strangers = copy.deepcopy(images)
    for each in strangers:
        each.PatientID = "SOMEBODY-ELSE"
    double.answers = serving(*strangers)
    archive_images.forget()
    drawing = drawing_of(version)
    assert not any(plane.picture for plane in drawing.planes)
    assert "12 images of the archive are of another patient or study" in drawing.note


def test_an_archive_that_answers_with_another_study_is_not_believed(rendered, version, double, images):
    others = copy.deepcopy(images)
    for each in others:
        each.StudyInstanceUID = "1.2.3"
    plain = serving(*others)
    double.answers = lambda asked: plain(type(asked)("/dicom-web/studies/1.2.3/metadata", [], asked.headers))
    archive_images.forget()
    assert rendered().status_code == 502


def test_while_the_archive_is_away_the_page_says_so_and_a_picture_is_refused(rendered, reader, version, double):
    double.answers = lambda asked: Answer(b"", "500 Internal Server Error")
    archive_images.forget()
    answer = reader.get(reverse("admin:overlays_overlayversion_review", args=[version.pk]))
    assert "Images of the archive are missing here. The archive answers with the status 500." in answer.content.decode()
    assert rendered().status_code == 502


def test_an_image_that_does_not_come_is_told_of(reader, version, double):
    address = page(version)
    double.answers = lambda asked: Answer(b"", "500 Internal Server Error")
    answer = reader.get(address)
    assert (answer.status_code, answer.content) == (502, b"The archive answers with the status 500.")


def test_an_archive_that_is_silent_is_told_of(rendered, version, double, settings):
    settings.OVERLAYS_ARCHIVE_SECONDS = 0.2
    double.answers = lambda asked: time.sleep(0.6)
    archive_images.forget()
    answer = rendered()
    assert (answer.status_code, answer.json()["code"]) == (504, "archive_too_slow")


def test_a_picture_that_lacked_its_image_is_not_kept_by_the_browser(reader, version, double):
    address = reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, version.sha256[:16]])
    double.answers = lambda asked: Answer(b"", "500 Internal Server Error")
    archive_images.forget()
    assert reader.get(address).status_code == 502


def test_sizes_and_places_that_cannot_be_are_no_ground(version, double, images):
    plain = serving(*images)

    def answers(asked):
        answer = plain(asked)
        answer.body = answer.body.replace(
            b'"00280010": {"vr": "US", "Value": [16]}', b'"00280010": {"vr": "US", "Value": [-4]}'
        )
        return answer

    double.answers = answers
    archive_images.forget()
    assert not any(plane.picture for plane in drawing_of(version).planes)


@pytest.mark.slow
@pytest.mark.real
class TestWithOrthanc:
    """Against a real archive."""

    @pytest.fixture
    def held(self, orthanc, images, overlay, post, registered):
        orthanc.store(*images)
        registered()
        assert post(to_bytes(overlay)).refusal is None
        accept()
        return OverlayVersion.objects.get()

    def test_every_page_has_its_image(self, held, reader):
        drawing = drawing_of(held)
        assert (len(drawing.planes), drawing.note) == (12, "")
        assert all(reader.get(page(held, index)).status_code == 200 for index in range(12))

    @pytest.mark.parametrize("suffix", ["rendered", "thumbnail"])
    def test_a_result_is_drawn_on_its_image_with_its_label(self, held, rendered, suffix):
        made = pixels(rendered(suffix=suffix, viewport="96,96"))
        assert made.shape[0] > made.shape[1]
        assert np.ptp(made[:96].astype(int), axis=2).min() == 0  # grey of the image beside the colour of the segment
        assert made[:96].max() > 200
