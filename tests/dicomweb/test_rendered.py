"""WADO-RS: pictures of images and results, with the label always on the latter, and of nothing that is withheld."""

import io
from email import message_from_bytes

import numpy as np
import pytest
from PIL import Image

from overlays.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

JPEG, PNG = "image/jpeg", "image/png"


@pytest.fixture
def fetch(called, clinician):
    def get(path: str, accept: str = PNG, actor=clinician, query: dict | None = None, **headers: str):
        return called(actor).get(path, query or {}, headers={"accept": accept} | headers)

    return get


def pixels(answer) -> np.ndarray:
    assert answer.status_code == 200, getattr(answer, "content", "")
    return np.asarray(Image.open(io.BytesIO(b"".join(answer.streaming_content))))


def test_an_image_is_drawn_as_it_is(fetch, scene):
    picture = pixels(fetch(f"{scene.path(scene.images[0])}/rendered"))
    assert picture.shape == (16, 16)


@pytest.mark.parametrize(
    ("accept", "got"),
    [("", JPEG), ("*/*", JPEG), ("image/*", JPEG), (f"{JPEG};q=0.5, {PNG}", PNG), (f"application/dicom, {PNG}", PNG)],
)
def test_the_form_is_the_one_that_the_client_likes(fetch, scene, accept, got):
    answer = fetch(f"{scene.path(scene.images[0])}/rendered", accept)
    assert (answer["Content-Type"], answer["ETag"][0]) == (got, '"')


@pytest.mark.parametrize(("accept", "status"), [("image/gif", 406), ("video/mp4", 406), ("nonsense", 400)])
def test_another_form_is_refused(fetch, scene, accept, status):
    assert fetch(f"{scene.path(scene.images[0])}/rendered", accept).status_code == status


def test_the_window_is_that_asked_for(fetch, scene):
    path = f"{scene.path(scene.images[0])}/rendered"
    dark = pixels(fetch(path, query={"window": "30000,10,linear"}))
    light = pixels(fetch(path, query={"window": "-30000,10,linear"}))
    assert (dark.max(), light.min()) == (0, 255)


@pytest.mark.parametrize(("viewport", "shape"), [("8,8", (8, 8)), ("64,32", (32, 32)), ("10,10,0,0,8,4", (5, 10))])
def test_a_picture_fits_the_viewport_in_its_proportions(fetch, scene, viewport, shape):
    assert pixels(fetch(f"{scene.path(scene.images[0])}/rendered", query={"viewport": viewport})).shape == shape


@pytest.mark.parametrize(
    "query",
    [
        {"viewport": "0,5"},
        {"viewport": "5"},
        {"viewport": "99999,5"},
        {"viewport": "a,b"},
        {"viewport": "5,5,0,0,0,1"},
        {"viewport": ["5,5", "6,6"]},
        {"window": "1,2"},
        {"window": "1,0,linear"},
        {"window": "1,0,sigmoid"},
        {"window": "1,10,cubic"},
        {"window": "nan,10,linear"},
        {"quality": "0"},
        {"quality": "101"},
        {"iccprofile": "srgb"},
        {"annotation": "diagnosis"},
        {"annotation": "patient,"},
        {"unheard": "1"},
    ],
)
def test_a_parameter_that_is_wrong_or_not_supported_is_refused(fetch, scene, query):
    assert fetch(f"{scene.path(scene.images[0])}/rendered", query=query).status_code == 400


@pytest.mark.parametrize("query", [{"quality": "50"}, {"iccprofile": "no"}])
def test_a_parameter_that_changes_nothing_of_a_png_is_taken(fetch, scene, query):
    assert fetch(f"{scene.path(scene.images[0])}/rendered", query=query).status_code == 200


def test_a_result_bears_its_label_below_its_picture(fetch, scene, monkeypatch):
    from overlays.queries import rendered

    written = []
    real = rendered.with_words
    monkeypatch.setattr(rendered, "with_words", lambda made, text: written.append(text) or real(made, text))
    scene.accept()
    for place in ("rendered", "thumbnail", "frames/1/rendered", "frames/1/thumbnail"):
        picture = pixels(fetch(f"{scene.path()}/{place}"))
        assert picture.shape[1] >= 96
        assert (picture[-8:] > 150).any(), place
    assert len(written) == 4
    assert all("AI" in text and "LiverSeg" in text for text in written)


def test_a_result_is_drawn_over_its_image(fetch, scene):
    scene.accept()
    picture = pixels(fetch(f"{scene.path()}/rendered", query={"viewport": "96,96"}))[:96]
    assert (np.ptp(picture.astype(int), axis=2) > 20).any()
    bright = pixels(fetch(f"{scene.path()}/rendered", query={"viewport": "96,96", "window": "-30000,10,linear"}))[:96]
    assert bright.mean() > picture.mean()


def test_images_beyond_the_grant_are_not_drawn_below(fetch, scene, monkeypatch):
    from overlays.queries import rendered

    scene.accept()
    with_image = pixels(fetch(f"{scene.path()}/rendered", query={"window": "-30000,10,linear"}))
    monkeypatch.setattr(rendered, "_may_be_seen", lambda *_: False)
    without = pixels(fetch(f"{scene.path()}/rendered", query={"window": "-30000,10,linear"}))
    assert with_image[:16].mean() > without[:16].mean() + 20


@pytest.mark.parametrize("place", ["rendered", "thumbnail", "frames/1/rendered", "frames/1/thumbnail"])
def test_there_is_no_picture_of_what_is_withheld(fetch, scene, place):
    assert fetch(f"{scene.path()}/{place}").status_code == 404


def test_a_picture_that_leaves_is_recorded(fetch, scene):
    scene.accept()
    fetch(f"{scene.path()}/rendered")
    assert AuditEntry.objects.get(event="instances:retrieved").data["form"] == "rendered"


def test_an_unchanged_picture_is_not_sent_again_and_a_new_label_is_a_new_picture(fetch, scene):
    scene.accept()
    path = f"{scene.path()}/rendered"
    tag = fetch(path)["ETag"]
    assert fetch(path, **{"If-None-Match": tag}).status_code == 304
    scene.set(reviewed_by="S. Other")
    assert fetch(path, **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("frames", "status"), [("0", 404), ("99", 404), ("1,2", 400), ("x", 400)])
def test_a_frame_that_is_not_there_is_not_drawn(fetch, scene, frames, status):
    scene.accept()
    assert fetch(f"{scene.path()}/frames/{frames}/rendered").status_code == status


@pytest.mark.parametrize("level", ["study", "series"])
def test_the_thumbnail_of_a_study_or_series_is_that_of_an_image(fetch, scene, level):
    path = f"/dicom-web/studies/{scene.study}"
    path += f"/series/{scene.images[0].SeriesInstanceUID}" if level == "series" else ""
    assert max(pixels(fetch(f"{path}/thumbnail")).shape) == 160
    assert pixels(fetch(f"{path}/thumbnail", query={"viewport": "32,32"})).shape == (32, 32)


def test_a_thumbnail_is_asked_for_as_the_viewer_does(fetch, scene):
    path = f"/dicom-web/studies/{scene.study}/series/{scene.images[0].SeriesInstanceUID}/thumbnail"
    answer = fetch(path, JPEG, query={"viewport": "256,256"})
    assert (answer.status_code, answer["Content-Type"]) == (200, JPEG)


def parts(answer) -> list[np.ndarray]:
    assert answer.status_code == 200, getattr(answer, "content", "")
    body = f"Content-Type: {answer['Content-Type']}\r\n\r\n".encode() + b"".join(answer.streaming_content)
    found = message_from_bytes(body).get_payload()
    return [np.asarray(Image.open(io.BytesIO(each.get_payload(decode=True)))) for each in found]


@pytest.mark.parametrize(
    ("window", "middle"), [("-990,4,linear-exact", 128), ("-990,4,sigmoid", 128), ("-990,4,linear", 170)]
)
def test_a_window_has_the_function_that_is_asked_for(fetch, scene, window, middle):
    found = pixels(fetch(f"{scene.path(scene.images[0])}/rendered", query={"window": window}))
    values = scene.images[0].pixel_array * float(scene.images[0].RescaleSlope) + float(scene.images[0].RescaleIntercept)
    assert set(found[values == -990]) == {middle}


def test_what_is_asked_to_stand_on_a_picture_stands_below_it(fetch, scene, monkeypatch):
    from overlays.queries import rendered

    written = []
    real = rendered.with_words
    monkeypatch.setattr(rendered, "with_words", lambda made, text: written.append(text) or real(made, text))
    image = scene.images[0]
    path = f"{scene.path(image)}/rendered"
    assert pixels(fetch(path)).shape[0] == 16
    assert pixels(fetch(path, query={"annotation": "patient,technique"})).shape[0] > 16
    (text,) = written
    assert str(image.PatientID) in text
    assert "CT" in text


@pytest.mark.parametrize("query", [{"annotation": "patient"}, {}])
def test_the_label_stays_whatever_else_is_asked_to_stand_there(fetch, scene, monkeypatch, query):
    from overlays.queries import rendered

    written = []
    real = rendered.with_words
    monkeypatch.setattr(rendered, "with_words", lambda made, text: written.append(text) or real(made, text))
    scene.accept()
    fetch(f"{scene.path()}/rendered", query=query)
    assert written[0].startswith("AI")


class TestStudiesAndSeries:
    """A picture of each instance."""

    @pytest.mark.parametrize("accept", ["", "*/*", PNG, f'multipart/related; type="{PNG}"', "multipart/related"])
    def test_each_instance_that_may_be_seen_is_drawn(self, fetch, scene, accept):
        study = f"/dicom-web/studies/{scene.study}/rendered"
        before = parts(fetch(study, accept))
        assert len(before) == len(scene.images)
        scene.accept()
        assert len(parts(fetch(study, accept))) == len(scene.images) + 1

    def test_a_series_of_results_bears_its_labels(self, fetch, scene, monkeypatch):
        from overlays.queries import rendered

        written = []
        real = rendered.with_words
        monkeypatch.setattr(rendered, "with_words", lambda made, text: written.append(text) or real(made, text))
        scene.accept()
        path = scene.path().rpartition("/instances/")[0]
        assert len(parts(fetch(f"{path}/rendered"))) == 1
        assert "LiverSeg" in written[0]

    def test_a_series_that_is_withheld_is_not_there(self, fetch, scene):
        path = scene.path().rpartition("/instances/")[0]
        assert fetch(f"{path}/rendered").status_code == 404

    def test_what_leaves_is_recorded(self, fetch, scene):
        scene.accept()
        parts(fetch(f"/dicom-web/studies/{scene.study}/rendered"))
        assert AuditEntry.objects.get(event="instances:retrieved").data["form"] == "rendered"

    @pytest.mark.parametrize(("accept", "status"), [("image/gif", 406), ("application/dicom", 406), ("nonsense", 400)])
    def test_another_form_is_refused(self, fetch, scene, accept, status):
        assert fetch(f"/dicom-web/studies/{scene.study}/rendered", accept).status_code == status

    def test_too_many_are_refused(self, fetch, scene, monkeypatch):
        monkeypatch.setattr("overlays.dicomweb.rendered_whole.MOST_DRAWN", 1)
        answer = fetch(f"/dicom-web/studies/{scene.study}/rendered")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large_to_draw")

    def test_the_head_of_it_draws_nothing(self, called, clinician, scene, monkeypatch):
        monkeypatch.setattr("overlays.dicomweb.rendered.picture_of", None)
        answer = called(clinician).head(f"/dicom-web/studies/{scene.study}/rendered")
        assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"")
